package privacyidea

import (
	"net/http"
	"os"
	"strings"
	"testing"
)

func TestRouting(t *testing.T) {
	t.Parallel()
	x, err := newIndex(Routes(), PrivacyIDEA)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ request, want string }{
		{"POST /auth", "/auth"}, {"GET /token/", "/token/"}, {"HEAD /token/", "/token/"},
		{"GET /token", "308"}, {"HEAD /token", "308"}, {"DELETE /token", "308"}, {"POST /token", "404"}, {"OPTIONS /token", "308"},
		{"GET /realm", "308"}, {"GET /healthz", "308"}, {"GET /user", "308"}, {"GET /token/challenges", "308"},
		{"PUT /user", "/user"}, {"POST /user/", "/user/"}, {"PUT /user/", "/user/"}, {"DELETE /user", "405 OPTIONS, POST, PUT"},
		{"POST /token/init/", "404"}, {"GET /defaultrealm/", "404"}, {"POST /auth/", "404"}, {"GET /auth", "405 OPTIONS, POST"},
		{"OPTIONS /auth", "405 OPTIONS, POST"}, {"DELETE /auth", "405 OPTIONS, POST"},
		{"PUT /token/init", "405 OPTIONS, DELETE, POST"}, {"GET /token/init", "405 OPTIONS, DELETE, POST"},
		{"DELETE /token/init", "/token/<serial> serial=init"}, {"DELETE /token/X1", "/token/<serial> serial=X1"},
		{"PUT /validate/check", "405 OPTIONS, GET, HEAD, POST"}, {"PATCH /defaultrealm", "405 OPTIONS, DELETE, GET, HEAD"},
		{"GET /policy/check", "/policy/check"}, {"GET /policy/defs", "/policy/defs"}, {"GET /policy/mine", "/policy/<name> name=mine"},
		{"POST /policy/check", "/policy/<name> name=check"}, {"GET /policy/defs/admin", "/policy/defs/<scope> scope=admin"},
		{"PATCH /policy/a", "/policy/<old_name> old_name=a"},
		{"GET /system/hsm", "/system/hsm"}, {"GET /system/random", "/system/random"}, {"GET /system/x", "/system/<key> key=x"},
		{"DELETE /system/hsm", "/system/<key> key=hsm"}, {"GET /system", "308"},
		{"DELETE /user/settings/x", "/user/settings/<key> key=x"}, {"DELETE /user/reso/hans", "/user/<resolvername>/<username> resolvername=reso username=hans"},
		{"DELETE /user/settings", "/user/settings"}, {"POST /realm/r/node/n", "/realm/<string:realm>/node/<string:nodeid> nodeid=n realm=r"},
		{"POST /token/info/X1/k", "/token/info/<serial>/<key> key=k serial=X1"}, {"POST /token/info/X1", "404"},
		{"GET /validate/polltransaction/123", "/validate/polltransaction/<transaction_id> transaction_id=123"},
		{"GET /validate/polltransaction/", "404"}, {"GET /nosuch", "404"}, {"GET /", "404"}, {"GET ", "404"}, {"GET //token/", "404"},
		{"POST /token/nosuch/nosuch/nosuch/x", "404"}, {"POST /validate/samlcheck", "404"}, {"DELETE /token//", "404"},
		{"DELETE /token/a b\u00e9", "/token/<serial> serial=a bé"}, {"DELETE /token/\xff", "404"},
	}
	for _, tt := range tests {
		method, path, _ := strings.Cut(tt.request, " ")
		if got := describe(x.find(method, path)); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.request, got, tt.want)
		}
	}
	e, err := newIndex(Routes(), EduMFA)
	if err != nil {
		t.Fatal(err)
	}
	for request, want := range map[string]string{"POST /validate/samlcheck": "/validate/samlcheck", "GET /healthz/": "404",
		"POST /validate/initialize": "404", "PATCH /policy/a": "405 OPTIONS, DELETE, GET, HEAD, POST", "DELETE /token/": "405 OPTIONS, GET, HEAD",
		"POST /token/info/X1": "/token/info/<serial> serial=X1", "GET /system/nodes": "/system/<key> key=nodes"} {
		method, path, _ := strings.Cut(request, " ")
		if got := describe(e.find(method, path)); got != want {
			t.Errorf("eduMFA: %s: got %s, want %s", request, got, want)
		}
	}
}

