package manage

import (
	"context"

	"symbolon/internal/authn"
	"symbolon/internal/realm"
	"symbolon/internal/setting"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// samlKeys are the user's details that may leave the server with a verdict:
// others send all a resolver knows, password hashes included.
var samlKeys = [...]string{"email", "surname", "givenname", "mobile", "phone", "userid", "description", "gender"}

// SAMLAttributes are what a check tells of the user, where settings want that.
func SAMLAttributes(ctx context.Context, s *authn.Session, a authn.Answer) (realm.Info, error) {
	out := realm.Info{}
	err := s.Look(func(c *token.Case, _ *site.Site) error {
		if !setting.ReturnSAMLAttributes.In(c.Settings) || !a.Who.Known() {
			return nil
		}
		if a.Outcome != authn.Accept && !setting.ReturnSAMLOnFail.In(c.Settings) {
			return nil
		}
		info, _, err := c.Users.Info(ctx, a.Who)
		if err != nil {
			return err
		}
		for _, k := range samlKeys {
			if v, ok := info[k]; ok {
				out[k] = v
			}
		}
		out["username"], out["realm"], out["resolver"] = a.Who.Login, a.Who.Realm, a.Who.Resolver
		return nil
	})
	return out, err
}
