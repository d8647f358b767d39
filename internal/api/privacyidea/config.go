package privacyidea

import (
	"context"
	"strings"

	"symbolon/internal/manage"
)

// config is GET /config: what a page asks before anybody has signed in. The
// files and links of the original's own pages are empty, and so is the user that
// a web server in front has signed in: none is believed.
func (s *Server) config(ctx context.Context, r *Request) (Answer, error) {
	p, err := manage.BeforeLogin(ctx, r.Session)
	if err != nil {
		return Answer{}, err
	}
	base := ""
	if s.Base != nil {
		base = s.Base(r.HTTP)
	}
	v := map[string]any{"backendUrl": base, "browser_lang": "en", "custom_css": "", "customization": "",
		"customization_baseline_file": p.CustomBaseline, "customization_menu_file": p.CustomMenu, "external_links": false,
		"force_remote_user": false, "gdpr_link": p.StatementLink, "has_job_queue": "False", "hsm_ready": true, "instance": "",
		"login_text": p.Text, "logo": "", "otp_pin_set_random_user": anys(p.RandomPINs), "page_title": s.Profile.Name,
		"passkey_login": p.Passkeys, "password_reset": false, "privacyideaVersionNumber": s.Profile.Version,
		"realms": strings.Join(p.Realms, ","), "remote_user": "", "show_node": p.Node, "theme": "",
		"translation_warning": false}
	if r.Session.HidesVersion(ctx) {
		delete(v, "privacyideaVersionNumber")
	}
	return Answer{Value: v}, nil
}
