package policy

// What may be done to the server's definitions and records.
var (
	RightConfigWrite = Right{Name: "configwrite", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May change the system configuration."}
	RightConfigDelete = Right{Name: "configdelete", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May delete entries of the system configuration."}
	RightConfigRead = Right{Name: "configread", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May read the system configuration."}
	RightDocumentation = Right{Name: "system_documentation", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May export a description of the configuration."}
	RightPolicyWrite = Right{Name: "policywrite", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May change and import policies."}
	RightPolicyDelete = Right{Name: "policydelete", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May delete policies."}
	RightPolicyRead = Right{Name: "policyread", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May read and export policies."}
	RightResolverWrite = Right{Name: "resolverwrite", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May change resolvers and realms."}
	RightResolverDelete = Right{Name: "resolverdelete", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May delete resolvers and realms."}
	RightResolverRead = Right{Name: "resolverread", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May read resolvers."}
	RightCAConnectorWrite = Right{Name: "caconnectorwrite", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May change CA connectors."}
	RightCAConnectorDelete = Right{Name: "caconnectordelete", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May delete CA connectors."}
	RightCAConnectorRead = Right{Name: "caconnectorread", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May read CA connectors."}
	RightMachineResolverWrite = Right{Name: "mresolverwrite", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May change machine resolvers."}
	RightMachineResolverDelete = Right{Name: "mresolverdelete", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May delete machine resolvers."}
	RightMachineResolverRead = Right{Name: "mresolverread", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May read machine resolvers."}
	RightAuditLog = Right{Name: "auditlog", Scopes: []Scope{Admin, User}, Group: "system", Menus: []string{"audit"}, User: &Shelf{Menus: []string{"audit"}},
		Doc: "May read the audit log; a user, his own records."}
	RightAuditLogDownload = Right{Name: "auditlog_download", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"audit"},
		Doc: "May download the audit log."}
	RightSetHSMPassword = Right{Name: "set_hsm_password", Scopes: []Scope{Admin}, Group: "system",
		Doc: "May unlock the security module."}
	RightSMTPServerWrite = Right{Name: "smtpserver_write", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May change, delete and test mail servers."}
	RightSMTPServerRead = Right{Name: "smtpserver_read", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May read mail servers."}
	RightRADIUSServerWrite = Right{Name: "radiusserver_write", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May change, delete and test RADIUS servers."}
	RightRADIUSServerRead = Right{Name: "radiusserver_read", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May read RADIUS servers."}
	RightRemoteServerWrite = Right{Name: "privacyideaserver_write", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"}, Only: PrivacyIDEA,
		Doc: "May change, delete and test remote servers."}
	RightRemoteServerRead = Right{Name: "privacyideaserver_read", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"}, Only: PrivacyIDEA,
		Doc: "May read remote servers."}
	RightEduMFAServerWrite = Right{Name: "edumfaserver_write", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"}, Only: EduMFA,
		Doc: "May change, delete and test remote servers."}
	RightEduMFAServerRead = Right{Name: "edumfaserver_read", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"}, Only: EduMFA,
		Doc: "May read remote servers."}
	RightPeriodicTaskWrite = Right{Name: "periodictask_write", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May change periodic tasks."}
	RightPeriodicTaskRead = Right{Name: "periodictask_read", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May read periodic tasks."}
	RightStatisticsRead = Right{Name: "statistics_read", Scopes: []Scope{Admin}, Group: "system",
		Doc: "May read statistics."}
	RightStatisticsDelete = Right{Name: "statistics_delete", Scopes: []Scope{Admin}, Group: "system",
		Doc: "May delete statistics."}
	RightEventWrite = Right{Name: "eventhandling_write", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May change event handlers."}
	RightEventRead = Right{Name: "eventhandling_read", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May read event handlers."}
	RightSMSGatewayWrite = Right{Name: "smsgateway_write", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May change SMS gateways."}
	RightSMSGatewayRead = Right{Name: "smsgateway_read", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"config"},
		Doc: "May read SMS gateways."}
	RightClientType = Right{Name: "clienttype", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"components"},
		Doc: "May list the client applications seen."}
	RightSubscription = Right{Name: "managesubscription", Scopes: []Scope{Admin}, Group: "system", Menus: []string{"components"},
		Doc: "Accepted for policies of other servers; there are no subscriptions here."}
	RightTokenGroupList = Right{Name: "tokengroup_list", Scopes: []Scope{Admin}, Group: "tokengroup", Menus: []string{"config"},
		Doc: "May list token groups."}
	RightTokenGroupAdd = Right{Name: "tokengroup_add", Scopes: []Scope{Admin}, Group: "tokengroup", Menus: []string{"config"},
		Doc: "May change token groups."}
	RightTokenGroupDelete = Right{Name: "tokengroup_delete", Scopes: []Scope{Admin}, Group: "tokengroup", Menus: []string{"config"},
		Doc: "May delete token groups."}
	RightServiceIDList = Right{Name: "serviceid_list", Scopes: []Scope{Admin}, Group: "service ID", Menus: []string{"config"},
		Doc: "May list service ids."}
	RightServiceIDAdd = Right{Name: "serviceid_add", Scopes: []Scope{Admin}, Group: "service ID", Menus: []string{"config"},
		Doc: "May change service ids."}
	RightServiceIDDelete = Right{Name: "serviceid_delete", Scopes: []Scope{Admin}, Group: "service ID", Menus: []string{"config"},
		Doc: "May delete service ids."}
	RightAPIClientList = Right{Name: "api_client_list", Scopes: []Scope{Admin}, Group: "API clients", Menus: []string{"config"}, Only: PrivacyIDEA,
		Doc: "May list API clients."}
	RightAPIClientAdd = Right{Name: "api_client_add", Scopes: []Scope{Admin}, Group: "API clients", Menus: []string{"config"}, Only: PrivacyIDEA,
		Doc: "May add API clients."}
	RightAPIClientEdit = Right{Name: "api_client_edit", Scopes: []Scope{Admin}, Group: "API clients", Menus: []string{"config"}, Only: PrivacyIDEA,
		Doc: "May change API clients."}
	RightAPIClientRotate = Right{Name: "api_client_rotate", Scopes: []Scope{Admin}, Group: "API clients", Menus: []string{"config"}, Only: PrivacyIDEA,
		Doc: "May give API clients a new key."}
	RightAPIClientDelete = Right{Name: "api_client_delete", Scopes: []Scope{Admin}, Group: "API clients", Menus: []string{"config"}, Only: PrivacyIDEA,
		Doc: "May delete API clients."}
	RightRememberedDeviceList = Right{Name: "remembered_device_list", Scopes: []Scope{Admin}, Group: "API clients", Menus: []string{"config"}, Only: PrivacyIDEA,
		Doc: "May list remembered devices."}
	RightRememberedDeviceRevoke = Right{Name: "remembered_device_revoke", Scopes: []Scope{Admin}, Group: "API clients", Menus: []string{"config"}, Only: PrivacyIDEA,
		Doc: "May revoke remembered devices."}
)

func systemRights() []Right {
	return []Right{
		RightConfigWrite, RightConfigDelete, RightConfigRead, RightDocumentation, RightPolicyWrite,
		RightPolicyDelete, RightPolicyRead, RightResolverWrite, RightResolverDelete, RightResolverRead,
		RightCAConnectorWrite, RightCAConnectorDelete, RightCAConnectorRead, RightMachineResolverWrite, RightMachineResolverDelete,
		RightMachineResolverRead, RightAuditLog, RightAuditLogDownload, RightSetHSMPassword, RightSMTPServerWrite,
		RightSMTPServerRead, RightRADIUSServerWrite, RightRADIUSServerRead, RightRemoteServerWrite, RightRemoteServerRead,
		RightEduMFAServerWrite, RightEduMFAServerRead, RightPeriodicTaskWrite, RightPeriodicTaskRead, RightStatisticsRead,
		RightStatisticsDelete, RightEventWrite, RightEventRead, RightSMSGatewayWrite, RightSMSGatewayRead,
		RightClientType, RightSubscription, RightTokenGroupList, RightTokenGroupAdd, RightTokenGroupDelete,
		RightServiceIDList, RightServiceIDAdd, RightServiceIDDelete, RightAPIClientList, RightAPIClientAdd,
		RightAPIClientEdit, RightAPIClientRotate, RightAPIClientDelete, RightRememberedDeviceList, RightRememberedDeviceRevoke,
	}
}
