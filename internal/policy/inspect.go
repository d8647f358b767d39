package policy

// inspect warns of what a policy says that has no effect, or one its author
// will not expect.
func inspect(c *compiled, cat *Catalogue, warn func(string, ...any)) {
	if len(c.Actions) == 0 {
		warn("has no actions: nothing is granted by it, though its scope counts as configured")
	}
	if c.hours.never() {
		warn("time %q never comes: ranges of days do not go over Sunday", c.Time)
	}
	for _, n := range c.nodes {
		if n == "*" {
			warn("node * is no wildcard: leave the list empty")
		}
	}
	if onlyClients(c) {
		warn("is limited only by what the client says of itself (user agent, headers, parameters): this is no protection")
	}
	if cat == nil {
		return
	}
	if cat.scopes[c.Scope] == nil {
		warn("scope %q is unknown", c.Scope)
		return
	}
	for _, a := range c.Actions {
		inspectAction(a, c.Scope, cat, warn)
	}
}

func inspectAction(a Action, scope Scope, cat *Catalogue, warn func(string, ...any)) {
	if a.Name == "*" {
		return
	}
	name, excluded := negated(a.Name)
	d, ok := cat.definition(scope, name)
	switch {
	case !ok:
		warn("action %q is unknown in scope %s", name, scope)
	case excluded || d.Type == "bool":
	case a.Bare && name != Passthru.Name:
		warn("action %q has no value, so it has no effect", name)
	case !a.Bare && !d.Syntax.fits(a.Value):
		warn("action %q: the value %q cannot be read, so it has no effect", name, a.Value)
	}
}

// fits reports whether a value has the form.
func (s Syntax) fits(value string) bool {
	value, _ = unquote(value)
	var err error
	switch s {
	case NumberForm:
		_, err = parseNumber(value)
	case SpanForm:
		_, err = ParseSpan(value)
	case RateForm:
		_, err = ParseRate(value)
	}
	return err == nil
}

// onlyClients reports whether an administrators' policy is restricted, but by
// nothing that the client does not choose (policies.md W6).
func onlyClients(c *compiled) bool {
	if c.Scope != Admin || c.realms.restricts || c.realmsOf.restricts || c.users.restricts || c.admins.restricts ||
		c.resolvers.restricts || len(c.Clients) > 0 {
		return false
	}
	chosen := len(c.UserAgents) > 0
	for _, t := range c.tests {
		switch t.Section {
		case SectionHeader, SectionRequest:
			chosen = true
		default:
			return false
		}
	}
	return chosen
}