func describe(f found) string {
	switch {
	case f.route != nil:
		out := f.route.Path
		for _, name := range []string{"key", "name", "nodeid", "old_name", "realm", "resolvername", "scope", "serial", "transaction_id", "username"} {
			if v, ok := f.path[name]; ok {
				out += " " + name + "=" + v
			}
		}
		return out
	case f.slash:
		return "308"
	case f.allow != nil:
		return "405 " + strings.Join(f.allow, ", ")
	}
	return "404"
}

// The route table is appendix A of rest-api.md.
func TestRouteTable(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/routes.tsv")
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]*Route{}
	routes := Routes()
	for i := range routes {
		have[routes[i].Method+" "+routes[i].Path] = &routes[i]
	}
	// Where the original checks no right and should (rest-api.md 25, row 10).
	stricter := map[string]bool{"/realm/superuser": true, "/system/gpgkeys": true, "/system/nodes": true, "/system/health/certificates": true,
		"/system/health/resolver_timing": true, "/system/health/notification_delivery": true, "/system/user-cache": true,
		"/system/metricscleanup": true, "/token/challenges/expired": true, "/user/attribute": true}
	access := map[string]Access{"A": Anonymous, "U M": UserOrAdmin, "M": AdminOnly, "K": APIKey}
	products := map[string]Product{"P/E": Both, "P": PrivacyIDEA, "E": EduMFA}
	for line := range strings.SplitSeq(strings.TrimSpace(string(b)), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		c := strings.Split(line, "\t")
		r, ok := have[c[0]+" "+c[1]]
		if !ok {
			t.Errorf("no route %s %s", c[0], c[1])
			continue
		}
		delete(have, c[0]+" "+c[1])
		right, event := strings.TrimPrefix(c[3], "—"), strings.TrimPrefix(c[4], "—")
		if r.Access != access[c[2]] || r.Event != event || r.Only != products[c[5]] {
			t.Errorf("%s: got %v, %s, %s", line, r.Access, r.Event, r.Only)
		}
		if r.Right != right && !stricter[r.Path] && !strings.Contains(right, "custom_user_attributes") {
			t.Errorf("%s: right %q", line, r.Right)
		}
	}
	for name := range have {
		t.Errorf("%s is not in the appendix", name)
	}
}

// A path never leads to two answers, and what a route was found for fits it.
func FuzzFind(f *testing.F) {
	for _, r := range Routes() {
		f.Add(r.Method, strings.NewReplacer("<", "", ">", "").Replace(r.Path))
	}
	f.Add("OPTIONS", "//")
	f.Add("GET", "/token/%2F")
	x, err := newIndex(Routes(), PrivacyIDEA)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, method, path string) {
		got := x.find(method, path)
		answers := 0
		for _, is := range []bool{got.route != nil, got.slash, got.allow != nil} {
			if is {
				answers++
			}
		}
		if answers > 1 {
			t.Fatalf("%s %s: %+v", method, path, got)
		}
		if got.route != nil {
			want := method
			if method == http.MethodHead {
				want = http.MethodGet
			}
			if got.route.Method != want || strings.Count(got.route.Path, "/") != strings.Count(path, "/") {
				t.Fatalf("%s %s led to %s %s", method, path, got.route.Method, got.route.Path)
			}
			for name, v := range got.path {
				if v == "" || strings.Contains(v, "/") {
					t.Fatalf("variable %s is %q", name, v)
				}
			}
		}
		if got.slash {
			if again := x.find(method, path+"/"); again.route == nil && method != http.MethodOptions {
				t.Fatalf("%s %s is sent to a slash where nothing is", method, path)
			}
		}
	})
}
