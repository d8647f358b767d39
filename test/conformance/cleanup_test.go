package conformance

import (
	"fmt"
	"net/url"
	"sort"
)

// definitions are the collections an administrator fills and a scenario may
// have added to: the list to read, the key of an entry's name when the list is
// no object by name, and the entries the fixtures own.
var definitions = []struct {
	path, key string
	keep      string
}{
	{path: "/smtpserver/"},
	{path: "/smsgateway/", key: "name"},
	{path: "/radiusserver/"},
	{path: "/privacyideaserver/"},
	{path: "/edumfaserver/"},
	{path: "/tokengroup/"},
	{path: "/serviceid/"},
	{path: "/machineresolver/"},
	{path: "/periodictask/", key: "id"},
	{path: "/clients/", key: "id"},
	{path: "/realm/", keep: "realm1"},
	{path: "/resolver/", keep: "reso1"},
}

// resetPolicies deletes all policies.
func (r *runner) resetPolicies() error {
	a, err := r.must("GET", "/policy/", nil)
	if err != nil {
		return nil
	}
	list, _ := lookup(a.body, "result.value")
	for _, p := range ownRightsLast(asList(list)) {
		name, _ := lookup(p, "name")
		if _, err := r.must("DELETE", "/policy/"+url.PathEscape(fmt.Sprint(name)), nil); err != nil {
			return err
		}
	}
	return nil
}

// resetDefinitions deletes the definitions and system settings that an earlier
// scenario may have left. A server without one of the collections is not at
// fault here; the scenarios that use it will tell.
func (r *runner) resetDefinitions() error {
	for _, d := range definitions {
		if !r.mayHold(d.path) {
			continue
		}
		a, err := r.must("GET", d.path, nil)
		if err != nil {
			continue
		}
		value, _ := lookup(a.body, "result.value")
		for _, name := range entryNames(value, d.key) {
			if name == d.keep {
				continue
			}
			if _, err := r.must("DELETE", d.path+url.PathEscape(name), nil); err != nil {
				return err
			}
		}
	}
	if err := r.resetSystem(); err != nil {
		return err
	}
	if !r.mayHold("/realm/") && !r.mayHold("/defaultrealm") {
		return nil
	}
	_, err := r.must("POST", "/defaultrealm/realm1", map[string]string{})
	return err
}

// entryNames are the names of a collection: its keys, or what its entries have
// under key.
func entryNames(collection any, key string) (names []string) {
	if byName, ok := collection.(map[string]any); ok {
		for name := range byName {
			names = append(names, name)
		}
	}
	for _, e := range asList(collection) {
		name, _ := lookup(e, key)
		names = append(names, plainText(name))
	}
	sort.Strings(names)
	return names
}

// firstSettings are the system settings a new server shows, all True. The
// others an earlier run, cut short, may have left.
var firstSettings = map[string]bool{"PrependPin": true, "splitAtSign": true, "IncFailCountOnFalsePin": true, "ReturnSamlAttributes": true}

// resetSystem sets the first settings that the server has to True and deletes
// all others.
func (r *runner) resetSystem() error {
	if r.system != nil && !r.mayHold("/system/") {
		return nil
	}
	a, err := r.must("GET", "/system/", nil)
	if err != nil {
		return nil
	}
	value, _ := lookup(a.body, "result.value")
	now, _ := value.(map[string]any)
	delete(now, "__timestamp__") // the server's own
	if r.system == nil {
		r.system = map[string]string{}
		for k := range now {
			if firstSettings[k] {
				r.system[k] = "True"
			}
		}
	}
	for k := range now {
		if _, ok := r.system[k]; !ok {
			if _, err := r.must("DELETE", "/system/"+url.PathEscape(k), nil); err != nil {
				return err
			}
		}
	}
	for k, v := range r.system {
		if old, ok := now[k]; !ok || fmt.Sprint(old) != v {
			if _, err := r.must("POST", "/system/setConfig", map[string]string{k: v}); err != nil {
				return err
			}
		}
	}
	return nil
}
