package privacyidea

import (
	"context"

	"symbolon/internal/fault"
	"symbolon/internal/manage"
	"symbolon/internal/token"
)

// userAttributeSet is POST /user/attribute.
func (s *Server) userAttributeSet(ctx context.Context, r *Request) (Answer, error) {
	u, err := r.User(ctx)
	if err != nil {
		return Answer{}, err
	}
	var a token.Attribute
	for _, p := range []struct {
		name string
		to   *string
	}{{"key", &a.Key}, {"value", &a.Text}} {
		if *p.to, err = r.Require(p.name); err != nil {
			return Answer{}, err
		}
	}
	if a.Type, err = r.TextOr("type", ""); err != nil {
		return Answer{}, err
	}
	id, err := manage.SetAttribute(ctx, r.Session, s.Attributes, u, a)
	return Answer{Value: int64(id)}, err
}

// userAttribute is GET /user/attribute: all, or one.
func (s *Server) userAttribute(ctx context.Context, r *Request) (Answer, error) {
	u, err := r.User(ctx)
	if err != nil {
		return Answer{}, err
	}
	key, err := r.TextOr("key", "")
	if err != nil {
		return Answer{}, err
	}
	all, err := manage.UserAttributes(ctx, r.Session, s.Attributes, u)
	if err != nil {
		return Answer{}, err
	}
	if key != "" {
		if text, ok := all[key]; ok {
			return Answer{Value: text}, nil
		}
		return Answer{}, nil
	}
	v := map[string]any{}
	for k, text := range all {
		v[k] = text
	}
	return Answer{Value: v}, nil
}

// userInternalAttribute is GET /user/internal_attribute: what the server keeps of
// a user for itself. It keeps nothing that is shown.
func (s *Server) userInternalAttribute(ctx context.Context, r *Request) (Answer, error) {
	u, err := r.User(ctx)
	if err != nil {
		return Answer{}, err
	}
	return Answer{Value: map[string]any{}}, manage.MayReadInternal(ctx, r.Session, u)
}

// userEditableAttributes is GET /user/editable_attributes/.
func (s *Server) userEditableAttributes(ctx context.Context, r *Request) (Answer, error) {
	u, err := r.User(ctx)
	if err != nil {
		return Answer{}, err
	}
	e, err := manage.EditableAttributes(ctx, r.Session, u)
	set := map[string]any{}
	for key, values := range e.Set {
		set[key] = anys(values)
	}
	return Answer{Value: map[string]any{"set": set, "delete": anys(e.Delete)}}, err
}

// userAttributeDelete is DELETE /user/attribute/<attrkey>/<username>/<realm>.
func (s *Server) userAttributeDelete(ctx context.Context, r *Request) (Answer, error) {
	key, err := r.Require("attrkey")
	if err != nil {
		return Answer{}, err
	}
	u, err := r.Site.Users.Find(ctx, r.Path["username"], r.Path["realm"], "")
	if err != nil {
		return Answer{}, err
	}
	n, err := manage.DeleteAttribute(ctx, r.Session, s.Attributes, u, key)
	return Answer{Value: n}, err
}

// userSettings is GET /user/settings.
func (s *Server) userSettings(ctx context.Context, r *Request) (Answer, error) {
	v, err := manage.OwnSettings(ctx, r.Session, s.Attributes)
	return Answer{Value: v}, err
}

// userSettingsSet is POST /user/settings.
func (s *Server) userSettingsSet(ctx context.Context, r *Request) (Answer, error) {
	if !r.Has("settings") {
		return Answer{}, fault.New(fault.ParameterMissing, "settings")
	}
	object, ok := r.Params["settings"].(map[string]any)
	if !ok {
		return Answer{}, fault.New(fault.SettingsNoObject)
	}
	v, err := manage.SetOwnSettings(ctx, r.Session, s.Attributes, object, r.True("replace"))
	return Answer{Value: v}, err
}

// userSettingsDelete is DELETE /user/settings and /user/settings/<key>.
func (s *Server) userSettingsDelete(ctx context.Context, r *Request) (Answer, error) {
	v, err := manage.DeleteOwnSettings(ctx, r.Session, s.Attributes, r.Path["key"])
	return Answer{Value: v}, err
}
