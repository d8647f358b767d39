package site_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"symbolon/internal/fault"
	"symbolon/internal/realm"
	"symbolon/internal/secret"
	"symbolon/internal/setting"
	"symbolon/internal/site"
	"symbolon/internal/site/sitetest"
)

func TestSplitUser(t *testing.T) {
	t.Parallel()
	realms := map[string]site.Realm{"realm1": {Name: "realm1"}, "a.b": {Name: "a.b"}, "other": {Name: "other"}}
	on := &site.Site{Realms: realms, Default: "realm1"}
	off := &site.Site{Realms: realms, Default: "realm1", Settings: setting.Settings{"splitAtSign": {Value: "False"}}}
	no := &site.Site{Realms: realms}
	text := func(s string) *string { return &s }
	for _, c := range []struct {
		site         *site.Site
		name         string
		given        *string
		login, realm string
	}{
		{on, "hans", nil, "hans", "realm1"},
		{on, " hans\t", nil, "hans", "realm1"},
		{on, "hans@other", nil, "hans", "other"},
		{on, "hans@OTHER", nil, "hans", "other"},
		{on, "hans@example.com@a.b", nil, "hans@example.com", "a.b"},
		{on, "hans@a.b@nosuch", nil, "hans@a.b@nosuch", "realm1"},
		{on, "hans@example.com", nil, "hans@example.com", "realm1"},
		{on, "hans@", nil, "hans@", "realm1"},
		{on, "@other", nil, "", "other"},
		{on, `OTHER\hans`, nil, "hans", "other"},
		{on, `NOSUCH\hans`, nil, "hans", "nosuch"},
		{on, `a\b\hans`, nil, "hans", `a\b`},
		{on, `\hans`, nil, "hans", "realm1"},
		{on, `other\`, nil, "", "other"},
		{on, `other\hans@nosuch`, nil, `other\hans@nosuch`, "realm1"},
		{on, `x\hans@other`, nil, `x\hans`, "other"},
		{on, "hans", text("Other"), "hans", "other"},
		{on, "hans@a.b", text("other"), "hans", "other"},
		{on, "hans@a.b", text(""), "hans", "realm1"},
		{on, `a.b\hans`, text(""), "hans", "realm1"},
		{on, "hans", text("nosuch"), "hans", "nosuch"},
		{on, "", nil, "", ""},
		{on, "", text("other"), "", "other"},
		{on, "", text(""), "", ""},
		{off, "hans@other", nil, "hans@other", "realm1"},
		{off, `other\hans`, nil, `other\hans`, "realm1"},
		{off, "hans", text("other"), "hans", "other"},
		{no, "hans", nil, "hans", ""},
		{no, "hans@other", nil, "hans", "other"},
	} {
		if login, realm := site.SplitUser(c.site, c.name, c.given); login != c.login || realm != c.realm {
			t.Errorf("%q: %q in %q, want %q in %q", c.name, login, realm, c.login, c.realm)
		}
	}
}

func FuzzSplitUser(f *testing.F) {
	f.Add(`a\b@realm1`, "x", true)
	s := &site.Site{Realms: map[string]site.Realm{"realm1": {}}, Default: "realm1"}
	f.Fuzz(func(t *testing.T, name, given string, has bool) {
		g := &given
		if !has {
			g = nil
		}
		login, realmName := site.SplitUser(s, name, g)
		if !strings.Contains(name, login) || login != "" && realmName == "" || realmName != strings.ToLower(realmName) {
			t.Fatalf("%q: %q in %q", name, login, realmName)
		}
	})
}

// store is a resolver of one user for tests; err is what every question gets.
type store struct {
	login, primary, id string
	err                error
	asked              *[]string
	name               string
}

func (s store) Find(_ context.Context, login string) (string, string, bool, error) {
	if s.asked != nil {
		*s.asked = append(*s.asked, s.name)
	}
	if s.err != nil || login != s.login {
		return "", "", false, s.err
	}
	return s.id, s.primary, true, nil
}

func (s store) Info(_ context.Context, id string) (realm.Info, bool, error) {
	if s.err != nil || id != s.id {
		return nil, false, s.err
	}
	return realm.Info{"username": s.primary, "userid": id}, true, nil
}

func (s store) List(context.Context, map[string]string) ([]realm.Info, error) {
	if s.err != nil {
		return nil, s.err
	}
	return []realm.Info{{"username": s.primary, "userid": s.id}}, nil
}

func (s store) CheckPassword(_ context.Context, id string, _ secret.Bytes) (bool, error) {
	if s.asked != nil {
		*s.asked = append(*s.asked, s.name+" "+id)
	}
	return s.err == nil, s.err
}

func (store) Editable() bool { return true }

var errDown = errors.New("down")

func priority(n int) *int { return &n }

func TestFind(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t,
		sitetest.Resolver("alias", store{login: "hmeier", primary: "hans", id: "h"}),
		sitetest.Resolver("second", store{login: "hans", primary: "hans", id: "2"}),
		sitetest.Resolver("down", store{err: errDown}),
		sitetest.Resolver("far", store{login: "far", primary: "far", id: "f"}),
		sitetest.Realm(site.Realm{Name: "mix", Resolvers: []site.Link{{Resolver: "second"}, {Resolver: "reso1", Priority: priority(2000)},
			{Resolver: "alias"}, {Resolver: "far", Node: "elsewhere"}}}),
		sitetest.Realm(site.Realm{Name: "broken", Resolvers: []site.Link{{Resolver: "down", Priority: priority(1)}, {Resolver: "reso1"}}}),
	)
	for _, c := range []struct {
		login, realm, resolver string
		want                   realm.User
		fault                  fault.Kind
	}{
		{"hans", "realm1", "", realm.User{Login: "hans", Realm: "realm1", Resolver: "reso1", ID: "1002"}, 0},
		{"hans", "REALM1", "**", realm.User{Login: "hans", Realm: "realm1", Resolver: "reso1", ID: "1002"}, 0},
		{"nönäscii", "realm1", "reso1", realm.User{Login: "nönäscii", Realm: "realm1", Resolver: "reso1", ID: "1003"}, 0},
		{"nobody", "realm1", "", realm.User{Login: "nobody", Realm: "realm1"}, 0},
		{"nobody", "realm1", "reso1", realm.User{Login: "nobody", Realm: "realm1", Resolver: "reso1"}, 0},
		{"", "realm1", "", realm.User{Realm: "realm1"}, 0},
		{"hans", "", "", realm.User{Login: "hans"}, 0},
		{"hans", "nosuch", "", realm.User{Login: "hans", Realm: "nosuch"}, 0},
		{"hans", "realm1", "nosuch", realm.User{}, fault.ResolverUnknown},
		{"", "realm1", "nosuch", realm.User{}, fault.ResolverUnknown},
		// The order of the realm, and the one that was named.
		{"hans", "mix", "", realm.User{Login: "hans", Realm: "mix", Resolver: "second", ID: "2"}, 0},
		{"hans", "mix", "reso1", realm.User{Login: "hans", Realm: "mix", Resolver: "reso1", ID: "1002"}, 0},
		{"hmeier", "mix", "", realm.User{Login: "hans", Realm: "mix", Resolver: "alias", ID: "h", Used: "hmeier"}, 0},
		// Not in this realm, not on this node, no realm.
		{"hans", "realm1", "second", realm.User{Login: "hans", Realm: "realm1", Resolver: "second"}, 0},
		{"far", "mix", "", realm.User{Login: "far", Realm: "mix"}, 0},
		{"far", "mix", "far", realm.User{Login: "far", Realm: "mix", Resolver: "far"}, 0},
		{"hans", "", "reso1", realm.User{Login: "hans", Resolver: "reso1"}, 0},
		// One that fails.
		{"hans", "broken", "", realm.User{Login: "hans", Realm: "broken", Resolver: "reso1", ID: "1002"}, 0},
		{"nobody", "broken", "", realm.User{Login: "nobody", Realm: "broken"}, fault.ResolverFailed},
		{"hans", "broken", "down", realm.User{Login: "hans", Realm: "broken", Resolver: "down"}, fault.ResolverFailed},
	} {
		u, err := s.Users.Find(t.Context(), c.login, c.realm, c.resolver)
		if u != c.want || (c.fault == 0) != (err == nil) || c.fault != 0 && !fault.Is(err, c.fault) {
			t.Errorf("%q in %q, %q: %+v, %v; want %+v", c.login, c.realm, c.resolver, u, err, c.want)
		}
		if c.fault == fault.ResolverFailed && !errors.Is(err, errDown) {
			t.Errorf("%q in %q: the cause is lost: %v", c.login, c.realm, err)
		}
	}
}

func TestFindEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, sitetest.Resolver("down", store{err: errDown}), sitetest.Resolver("next", store{login: "hans", id: "9"}),
		sitetest.Realm(site.Realm{Name: "r", Resolvers: []site.Link{{Resolver: "down"}, {Resolver: "next"}}}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	// Another resolver's hans is another person.
	if u, err := s.Users.Find(ctx, "hans", "r", ""); u.Known() || !errors.Is(err, context.Canceled) {
		t.Errorf("%+v, %v", u, err)
	}
	if _, err := s.Users.ByID(ctx, "down", "1", "r"); !errors.Is(err, context.Canceled) || fault.Of(err) != nil {
		t.Errorf("%v", err)
	}
}

func TestByIDAndInfo(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, sitetest.Resolver("down", store{err: errDown}))
	for _, c := range []struct{ resolver, id, login string }{
		{"reso1", "1000", "cornelius"}, {"reso1", "4711", ""}, {"gone", "1000", ""}, {"reso1", "", ""},
	} {
		u, err := s.Users.ByID(t.Context(), c.resolver, c.id, "Realm1")
		if err != nil || u != (realm.User{Login: c.login, Realm: "realm1", Resolver: c.resolver, ID: c.id}) {
			t.Errorf("%+v: %+v, %v", c, u, err)
		}
		info, ok, err := s.Users.Info(t.Context(), u)
		if err != nil || ok != (c.login != "") || info["username"] != c.login {
			t.Errorf("%+v: %v, %t, %v", c, info, ok, err)
		}
	}
	if _, err := s.Users.ByID(t.Context(), "down", "1", ""); !fault.Is(err, fault.ResolverFailed) || !errors.Is(err, errDown) {
		t.Errorf("%v", err)
	}
	if _, _, err := s.Users.Info(t.Context(), realm.User{Resolver: "down", ID: "1"}); !fault.Is(err, fault.ResolverFailed) {
		t.Errorf("%v", err)
	}
}

func TestCheckPassword(t *testing.T) {
	t.Parallel()
	var asked []string
	s := sitetest.New(t, sitetest.Resolver("yes", store{asked: &asked, name: "yes", id: "1"}),
		sitetest.Resolver("down", store{err: errDown}),
		sitetest.Realm(site.Realm{Name: "r", Resolvers: []site.Link{{Resolver: "yes", Priority: priority(1)}, {Resolver: "reso1"}}}))
	hans, err := s.Users.Find(t.Context(), "hans", "realm1", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		user     realm.User
		password string
		right    bool
		asked    []string
	}{
		{hans, "test", true, nil},
		{hans, "Test", false, nil},
		{realm.User{ID: "1", Resolver: "yes", Realm: "r"}, "x", true, []string{"yes 1"}},
		// Unknown users cost a question, and are right for nobody.
		{realm.User{Login: "nobody", Realm: "r"}, "x", false, []string{"yes "}},
		{realm.User{Login: "nobody", Realm: "r", Resolver: "yes"}, "x", false, []string{"yes "}},
		{realm.User{Login: "nobody"}, "x", false, nil},
		{realm.User{}, "", false, nil},
		{realm.User{ID: "1", Resolver: "gone", Realm: "r"}, "x", false, nil},
	} {
		asked = nil
		right, err := s.Users.CheckPassword(t.Context(), c.user, secret.Text(c.password))
		if right != c.right || err != nil || !slices.Equal(asked, c.asked) {
			t.Errorf("%+v with %q: %t, %v, asked %v", c.user, c.password, right, err, asked)
		}
	}
	if ok, err := s.Users.CheckPassword(t.Context(), realm.User{ID: "1", Resolver: "down"}, secret.Text("x")); ok || !fault.Is(err, fault.ResolverFailed) {
		t.Errorf("%t %v", ok, err)
	}
}

func TestResolversOf(t *testing.T) {
	t.Parallel()
	links := []site.Link{{Resolver: "reso1"}, {Resolver: "late", Priority: priority(2000)}, {Resolver: "b"}, {Resolver: "zero", Priority: priority(0)},
		{Resolver: "first", Priority: priority(1)}, {Resolver: "mine", Node: "n1", Priority: priority(5)}, {Resolver: "theirs", Node: "n2"},
		{Resolver: "b", Priority: priority(3), Node: "n1"}, {Resolver: "late", Priority: priority(3000), Node: "n1"}}
	options := []sitetest.Option{sitetest.Realm(site.Realm{Name: "many", Resolvers: links})}
	for _, name := range []string{"late", "b", "zero", "first", "mine", "theirs"} {
		options = append(options, sitetest.Resolver(name, store{}))
	}
	for node, want := range map[string]string{
		"n1": "first b mine reso1 zero late", "n2": "first b reso1 theirs zero late", "": "first b reso1 zero late"} {
		s := sitetest.New(t, append(options, sitetest.Node(node))...)
		if got := s.ResolversOf("many"); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("on %q: %v, want %s", node, got, want)
		}
		if got := s.ResolversOf("nosuch"); len(got) != 0 {
			t.Errorf("of a realm that does not exist: %v", got)
		}
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t,
		sitetest.Resolver("second", store{primary: "hans", id: "2"}),
		sitetest.Resolver("down", store{err: errDown}),
		sitetest.Realm(site.Realm{Name: "mix", Resolvers: []site.Link{{Resolver: "second", Priority: priority(1)}, {Resolver: "down"}, {Resolver: "reso1"}}}),
	)
	names := func(q site.UserQuery) (out []string, failed []string) {
		t.Helper()
		users, failed, err := s.List(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range users {
			if u.Editable != (u.Resolver == "second") {
				t.Errorf("%+v", u)
			}
			out = append(out, u.Realm+"/"+u.Resolver+"/"+u.Info["username"])
		}
		return out, failed
	}
	for _, c := range []struct {
		query  site.UserQuery
		want   string
		failed []string
	}{
		{site.UserQuery{}, "mix/second/hans mix/reso1/cornelius mix/reso1/selfservice mix/reso1/nönäscii " +
			"realm1/reso1/cornelius realm1/reso1/selfservice realm1/reso1/hans realm1/reso1/nönäscii", []string{"down"}},
		{site.UserQuery{Realms: []string{"REALM1"}, Search: map[string]string{"username": "h*"}}, "realm1/reso1/hans", nil},
		{site.UserQuery{Realms: []string{"nosuch"}}, "", nil},
		{site.UserQuery{Realms: []string{}}, "", nil},
		{site.UserQuery{Resolver: "second"}, "mix/second/hans", nil},
		{site.UserQuery{Resolver: "nosuch"}, "", nil},
		{site.UserQuery{Resolver: "down"}, "", []string{"down"}},
	} {
		if got, failed := names(c.query); !slices.Equal(got, strings.Fields(c.want)) || !slices.Equal(failed, c.failed) {
			t.Errorf("%+v: %v, failed %v", c.query, got, failed)
		}
	}
	// What was listed is the caller's: another realm's row does not change with it.
	users, _, _ := s.List(t.Context(), site.UserQuery{Resolver: "reso1", Search: map[string]string{"username": "cornelius"}})
	before := maps.Clone(users[1].Info)
	users[0].Info["realm"] = "x"
	if !maps.Equal(users[1].Info, before) {
		t.Error("two rows share what they hold")
	}
}
