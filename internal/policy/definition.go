package policy

// Definitions returns the right's definition for each of its scopes.
func (a Right) Definitions() []Definition {
	out := make([]Definition, 0, len(a.Scopes))
	for _, s := range a.Scopes {
		d := Definition{Scope: s, Name: a.Name, Type: "bool", Right: true, Doc: a.Doc, Group: a.Group, Menus: a.Menus, Only: a.Only}
		if s == User && a.User != nil {
			d.Group, d.Menus = a.User.Group, a.User.Menus
		}
		out = append(out, d)
	}
	return out
}

func (m Meta) define(kind string, syntax Syntax) Definition {
	return Definition{Scope: m.Scope, Name: m.Name, Type: kind, Doc: m.Doc, Group: m.Group, Menus: m.Menus,
		Values: m.Values, From: m.From, Multiple: m.Multiple, Default: m.Shown, Required: m.Required,
		Syntax: syntax, Only: m.Only}
}

// Definition implements Defined.
func (a Bool) Definition() Definition { return a.define("bool", FreeForm) }

// Definition implements Defined.
func (a Text) Definition() Definition {
	if a.Long {
		return a.define("text", FreeForm)
	}
	return a.define("str", FreeForm)
}

// Definition implements Defined.
func (a Words) Definition() Definition { return a.define("str", FreeForm) }

// Definition implements Defined.
func (a Int) Definition() Definition { return a.define("int", NumberForm) }

// Definition implements Defined.
func (a Span) Definition() Definition { return a.define("str", SpanForm) }

// Definition implements Defined.
func (a Rate) Definition() Definition { return a.define("str", RateForm) }

func definitions(all ...Defined) []Definition {
	out := make([]Definition, len(all))
	for i, a := range all {
		out[i] = a.Definition()
	}
	return out
}
