package app

import (
	"html/template"
	"net/http"
)

// frontPage is what a browser gets at the bare address: this version has no
// pages, and an error would look like a broken server.
const frontPage = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Symbolon</title>
<h1>Symbolon</h1>
<p>This server answers programs, as {{.}} does. It has no pages for people in this version.</p>
<p>Applications log users in with <code>POST /validate/check</code>. Administrators sign in with <code>POST /auth</code>, or use the
command <code>symbolon</code> on the server's machine.</p>
</html>
`

// withFront answers the bare address with the front page, everything else with
// next. Nothing is decided here, so nothing is recorded; and no version is told,
// which a policy may want hidden.
func withFront(next http.Handler, profile string) http.Handler {
	page := template.Must(template.New("front").Parse(frontPage))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" || r.Method != http.MethodGet && r.Method != http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		// The caller is gone if this fails.
		_ = page.Execute(w, profile)
	})
}
