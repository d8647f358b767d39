package privacyidea

import (
	"context"
	"net/http"
	"strings"
)

// harden words an error of the authentication end points as policies want it:
// one text for all reasons, and one status for all errors. The record keeps the
// reason.
func (req *Request) harden(ctx context.Context, r *Refusal) {
	login := strings.HasPrefix(req.Route.Path, "/validate/") || req.Route.Path == "/auth" && req.HTTP.Method == http.MethodPost
	if !login || r.Status >= http.StatusInternalServerError {
		return
	}
	if refusedLogin(r) {
		u, err := req.User(ctx)
		if err != nil || !u.Named() { // whom nobody knows is matched by the name that was sent
			u.Login, u.Realm, u.Resolver = req.Named.Login, req.Named.Realm, req.Named.Resolver
		}
		if req.Session.HidesReason(ctx, u) {
			const text = "Authentication failed."
			*r = Refusal{Status: http.StatusUnauthorized, Code: 403, Message: text, Detail: map[string]any{"message": text}}
		}
	}
	if req.Session.HidesStatus(ctx) {
		r.Status = http.StatusUnauthorized
	}
}

// refusedLogin: the error says that somebody could not be authenticated, or that
// there is no such user.
func refusedLogin(r *Refusal) bool {
	return r.Code == 904 || r.Status == http.StatusUnauthorized && (r.Code == 403 || r.Code/10 == 403)
}
