package privacyidea

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"symbolon/internal/api/envelope"
	"symbolon/internal/fault"
	"symbolon/internal/manage"
	"symbolon/internal/policy"
)

func (s *Server) desk() manage.PolicyDesk {
	return manage.PolicyDesk{Rules: s.Profile.Manage, Catalogue: s.Catalogue, AdminRealms: s.AdminRealms}
}

func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}

// policyView is a policy as lists show it (policies.md 1.1).
func (s *Server) policyView(p policy.Policy) map[string]any {
	actions := map[string]any{}
	for _, a := range p.Actions {
		if a.Bare {
			actions[a.Name] = true
		} else {
			actions[a.Name] = a.Value
		}
	}
	conditions := []any{}
	edu := s.Profile.Product == EduMFA
	for _, c := range p.Conditions {
		row := []any{c.Section, c.Key, c.Comparator, c.Value, c.Active}
		if !edu {
			if c.Missing == "" {
				row = append(row, nil)
			} else {
				row = append(row, c.Missing)
			}
		}
		conditions = append(conditions, row)
	}
	v := map[string]any{"name": p.Name, "active": p.Active, "scope": string(p.Scope), "realm": anys(p.Realms),
		"adminrealm": anys(p.AdminRealms), "adminuser": anys(p.AdminUsers), "resolver": anys(p.Resolvers),
		"check_all_resolvers": p.CheckAllResolvers, "user": anys(p.Users), "client": anys(p.Clients), "time": p.Time,
		"conditions": conditions, "priority": p.Priority, "action": actions}
	if edu {
		v["edumfanode"] = anys(p.Nodes)
		return v
	}
	v["pinode"], v["user_agents"], v["user_case_insensitive"] = anys(p.Nodes), anys(p.UserAgents), p.UserCaseInsensitive
	v["description"] = nil
	if p.Description != nil {
		v["description"] = *p.Description
	}
	return v
}

func (s *Server) policyViews(list []policy.Policy) []any {
	out := []any{}
	for _, p := range list {
		out = append(out, s.policyView(p))
	}
	return out
}

func (s *Server) policyList(ctx context.Context, r *Request) (Answer, error) {
	low := r.LowerKeys()
	f := manage.PolicyFilter{}
	for name, to := range map[string]*string{"name": &f.Name, "realm": &f.Realm, "scope": &f.Scope} {
		text, err := low.TextOr(name, "")
		if err != nil {
			return Answer{}, err
		}
		*to = text
	}
	if text, ok, err := low.Scalar("active"); err != nil {
		return Answer{}, err
	} else if ok {
		f.Active = &text
	}
	list, err := manage.Policies(ctx, r.Session, f)
	return Answer{Value: s.policyViews(list)}, err
}

// listText is a parameter that is a list or comma text, as comma text; nil when
// it was not sent.
func (r *Request) listText(name string) (*string, error) {
	switch v := r.Params[name].(type) {
	case nil:
		return nil, nil
	case []any:
		parts := make([]string, 0, len(v))
		for _, e := range v {
			text, ok := envelope.ScalarText(e)
			if !ok {
				return nil, fault.New(fault.ParameterInvalid, name)
			}
			parts = append(parts, text)
		}
		text := strings.Join(parts, ", ")
		return &text, nil
	}
	return r.optional(name)
}

// actionText is the parameter action: text, a list, or an object whose true
// values are actions without value (policies.md 1.2).
func (r *Request) actionText() (*string, error) {
	object, ok := r.Params["action"].(map[string]any)
	if !ok {
		return r.listText("action")
	}
	var parts []string
	for _, name := range sortedKeys(object) {
		v := object[name]
		if v == true {
			parts = append(parts, name)
			continue
		}
		text, ok := envelope.ScalarText(v)
		if !ok {
			return nil, fault.New(fault.ParameterInvalid, "action")
		}
		parts = append(parts, name+"="+text)
	}
	text := strings.Join(parts, ", ")
	return &text, nil
}

