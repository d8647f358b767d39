package policy

// What may be done to containers.
var (
	RightContainerInfo = Right{Name: "container_info", Scopes: []Scope{Admin}, Group: "container", Menus: []string{"tokens"}, Only: PrivacyIDEA,
		Doc: "May write and delete entries of the information of containers."}
	RightContainerState = Right{Name: "container_state", Scopes: []Scope{Admin, User}, Group: "container", Menus: []string{"tokens"}, Only: PrivacyIDEA,
		Doc: "May set the states of containers."}
	RightContainerDescription = Right{Name: "container_description", Scopes: []Scope{Admin, User}, Group: "container", Menus: []string{"tokens"}, Only: PrivacyIDEA,
		Doc: "May change the description of containers."}
	RightContainerCreate = Right{Name: "container_create", Scopes: []Scope{Admin, User}, Group: "container", Menus: []string{"tokens"}, Only: PrivacyIDEA,
		Doc: "May create containers."}
	RightContainerDelete = Right{Name: "container_delete", Scopes: []Scope{Admin, User}, Group: "container", Menus: []string{"tokens"}, Only: PrivacyIDEA,
		Doc: "May delete containers."}
	RightContainerAddToken = Right{Name: "container_add_token", Scopes: []Scope{Admin, User}, Group: "container", Menus: []string{"tokens"}, Only: PrivacyIDEA,
		Doc: "May put tokens into containers; container and token have to match."}
	RightContainerRemoveToken = Right{Name: "container_remove_token", Scopes: []Scope{Admin, User}, Group: "container", Menus: []string{"tokens"}, Only: PrivacyIDEA,
		Doc: "May take tokens out of containers; container and token have to match."}
	RightContainerAssignUser = Right{Name: "container_assign_user", Scopes: []Scope{Admin, User}, Group: "container", Menus: []string{"tokens"}, Only: PrivacyIDEA,
		Doc: "May assign containers to users; a user, one without owner to himself."}
	RightContainerUnassignUser = Right{Name: "container_unassign_user", Scopes: []Scope{Admin, User}, Group: "container", Menus: []string{"tokens"}, Only: PrivacyIDEA,
		Doc: "May take containers from their users."}
	RightContainerRealms = Right{Name: "container_realms", Scopes: []Scope{Admin}, Group: "container", Menus: []string{"tokens"}, Only: PrivacyIDEA,
		Doc: "May set the realms of containers."}
	RightContainerList = Right{Name: "container_list", Scopes: []Scope{Admin, User}, Group: "container", Menus: []string{"tokens"}, Only: PrivacyIDEA,
		Doc: "May see the containers of these realms; a user, his own."}
	RightContainerRegister = Right{Name: "container_register", Scopes: []Scope{Admin, User}, Group: "container", Menus: []string{"tokens"}, Only: PrivacyIDEA,
		Doc: "May start the registration of containers."}
	RightContainerUnregister = Right{Name: "container_unregister", Scopes: []Scope{Admin, User}, Group: "container", Menus: []string{"tokens"}, Only: PrivacyIDEA,
		Doc: "May end the registration of containers."}
	RightContainerRollover = Right{Name: "container_rollover", Scopes: []Scope{Admin, User}, Group: "container", Menus: []string{"tokens"}, Only: PrivacyIDEA,
		Doc: "May start the rollover of containers."}
	RightContainerTemplateCreate = Right{Name: "container_template_create", Scopes: []Scope{Admin, User}, Group: "container", Menus: []string{"tokens"}, Only: PrivacyIDEA,
		Doc: "May change container templates."}
	RightContainerTemplateDelete = Right{Name: "container_template_delete", Scopes: []Scope{Admin, User}, Group: "container", Menus: []string{"tokens"}, Only: PrivacyIDEA,
		Doc: "May delete container templates."}
	RightContainerTemplateList = Right{Name: "container_template_list", Scopes: []Scope{Admin, User}, Group: "container", Menus: []string{"tokens"}, Only: PrivacyIDEA,
		Doc: "May list container templates."}
)

func containerRights() []Right {
	return []Right{
		RightContainerInfo, RightContainerState, RightContainerDescription, RightContainerCreate, RightContainerDelete,
		RightContainerAddToken, RightContainerRemoveToken, RightContainerAssignUser, RightContainerUnassignUser, RightContainerRealms,
		RightContainerList, RightContainerRegister, RightContainerUnregister, RightContainerRollover, RightContainerTemplateCreate,
		RightContainerTemplateDelete, RightContainerTemplateList,
	}
}
