package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestFrontPage(t *testing.T) {
	t.Parallel()
	h := startHandler(t, "edumfa")
	for _, x := range []struct {
		method, path string
		status       int
	}{{"GET", "/", 200}, {"HEAD", "/", 200}, {"POST", "/", 404}, {"GET", "/nosuch", 404}} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(x.method, x.path, http.NoBody))
		front := strings.Contains(w.Body.String(), "This server answers programs, as eduMFA does")
		if w.Code != x.status || front != (x.status == 200) || strings.Contains(w.Body.String(), Version) {
			t.Errorf("%s %s: %d %s", x.method, x.path, w.Code, w.Body)
		}
	}
}
