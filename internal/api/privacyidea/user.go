package privacyidea

import (
	"context"
	"strings"

	"symbolon/internal/api/envelope"
	"symbolon/internal/fault"
	"symbolon/internal/manage"
)

// userList is GET /user/.
func (s *Server) userList(ctx context.Context, r *Request) (Answer, error) {
	q, err := s.userSearch(r)
	if err != nil {
		return Answer{}, err
	}
	list, err := manage.Users(ctx, r.Session, s.Profile.Manage, q)
	out := []any{}
	for _, u := range list {
		v := map[string]any{}
		for k, text := range u.Info {
			v[k] = text
		}
		if q.Attributes == nil {
			v["resolver"], v["editable"] = u.Resolver, u.Editable
			if s.Profile.Product != EduMFA {
				v["realm"] = u.Realm
			}
		}
		out = append(out, v)
	}
	return Answer{Value: out}, err
}

// userSearch reads what users are searched by: whatever is no parameter of the
// request itself is a key of the resolvers.
func (s *Server) userSearch(r *Request) (q manage.UserSearch, err error) {
	if realms, given, err := r.realmList(); err != nil {
		return q, err
	} else if given {
		q.Realms = append([]string{}, realms...)
	}
	if q.Resolver, err = r.TextOr("resolver", ""); err != nil {
		return q, err
	}
	if q.Page, err = r.optional("page"); err != nil {
		return q, err
	}
	if q.Size, err = r.optional("pagesize"); err != nil {
		return q, err
	}
	q.Keys = map[string]string{}
	own := append(envelopeParams[:], "realm", "resolver", "page", "pagesize", "include_custom_attributes", "user")
	if s.Profile.Product != EduMFA {
		own = append(own, "attributes")
		custom, given, err := r.Scalar("include_custom_attributes")
		if err != nil {
			return q, err
		}
		q.Noted = !given || envelope.IsTrue(custom)
		text, err := r.TextOr("attributes", "")
		if err != nil {
			return q, err
		}
		if text != "" {
			q.Attributes = words(text)
		}
	}
	for name, v := range r.Without(own...) {
		text, ok := envelope.ScalarText(v)
		if !ok {
			return q, fault.New(fault.ParameterInvalid, name)
		}
		q.Keys[name] = text
	}
	if login, ok, err := r.Scalar("user"); err != nil {
		return q, err
	} else if ok && q.Keys["username"] == "" {
		q.Keys["username"] = login
	}
	return q, nil
}

// realmList is the parameter realm as a list: one name, several divided by
// commas, or a JSON list. An empty one names none.
func (r *Request) realmList() ([]string, bool, error) {
	list, given, err := r.List("realm")
	for i := range list {
		list[i] = strings.ToLower(list[i])
	}
	return list, given && len(list) > 0, err
}

func (r *Request) userInput() (in manage.UserInput, err error) {
	if in.Login, err = r.optional("user"); err != nil {
		return in, err
	}
	in.Resolver, err = r.optional("resolver")
	return in, err
}

func (s *Server) userAdd(ctx context.Context, r *Request) (Answer, error) {
	in, err := r.userInput()
	if err != nil {
		return Answer{}, err
	}
	return Answer{}, manage.AddUser(ctx, r.Session, in)
}

func (s *Server) userUpdate(ctx context.Context, r *Request) (Answer, error) {
	in, err := r.userInput()
	if err != nil {
		return Answer{}, err
	}
	ok, err := manage.UpdateUser(ctx, r.Session, in)
	return Answer{Value: ok}, err
}

func (s *Server) userDelete(ctx context.Context, r *Request) (Answer, error) {
	resolver, err := r.Require("resolvername")
	if err != nil {
		return Answer{}, err
	}
	login, err := r.Require("username")
	if err != nil {
		return Answer{}, err
	}
	ok, err := manage.DeleteUser(ctx, r.Session, resolver, login)
	return Answer{Value: ok}, err
}