// conditions reads the list of conditions, also as the text of a JSON list.
func (r *Request) conditions() ([][]any, error) {
	v := r.Params["conditions"]
	if text, ok := v.(string); ok && strings.TrimSpace(text) != "" {
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			return nil, fault.New(fault.ParameterInvalid, "conditions")
		}
	} else if ok {
		return nil, nil
	}
	if v == nil {
		return nil, nil
	}
	list, ok := v.([]any)
	if !ok {
		return nil, fault.New(fault.ParameterInvalid, "conditions")
	}
	out := [][]any{}
	for _, e := range list {
		values, ok := e.([]any)
		if !ok {
			return nil, fault.New(fault.ParameterInvalid, "conditions")
		}
		out = append(out, values)
	}
	return out, nil
}

func (s *Server) policySet(ctx context.Context, r *Request) (Answer, error) {
	var in manage.PolicyText
	var err error
	if in.Name, err = r.Require("name"); err != nil {
		return Answer{}, err
	}
	node := "pinode"
	if s.Profile.Product == EduMFA {
		node = "edumfanode"
	}
	for name, to := range map[string]**string{"realm": &in.Realm, "resolver": &in.Resolver, "user": &in.User, "client": &in.Client,
		node: &in.Node, "adminrealm": &in.AdminRealm, "adminuser": &in.AdminUser, "user_agents": &in.UserAgents} {
		if *to, err = r.listText(name); err != nil {
			return Answer{}, err
		}
	}
	for name, to := range map[string]**string{"scope": &in.Scope, "time": &in.Time, "priority": &in.Priority,
		"description": &in.Description, "active": &in.Active, "check_all_resolvers": &in.CheckAllResolvers,
		"user_case_insensitive": &in.UserCaseInsensitive} {
		if *to, err = r.optional(name); err != nil {
			return Answer{}, err
		}
	}
	if in.Action, err = r.actionText(); err != nil {
		return Answer{}, err
	}
	if in.Conditions, err = r.conditions(); err != nil {
		return Answer{}, err
	}
	id, err := manage.SetPolicy(ctx, r.Session, s.desk(), in)
	return Answer{Value: map[string]any{"setPolicy " + in.Name: id}}, err
}

func (s *Server) policyRename(ctx context.Context, r *Request) (Answer, error) {
	old, err := r.Require("old_name")
	if err != nil {
		return Answer{}, err
	}
	to, err := r.optional("name")
	if err != nil {
		return Answer{}, err
	}
	id, err := manage.RenamePolicy(ctx, r.Session, s.desk(), old, to)
	return Answer{Value: id}, err
}

func (s *Server) policyEnable(ctx context.Context, r *Request) (Answer, error) {
	return s.policySwitch(ctx, r, true)
}

func (s *Server) policyDisable(ctx context.Context, r *Request) (Answer, error) {
	return s.policySwitch(ctx, r, false)
}

func (s *Server) policySwitch(ctx context.Context, r *Request, active bool) (Answer, error) {
	name, err := r.Require("name")
	if err != nil {
		return Answer{}, err
	}
	id, err := manage.SwitchPolicy(ctx, r.Session, s.Profile.Manage, name, active)
	return Answer{Value: id}, err
}

func (s *Server) policyDelete(ctx context.Context, r *Request) (Answer, error) {
	name, err := r.Require("name")
	if err != nil {
		return Answer{}, err
	}
	id, err := manage.DeletePolicy(ctx, r.Session, name)
	return Answer{Value: id}, err
}

func (s *Server) policyExport(ctx context.Context, r *Request) (Answer, error) {
	name, err := r.Require("export")
	if err != nil {
		return Answer{}, err
	}
	text, err := manage.ExportPolicies(ctx, r.Session, s.desk())
	return attachment("text/plain", name, []byte(text)), err
}

// attachment is a file that the caller saves.
func attachment(kind, name string, body []byte) Answer {
	clean := strings.Map(func(c rune) rune {
		if c < ' ' || c == '"' || c == '\\' || c == 0x7f {
			return '_'
		}
		return c
	}, name)
	return Answer{Raw: &Raw{Type: kind, Body: body}, Header: http.Header{"Content-Disposition": {"attachment; filename=" + clean}}}
}

func (s *Server) policyImport(ctx context.Context, r *Request) (Answer, error) {
	var content []byte
	if file, ok := r.File("file"); ok {
		content = append([]byte{}, file.Content...)
	}
	n, err := manage.ImportPolicies(ctx, r.Session, s.desk(), content)
	return Answer{Value: n}, err
}

