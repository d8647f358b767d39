package privacyidea

import (
	"context"
	"net/http"
	"strings"

	"symbolon/internal/policy"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// HideByPolicy amends an error of the authentication end points as policies of
// privacyIDEA want it (rest-api.md 3.7 and 4.6): one text for all reasons, and one
// status for all errors. The record keeps the reason. It is Server.Harden.
func HideByPolicy(ctx context.Context, req *Request, r *Refusal) {
	login := strings.HasPrefix(req.Route.Path, "/validate/") || req.Route.Path == "/auth" && req.HTTP.Method == http.MethodPost
	if !login || r.Status >= http.StatusInternalServerError {
		return
	}
	if refusedLogin(r) && hidden(ctx, req, policy.HideSpecificErrorMessage, aboutUser(ctx, req)) {
		const text = "Authentication failed."
		*r = Refusal{Status: http.StatusUnauthorized, Code: 403, Message: text, Detail: map[string]any{"message": text}}
	}
	if r.Status >= http.StatusBadRequest && hidden(ctx, req, policy.HideAuthErrorStatus, token.About{}) {
		r.Status = http.StatusUnauthorized
	}
}

// refusedLogin: the error says that somebody could not be authenticated, or that
// there is no such user.
func refusedLogin(r *Refusal) bool {
	return r.Code == 904 || r.Status == http.StatusUnauthorized && (r.Code == 403 || r.Code/10 == 403)
}

// VersionHiddenByPolicy tells whether callers without a login are not told the
// version (rest-api.md 3.6). It is Server.HideVersion.
func VersionHiddenByPolicy(ctx context.Context, req *Request) bool {
	return hidden(ctx, req, policy.HideVersion, token.About{})
}

// aboutUser is the user a request names: whoever asks for a user that does not
// exist is matched by the name that was sent.
func aboutUser(ctx context.Context, req *Request) token.About {
	u, _ := req.User(ctx)
	if !u.Named() {
		u.Login, u.Realm, u.Resolver = req.Named.Login, req.Named.Realm, req.Named.Resolver
	}
	return token.About{User: &u}
}

// hidden: a policy that cannot be evaluated counts as none.
func hidden(ctx context.Context, req *Request, action policy.Bool, about token.About) (on bool) {
	if req.Session == nil || req.Profile.Product == EduMFA {
		return false
	}
	err := req.Session.Look(func(c *token.Case, _ *site.Site) (err error) {
		on, err = action.In(c.Policies(ctx, about))
		return err
	})
	return err == nil && on
}
