package conformance

import (
	"fmt"
	"net/url"
	"sort"
	"strings"
)

// A server that plays one scenario after another is put back to its start
// before each of them: fixtures alone, nothing that an earlier one has left.

// reset deletes all that an earlier scenario may have left.
func (r *runner) reset() error {
	if r.dialect == linotp {
		return r.linotpReset()
	}
	for _, step := range []func() error{r.resetPolicies, r.resetTokens, r.resetContainers, r.resetEvents, r.resetMore, r.resetDefinitions} {
		if err := step(); err != nil {
			return fmt.Errorf("reset: %w", err)
		}
	}
	r.touched = map[string]bool{}
	return nil
}

func (r *runner) resetTokens() error {
	for {
		a, err := r.must("GET", "/token/?pagesize=100", nil)
		if err != nil {
			return err
		}
		list, _ := lookup(a.body, "result.value.tokens")
		if len(asList(list)) == 0 {
			return nil
		}
		for _, t := range asList(list) {
			serial, _ := lookup(t, "serial")
			if _, err := r.must("DELETE", "/token/"+url.PathEscape(fmt.Sprint(serial)), nil); err != nil {
				return err
			}
		}
	}
}

// A server without containers or events is not at fault here.

func (r *runner) resetContainers() error {
	return r.deleteAll("/container/?pagesize=100", "result.value.containers", "serial", "/container/")
}

func (r *runner) resetEvents() error {
	return r.deleteAll("/event/", "result.value", "id", "/event/")
}

// deleteAll deletes what a list shows; where there is no such list, nothing.
func (r *runner) deleteAll(list, at, key, path string) error {
	a, err := r.must("GET", list, nil)
	if err != nil {
		return nil
	}
	entries, _ := lookup(a.body, at)
	for _, e := range asList(entries) {
		name, _ := lookup(e, key)
		if _, err := r.must("DELETE", path+url.PathEscape(plainText(name)), nil); err != nil {
			return err
		}
	}
	return nil
}

// plainText writes a large number without an exponent.
func plainText(v any) string {
	if f, isNumber := v.(float64); isNumber {
		return fmt.Sprintf("%.0f", f)
	}
	return fmt.Sprint(v)
}

// resetMore deletes what resetDefinitions does not know: realms with custom
// user attributes, the test users' own attributes, CA connectors and container
// templates. What a server does not offer is skipped.
func (r *runner) resetMore() error {
	if r.mayHold("/realm/") || r.mayHold("/resolver/") {
		// realm1 must let go of other resolvers before they are deleted.
		if err := r.fixtures(); err != nil {
			return err
		}
	}
	if !r.mayHold("/realm/") && !r.mayHold("/user/") && !r.mayHold("/caconnector/") && !r.mayHold("/container/") {
		return nil
	}
	realms, _ := r.peek("/realm/", "result.value").(map[string]any)
	for name := range realms {
		if name != "realm1" {
			r.drop("/realm/" + url.PathEscape(name) + "?delete_custom_attributes=1")
		}
	}
	r.resetAttributes()
	for _, e := range asList(r.peek("/caconnector/", "result.value")) {
		if name, ok := lookup(e, "connectorname"); ok {
			r.drop("/caconnector/" + url.PathEscape(fmt.Sprint(name)))
		}
	}
	for _, e := range asList(r.peek("/container/templates", "result.value.templates")) {
		if name, ok := lookup(e, "name"); ok {
			r.drop("/container/template/" + url.PathEscape(fmt.Sprint(name)))
		}
	}
	return nil
}

func (r *runner) resetAttributes() {
	for _, user := range []string{"cornelius", "selfservice", "hans", "nönäscii"} {
		own, _ := r.peek("/user/attribute?realm=realm1&user="+url.QueryEscape(user), "result.value").(map[string]any)
		if len(own) == 0 {
			continue
		}
		// Attributes are deleted by those only whom a policy allows it.
		r.send(call{method: "POST", path: "/policy/reset", as: "admin", form: map[string]string{
			"scope": "admin", "action": "delete_custom_user_attributes=*, policyread, policywrite, policydelete"}})
		for key := range own {
			r.drop("/user/attribute/" + url.PathEscape(key) + "/" + url.PathEscape(user) + "/realm1")
		}
		r.drop("/policy/reset")
	}
}

// peek is the value at a path of an answer, nil where there is none.
func (r *runner) peek(path, at string) any {
	a, err := r.must("GET", path, nil)
	if err != nil {
		return nil
	}
	v, _ := lookup(a.body, at)
	return v
}

// drop deletes what may be there.
func (r *runner) drop(path string) { r.send(call{method: "DELETE", path: path, as: "admin"}) }

// ownRightsLast orders policies for deletion: those that give the
// administrator the right to delete policies come last.
func ownRightsLast(policies []any) []any {
	rank := func(p any) int {
		if scope, _ := lookup(p, "scope"); scope != "admin" {
			return 0
		}
		_, all := lookup(p, "action.*")
		_, right := lookup(p, "action.policydelete")
		realm, _ := lookup(p, "adminrealm")
		switch {
		case !all && !right:
			return 1
		case len(asList(realm)) > 0:
			return 2
		}
		return 3
	}
	sort.SliceStable(policies, func(i, j int) bool { return rank(policies[i]) < rank(policies[j]) })
	return policies
}

// touch notes what a request may have changed.
func (r *runner) touch(method, path string) {
	if r.touched == nil || method == "GET" {
		return
	}
	segment, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	segment, _, _ = strings.Cut(segment, "?")
	r.touched[segment] = true
}

// mayHold tells if a collection may hold more than the fixtures. Event handlers
// and what users do for themselves can change all of them.
func (r *runner) mayHold(path string) bool {
	if r.touched == nil || r.touched["event"] {
		return true
	}
	return r.touched[strings.Trim(path, "/")]
}