func (s *Server) policyCheck(ctx context.Context, r *Request) (Answer, error) {
	low := r.LowerKeys()
	var in manage.PolicyCheck
	for name, to := range map[string]**string{"user": &in.User, "realm": &in.Realm, "scope": &in.Scope, "action": &in.Action,
		"client": &in.Client, "resolver": &in.Resolver} {
		text, ok, err := low.Scalar(name)
		if err != nil {
			return Answer{}, err
		}
		if ok {
			*to = &text
		}
	}
	list, err := manage.CheckPolicies(ctx, r.Session, s.Profile.Manage, in)
	if err != nil {
		return Answer{}, err
	}
	if len(list) == 0 {
		return Answer{Value: map[string]any{"allowed": false, "info": "No policies found"}}, nil
	}
	return Answer{Value: map[string]any{"allowed": true, "policy": s.policyViews(list)}}, nil
}

// policyDefinitions is GET /policy/defs, of all scopes or of one; conditions and
// nodes are asked for in the place of a scope.
func (s *Server) policyDefinitions(ctx context.Context, r *Request) (Answer, error) {
	scope, err := r.TextOr("scope", "")
	if err != nil {
		return Answer{}, err
	}
	switch scope {
	case "conditions":
		if err := manage.MayReadPolicies(ctx, r.Session, s.Profile.Manage); err != nil {
			return Answer{}, err
		}
		return Answer{Value: s.conditionDefinitions()}, nil
	case "pinodes", "edumfanodes":
		list, err := manage.PolicyNodes(ctx, r.Session, s.desk())
		return Answer{Value: anys(list)}, err
	}
	all, err := manage.PolicyDefinitions(ctx, r.Session, s.desk())
	if err != nil {
		return Answer{}, err
	}
	v := map[string]any{}
	for name, list := range all {
		if len(list) == 0 { // a scope that is legal and has no actions
			continue
		}
		v[string(name)] = s.definitionViews(list)
	}
	if scope != "" {
		return Answer{Value: v[scope]}, nil
	}
	return Answer{Value: v}, nil
}

func (s *Server) definitionViews(list []policy.Definition) map[string]any {
	v := map[string]any{}
	for _, d := range list {
		e := map[string]any{"type": d.Type, "desc": d.Doc}
		if d.Group != "" {
			e["group"] = d.Group
		}
		if d.Menus != nil {
			e[s.Profile.menuKey(d)] = anys(d.Menus)
		}
		if d.Values != nil {
			e["value"] = definitionValues(d)
		}
		if d.Multiple {
			e["multiple"] = true
		}
		if d.Default != "" {
			e["default"] = d.Default
		}
		if d.Required {
			e["required"] = true
		}
		v[d.Name] = e
	}
	return v
}

// menuKey is the key under which a definition names its menus. eduMFA has one
// with blanks before it, and its pages are made for that.
func (p *Profile) menuKey(d policy.Definition) string {
	if p.Product == EduMFA && d.Name == policy.RightResolverRead.Name {
		return "   mainmenu"
	}
	return "mainmenu"
}

// definitionValues are the values a user interface offers, numbers as numbers.
func definitionValues(d policy.Definition) []any {
	out := []any{}
	for _, v := range d.Values {
		if n, err := strconv.Atoi(v); err == nil && d.Type == "int" {
			out = append(out, n)
		} else {
			out = append(out, v)
		}
	}
	return out
}

// conditionDefinitions is GET /policy/defs/conditions.
func (s *Server) conditionDefinitions() map[string]any {
	named := func(list []policy.Described, shown bool) map[string]any {
		v := map[string]any{}
		for _, d := range list {
			e := map[string]any{"description": d.Doc}
			if shown {
				e["display_value"] = d.Shown
			}
			v[d.Name] = e
		}
		return v
	}
	v := map[string]any{"sections": named(policy.ConditionSections(string(s.Profile.Product)), false),
		"comparators": named(policy.Comparators(string(s.Profile.Product)), false)}
	if s.Profile.Product != EduMFA {
		v["handle_missing_data"] = named(policy.MissingData(), true)
	}
	return v
}
