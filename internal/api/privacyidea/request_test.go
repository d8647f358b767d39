package privacyidea

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"symbolon/internal/api/envelope"
	"symbolon/internal/fault"
	"symbolon/internal/realm"
	"symbolon/internal/setting"
	"symbolon/internal/site"
)

func TestClientAddressOfRequests(t *testing.T) {
	t.Parallel()
	b := newBench(t, ProfilePrivacyIDEA())
	address := func(_ context.Context, r *Request) (Answer, error) { return Answer{Value: r.Origin.Client}, nil }
	b.route("POST", "/validate/check", address)
	b.route("POST", "/token/init", address)
	st := testSite()
	st.Settings["OverrideAuthorizationClient"] = setting.Entry{Value: "192.0.2.0/24"}
	b.server.Site = func() *site.Site { return st }
	for _, tt := range []struct{ path, body, want string }{
		{"/validate/check", "client=10.1.1.1", "10.1.1.1"}, {"/token/init", "client=10.1.1.1", "192.0.2.1"},
		{"/validate/check", "client=1", "192.0.2.1"}, {"/validate/check", `{"client": 7}`, "192.0.2.1"},
	} {
		if a := b.do("POST", tt.path, tt.body, "Authorization: admin"); !strings.Contains(a.Body.String(), `"value":"`+tt.want+`"`) {
			t.Errorf("%+v: got %s", tt, a.Body)
		}
	}
	st.Settings["OverrideAuthorizationClient"] = setting.Entry{Value: "nonsense"}
	if a := b.do("POST", "/validate/check", "client=10.1.1.1"); !strings.Contains(a.Body.String(), `"value":"192.0.2.1"`) {
		t.Errorf("a setting that cannot be read believes nobody: %s", a.Body)
	}
}

// C19: an empty realm is the default realm, and user@realm is split.
func TestC19Subject(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		body string
		want Named
		err  fault.Kind
	}{
		{"user=hans", Named{Login: "hans", Realm: "realm1"}, 0}, {"user=hans&realm=", Named{Login: "hans", Realm: "realm1"}, 0},
		{"user=hans@realm2", Named{Login: "hans", Realm: "realm2"}, 0}, {"user=hans@realm2&realm=realm1", Named{Login: "hans", Realm: "realm1"}, 0},
		{"user=hans@realm2&realm=", Named{Login: "hans", Realm: "realm1"}, 0}, {"user=hans&realm=NoRealm", Named{Login: "hans", Realm: "norealm"}, 0},
		{"user=hans&resolver=**", Named{Login: "hans", Realm: "realm1"}, 0}, {"realm=realm2", Named{Realm: "realm2"}, 0},
		{"user=hans&resolver=gone", Named{Login: "hans", Realm: "realm1", Resolver: "gone"}, fault.ResolverUnknown},
		{`{"user": 5}`, Named{Bad: "user"}, fault.ParameterInvalid}, {`{"user": "hans", "realm": ["a"]}`, Named{Login: "hans", Realm: "realm1", Bad: "realm"}, fault.ParameterInvalid},
		{`{"user": null}`, Named{}, 0},
	} {
		b := newBench(t, ProfilePrivacyIDEA())
		b.route("POST", "/validate/check", func(ctx context.Context, r *Request) (Answer, error) {
			if r.Named != tt.want {
				t.Errorf("%s: got %+v", tt.body, r.Named)
			}
			_, err := r.User(ctx)
			if _, again := r.User(ctx); (err == nil) != (again == nil) {
				t.Errorf("%s: the second answer differs", tt.body)
			}
			return Answer{}, err
		})
		a := b.do("POST", "/validate/check", tt.body)
		if want := 200; tt.err == 0 && a.Code != want || tt.err != 0 && a.Code != 400 {
			t.Errorf("%s: got %d %s", tt.body, a.Code, a.Body)
		}
	}
}

// A user can never act as somebody else.
func TestUsersActForThemselves(t *testing.T) {
	t.Parallel()
	for _, p := range []*Profile{ProfilePrivacyIDEA(), ProfileEduMFA()} {
		b := newBench(t, p)
		b.route("POST", "/token/init", func(ctx context.Context, r *Request) (Answer, error) {
			u, err := r.User(ctx)
			if err != nil || u.ID != "1000" || u.Realm != "realm2" {
				t.Errorf("got %+v, %v", u, err)
			}
			return Answer{Value: map[string]any(r.Without("x"))}, nil
		})
		a := b.do("POST", "/token/init?realm=realm1", `{"user": "hans", "resolver": "other", "userid": "7", "x": 1}`, "Authorization: user")
		var got struct {
			Result struct{ Value map[string]any }
		}
		if err := json.Unmarshal(a.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{"user": "cornelius", "realm": "realm2", "resolver": "reso1"}
		if p.KeepUserID {
			want["userid"] = "7"
		}
		if !reflect.DeepEqual(got.Result.Value, want) {
			t.Errorf("got %v, want %v", got.Result.Value, want)
		}
	}
}

func TestC1PathValues(t *testing.T) {
	t.Parallel()
	b := newBench(t, ProfilePrivacyIDEA())
	b.route("DELETE", "/token/<serial>", func(_ context.Context, r *Request) (Answer, error) { return Answer{Value: r.Params["serial"]}, nil })
	for path, want := range map[string]string{"/token/a%2541": "aA", "/token/a%252Fb": "a/b", "/token/a+b": "a+b", "/token/100%25": "100%"} {
		if a := b.do("DELETE", path, "", "Authorization: admin"); !strings.Contains(a.Body.String(), `"value":"`+want+`"`) {
			t.Errorf("%s: got %s", path, a.Body)
		}
	}
	if a := b.do("DELETE", "/token/a%2541", "", "Authorization: admin", "User-Agent: privacyidea-cp/1.0"); !strings.Contains(a.Body.String(), `"value":"a%41"`) {
		t.Errorf("got %s", a.Body)
	}
	if a := b.do("DELETE", "/token/a%2Fb", "", "Authorization: admin"); a.Code != 404 {
		t.Errorf("an encoded slash divides segments, got %d", a.Code)
	}
}

func TestRequire(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		p    *Profile
		body string
		want int
	}{{ProfilePrivacyIDEA(), "a=", 400}, {ProfileEduMFA(), "a=", 200}, {ProfilePrivacyIDEA(), "a=1", 200}, {ProfileEduMFA(), "b=1", 400}} {
		b := newBench(t, tt.p)
		b.route("POST", "/validate/check", func(_ context.Context, r *Request) (Answer, error) {
			_, err := r.Require("a")
			return Answer{}, err
		})
		if a := b.do("POST", "/validate/check", tt.body); a.Code != tt.want {
			t.Errorf("%s, %s: got %d %s", tt.p.Name, tt.body, a.Code, a.Body)
		}
	}
}

// A user whose resolver has lost him does not get to name one.
func TestLostUserNamesNoResolver(t *testing.T) {
	t.Parallel()
	d := &dispatcher{Server: &Server{Profile: ProfilePrivacyIDEA()}}
	req := &Request{Params: envelope.Params{"resolver": "other"}, Actor: realm.Actor{Role: realm.Owner, User: realm.User{Login: "gone", Realm: "realm1"}}}
	d.own(req)
	if want := (envelope.Params{"user": "gone", "realm": "realm1"}); !reflect.DeepEqual(req.Params, want) {
		t.Errorf("got %v, want %v", req.Params, want)
	}
}
