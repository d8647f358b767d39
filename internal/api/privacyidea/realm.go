package privacyidea

import (
	"context"
	"strings"

	"symbolon/internal/api/envelope"
	"symbolon/internal/fault"
	"symbolon/internal/manage"
)

// envelopeParams are parameters of the request, not of what it is about.
var envelopeParams = [...]string{"nonce", "client", "session"}

// realmView is a realm as GET /realm/ shows it.
func (s *Server) realmView(r manage.ListedRealm) map[string]any {
	links := []any{}
	for _, l := range r.Links {
		v := map[string]any{"name": l.Resolver, "type": l.Type, "priority": nil, "node": l.Node}
		if l.Priority != nil {
			v["priority"] = *l.Priority
		}
		if s.Profile.Product == EduMFA {
			delete(v, "node")
		}
		links = append(links, v)
	}
	v := map[string]any{"id": r.ID, "default": r.Default, "resolver": links}
	if s.Profile.Product == EduMFA {
		v["option"] = ""
	}
	return v
}

func (s *Server) realmList(ctx context.Context, r *Request) (Answer, error) {
	list, err := manage.Realms(ctx, r.Session)
	v := map[string]any{}
	for _, x := range list {
		v[x.Name] = s.realmView(x)
	}
	return Answer{Value: v}, err
}

// realmSuperuser lists the realms whose users are administrators.
func (s *Server) realmSuperuser(ctx context.Context, r *Request) (Answer, error) {
	list, err := manage.AdminRealms(ctx, r.Session, s.desk())
	return Answer{Value: anys(list)}, err
}

func (s *Server) realmSet(ctx context.Context, r *Request) (Answer, error) {
	in := manage.RealmInput{Priorities: map[string]string{}}
	var err error
	if in.Name, err = r.Require("realm"); err != nil {
		return Answer{}, err
	}
	list, given, err := r.List("resolvers")
	if err != nil {
		return Answer{}, err
	}
	if given {
		in.Resolvers = append([]string{}, list...)
	}
	for name, v := range r.Params {
		if resolver, ok := strings.CutPrefix(name, "priority."); ok {
			if _, worded := v.(string); worded && s.Profile.Product == EduMFA {
				continue // recorded: only a JSON number is a priority there
			}
			text, ok := envelope.ScalarText(v)
			if v != nil && !ok {
				return Answer{}, fault.New(fault.NotANumber, name)
			}
			in.Priorities[resolver] = text
		}
	}
	return realmAnswer(manage.SetRealm(ctx, r.Session, in))
}

func realmAnswer(out manage.RealmOutcome, err error) (Answer, error) {
	return Answer{Value: map[string]any{"added": anys(out.Added), "failed": anys(out.Failed)}}, err
}

// realmSetNode is POST /realm/<realm>/node/<node>: the resolvers of one node.
func (s *Server) realmSetNode(ctx context.Context, r *Request) (Answer, error) {
	in := nodeInput{manage.RealmInput{Priorities: map[string]string{}, Resolvers: []string{}}}
	var err error
	if in.Name, err = r.Require("realm"); err != nil {
		return Answer{}, err
	}
	if in.Node, err = r.Require("nodeid"); err != nil {
		return Answer{}, err
	}
	in.Unreadable = !in.nodeResolvers(r.Params["resolver"])
	return realmAnswer(manage.SetRealm(ctx, r.Session, in.RealmInput))
}

// nodeInput reads the resolvers of a node: a list of names with priorities.
type nodeInput struct{ manage.RealmInput }

func (in *nodeInput) nodeResolvers(v any) bool {
	list, ok := v.([]any)
	for _, e := range list {
		entry, _ := e.(map[string]any)
		name, named := entry["name"].(string)
		text, scalar := envelope.ScalarText(entry["priority"])
		if !named || entry["priority"] != nil && !scalar {
			return false
		}
		in.Resolvers, in.Priorities[name] = append(in.Resolvers, name), text
	}
	return ok
}

func (s *Server) realmDelete(ctx context.Context, r *Request) (Answer, error) {
	name, err := r.Require("realm")
	if err != nil {
		return Answer{}, err
	}
	id, err := manage.DeleteRealm(ctx, r.Session, s.Profile.Manage,
		manage.RealmEnd{Name: name, Attributes: r.True("delete_custom_attributes"), From: s.Attributes})
	return Answer{Value: id}, err
}

func (s *Server) defaultRealm(ctx context.Context, r *Request) (Answer, error) {
	x, err := manage.DefaultRealm(ctx, r.Session)
	v := map[string]any{}
	if x != nil {
		v[x.Name] = s.realmView(*x)
	}
	return Answer{Value: v}, err
}

func (s *Server) defaultRealmSet(ctx context.Context, r *Request) (Answer, error) {
	name, err := r.Require("realm")
	if err != nil {
		return Answer{}, err
	}
	id, err := manage.SetDefaultRealm(ctx, r.Session, name)
	return Answer{Value: id}, err
}

func (s *Server) defaultRealmDelete(ctx context.Context, r *Request) (Answer, error) {
	id, err := manage.DeleteDefaultRealm(ctx, r.Session)
	return Answer{Value: id}, err
}

func (s *Server) resolverList(ctx context.Context, r *Request) (Answer, error) {
	f := manage.ResolverFilter{}
	var err error
	if f.Name, err = r.TextOr("resolver", ""); err != nil {
		return Answer{}, err
	}
	if f.Type, err = r.TextOr("type", ""); err != nil {
		return Answer{}, err
	}
	if f.Editable, err = r.optional("editable"); err != nil {
		return Answer{}, err
	}
	list, err := manage.Resolvers(ctx, r.Session, f)
	v := map[string]any{}
	for _, x := range list {
		values := map[string]any{}
		for k, text := range x.Params {
			values[k] = text
		}
		v[x.Name] = map[string]any{"resolvername": x.Name, "type": x.Type, "data": values, "censor_keys": anys(x.Censored)}
	}
	return Answer{Value: v}, err
}

// optional is a parameter as text, nil when it was not sent.
func (r *Request) optional(name string) (*string, error) {
	text, ok, err := r.Scalar(name)
	if err != nil || !ok {
		return nil, err
	}
	return &text, nil
}

// resolverInput reads the parameters of a resolver.
func (r *Request) resolverInput() (in manage.ResolverInput, err error) {
	if in.Name, err = r.TextOr("resolver", ""); err != nil {
		return in, err
	}
	if in.Type, err = r.optional("type"); err != nil {
		return in, err
	}
	in.Params = map[string]string{}
	for name, v := range r.Without(append(envelopeParams[:], "resolver", "type")...) {
		text, ok := envelope.ScalarText(v)
		if !ok {
			text = jsonText(v)
		}
		in.Params[name] = text
	}
	return in, nil
}

func (s *Server) resolverSet(ctx context.Context, r *Request) (Answer, error) {
	in, err := r.resolverInput()
	if err != nil {
		return Answer{}, err
	}
	id, err := manage.SetResolver(ctx, r.Session, in)
	return Answer{Value: id}, err
}

func (s *Server) resolverDelete(ctx context.Context, r *Request) (Answer, error) {
	name, err := r.Require("resolver")
	if err != nil {
		return Answer{}, err
	}
	id, err := manage.DeleteResolver(ctx, r.Session, name)
	return Answer{Value: id}, err
}

func (s *Server) resolverTest(ctx context.Context, r *Request) (Answer, error) {
	in, err := r.resolverInput()
	if err != nil {
		return Answer{}, err
	}
	ok, possible, err := manage.TestResolver(ctx, r.Session, in)
	text := "Successfully tested the connection."
	switch {
	case !possible:
		text = "Not implemented" // the recorded text for a type without a test
	case !ok:
		text = "The connection could not be made."
	}
	return Answer{Value: ok, Detail: map[string]any{"description": text}}, err
}
