package site_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/setting"
	"symbolon/internal/site"
	"symbolon/internal/site/sitetest"
	"symbolon/internal/token"
)

// must returns a definition that was made without an error.
func must(d token.Definition, err error) token.Definition {
	if err != nil {
		panic(err)
	}
	return d
}

func text(s string) *string { return &s }

var (
	aPolicy = policy.Policy{ID: 7, Name: "p", Active: true, Scope: policy.Admin, Actions: policy.Actions{{Name: "enable", Bare: true}, {Name: "x", Value: "1"}},
		Realms: []string{"a"}, Priority: 3, Conditions: []policy.Condition{{Section: "userinfo", Key: "k", Comparator: "equals", Value: "v", Active: true}},
		Description: text("d")}
	aRealm    = site.Realm{ID: 8, Name: "realm1", Default: true, Resolvers: []site.Link{{Resolver: "r", Priority: priority(2), Node: "n"}}}
	aResolver = site.Resolver{ID: 9, Name: "r", Type: "test", Params: map[string]string{"a": "b"}}
	anAdmin   = site.Admin{ID: 10, Name: "admin", Hash: "h", Email: "e", Since: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)}
	aGroup    = site.Group{ID: 11, Name: "g", Description: "d"}
	aSetting  = setting.Entry{Value: "v", Type: "password", Description: "d"}
)

func all() []token.Definition {
	return []token.Definition{must(site.PolicyDefinition(aPolicy)), must(aRealm.Definition()), must(aResolver.Definition()),
		must(anAdmin.Definition()), must(aGroup.Definition()), must(site.SettingDefinition(12, "s", aSetting))}
}

func TestDefinitionsReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	d := all()
	for i, read := range []func() (any, any, error){
		func() (any, any, error) { v, err := site.PolicyOf(d[0]); return v, aPolicy, err },
		func() (any, any, error) { v, err := site.RealmOf(d[1]); return v, aRealm, err },
		func() (any, any, error) { v, err := site.ResolverOf(d[2]); return v, aResolver, err },
		func() (any, any, error) { v, err := site.AdminOf(d[3]); return v, anAdmin, err },
		func() (any, any, error) { v, err := site.GroupOf(d[4]); return v, aGroup, err },
		func() (any, any, error) { v, err := site.SettingOf(d[5]); return v, aSetting, err },
	} {
		got, want, err := read()
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%d: got %+v, %v", i, got, err)
		}
	}
	if d[1].ID != 8 || d[5].ID != 12 || d[5].Name != "s" {
		t.Errorf("%+v %+v", d[1], d[5])
	}
	upper := must(site.Realm{Name: "ReAlM"}.Definition())
	if r, err := site.RealmOf(upper); upper.Name != "realm" || r.Name != "realm" || err != nil || string(upper.Body) != `{"resolvers":[]}` {
		t.Errorf("%s %s %+v %v", upper.Name, upper.Body, r, err)
	}
	if _, err := (site.Group{}).Definition(); err == nil {
		t.Error("something without a name was written")
	}
}

func TestDefinitionsAreReadStrictly(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]token.Definition{
		"unknown member": {Kind: token.RealmKind, Name: "r", Body: []byte(`{"resolvers":[],"only_on_mondays":true}`)},
		"within":         {Kind: token.RealmKind, Name: "r", Body: []byte(`{"resolvers":[{"resolver":"a","weight":1}]}`)},
		"tail":           {Kind: token.RealmKind, Name: "r", Body: []byte(`{"resolvers":[]}{}`)},
		"type":           {Kind: token.RealmKind, Name: "r", Body: []byte(`{"resolvers":"a"}`)},
		"empty":          {Kind: token.RealmKind, Name: "r"},
		"kind":           {Kind: token.GroupKind, Name: "r", Body: []byte(`{"resolvers":[]}`)},
		"name":           {Kind: token.RealmKind, Body: []byte(`{"resolvers":[]}`)},
	} {
		if r, err := site.RealmOf(d); err == nil {
			t.Errorf("%s: read as %+v", name, r)
		}
	}
}

func FuzzCompile(f *testing.F) {
	for _, d := range all() {
		f.Add(string(d.Kind), d.Name, d.Body)
	}
	f.Fuzz(func(t *testing.T, kind, name string, body []byte) {
		d := token.Definition{Kind: token.Kind(kind), Name: name, ID: 1, Body: body}
		s, problems := site.Compile(1, []token.Definition{d}, site.Factory{})
		taken := len(s.Defined) + len(s.Realms) + len(s.Resolvers) + len(s.Settings) + len(s.Admins) + len(s.Groups)
		fatal := slices.ContainsFunc(problems, func(err error) bool { var p *site.Problem; return errors.As(err, &p) && p.Fatal })
		if fatal && taken != 0 || taken > 1 {
			t.Fatalf("%d taken, problems %v", taken, problems)
		}
		for r := range s.Realms {
			if r != strings.ToLower(r) {
				t.Fatalf("realm %q", r)
			}
			s.Users.Find(context.Background(), "x", r, "")
		}
	})
}

func TestCompile(t *testing.T) {
	t.Parallel()
	made := store{login: "x", primary: "x", id: "1"}
	snapshot := &policy.Snapshot{}
	var compiled []policy.Policy
	second := aPolicy
	second.Name = "a"
	s, problems := site.Compile(5, append(all(), must(site.PolicyDefinition(second)),
		token.Definition{Kind: token.ServerKind, Name: "key", Body: []byte("sealed")}),
		site.Factory{Node: "n", Types: map[string]site.Maker{"test": func(r site.Resolver) (realm.Resolver, error) { return made, nil }},
			Policies: func(ps []policy.Policy) *policy.Snapshot { compiled = ps; return snapshot }})
	if len(problems) != 0 {
		t.Fatal(problems)
	}
	if s.Version != 5 || s.Default != "realm1" || s.Policies != snapshot || s.Settings["s"] != aSetting || s.Admins["admin"] != anAdmin ||
		s.Groups["g"] != aGroup || !reflect.DeepEqual(s.Realms["realm1"], aRealm) || !reflect.DeepEqual(s.Resolvers["r"], aResolver) {
		t.Errorf("%+v", s)
	}
	if len(compiled) != 2 || compiled[0].Name != "a" || compiled[1].Name != "p" || !reflect.DeepEqual(s.Defined, compiled) {
		t.Errorf("compiled %+v", compiled)
	}
	if r, ok := s.Store("r"); !ok || r != realm.Resolver(made) {
		t.Error("its resolver is not there")
	}
	if _, ok := s.Store("gone"); ok {
		t.Error("a resolver nobody defined is there")
	}
}

func TestCompileWithProblems(t *testing.T) {
	t.Parallel()
	params := map[string]string{}
	s, problems := site.Compile(1, []token.Definition{
		must(site.Resolver{Name: "new", Type: "quantum", Params: params}.Definition()),
		must(site.Resolver{Name: "odd", Type: "odd"}.Definition()),
		must(site.Resolver{Name: "nil", Type: "nil"}.Definition()),
		must(site.Realm{Name: "r", Default: true, Resolvers: []site.Link{{Resolver: "new"}, {Resolver: "gone"}}}.Definition()),
		must(site.Realm{Name: "s", Default: true}.Definition()),
		{Kind: token.PolicyKind, Name: "bad", Body: []byte(`{"Nope":1}`)},
	}, site.Factory{Types: map[string]site.Maker{
		"odd": func(site.Resolver) (realm.Resolver, error) { return nil, errDown },
		"nil": func(site.Resolver) (realm.Resolver, error) { return nil, nil },
	}})
	var got []string
	for _, err := range problems {
		p := new(site.Problem)
		if !errors.As(err, &p) || p.Fatal != (p.Name == "bad") {
			t.Errorf("%v", err)
		}
		got = append(got, string(p.Kind)+" "+p.Name)
	}
	want := []string{"policy bad", "resolver new", "resolver nil", "resolver odd", "realm r", "realm s"}
	if !slices.Equal(got, want) {
		t.Errorf("problems %v, want %v", got, want)
	}
	if len(s.Resolvers) != 3 || s.Default != "r" || s.Policies == nil || len(s.Defined) != 0 {
		t.Errorf("%+v", s)
	}
	for name, why := range map[string]string{"new": `type "quantum" are not supported`, "odd": "down", "nil": "made nothing"} {
		r, ok := s.Store(name)
		if !ok {
			t.Fatalf("%s is not listed", name)
		}
		if _, _, _, err := r.Find(t.Context(), "x"); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if u, err := s.Users.Find(t.Context(), "x", "r", ""); u.Known() || err == nil {
		t.Errorf("%+v %v", u, err)
	}
}

func TestCacheKeepsWhatDidNotChange(t *testing.T) {
	t.Parallel()
	made := map[string]int{}
	f := site.Factory{Cache: &site.Cache{}, Types: map[string]site.Maker{
		"a": func(r site.Resolver) (realm.Resolver, error) { made[r.Name]++; return &store{}, nil },
		"b": func(r site.Resolver) (realm.Resolver, error) { made[r.Name]++; return nil, errDown }}}
	compile := func(problems int, rs ...site.Resolver) *site.Site {
		t.Helper()
		var defs []token.Definition
		for _, r := range rs {
			defs = append(defs, must(r.Definition()))
		}
		s, errs := site.Compile(1, defs, f)
		if len(errs) != problems {
			t.Fatal(errs)
		}
		return s
	}
	get := func(s *site.Site) realm.Resolver { r, _ := s.Store("x"); return r }
	one := site.Resolver{ID: 1, Name: "x", Type: "a", Params: map[string]string{"p": "1"}}
	changed, other := one, one
	changed.Params = map[string]string{"p": "2"}
	other.Type = "b"
	moved := changed
	moved.ID = 2
	y := site.Resolver{Name: "y", Type: "b"}
	first := get(compile(0, one))
	if get(compile(1, one, y)) != first || made["x"] != 1 {
		t.Error("made again without a change")
	}
	compile(1, one, y)
	if made["y"] != 1 {
		t.Error("one that fails is made again and again")
	}
	if get(compile(0, changed)) == first || made["x"] != 2 {
		t.Error("other parameters, but the same resolver")
	}
	if compile(0, moved); made["x"] != 3 {
		t.Error("another resolver of the same name is not a new one")
	}
	compile(1, other)
	compile(0, one)
	compile(0)
	if compile(0, one); made["x"] != 6 {
		t.Errorf("made %d times: one that was gone is still kept, or its type does not count", made["x"])
	}
}

// kept is a Reader. Each reading waits for enter, if there is one.
type kept struct {
	version atomic.Int64
	reads   atomic.Int64
	begun   chan struct{}
	enter   chan struct{}
	bad     atomic.Bool
	err     error
}

func (k *kept) Definitions(ctx context.Context) (int64, []token.Definition, error) {
	v := k.version.Load()
	k.reads.Add(1)
	if k.enter != nil {
		k.begun <- struct{}{}
		select {
		case <-k.enter:
		case <-ctx.Done():
			return 0, nil, ctx.Err()
		}
	}
	defs := all()
	if k.bad.Load() {
		defs[0].Body = []byte("{")
	}
	return v, defs, k.err
}

func TestHolder(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h := site.NewHolder(site.Factory{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if s := h.Load(); s == nil || s.Users == nil || s.Policies == nil || s.Version != 0 {
		t.Fatalf("%+v", s)
	}
	k := &kept{}
	reload := func() error { t.Helper(); return h.Reload(t.Context(), k) }
	if err := reload(); err != nil || h.Load().Default != "realm1" {
		t.Fatalf("%v", err)
	}
	if !strings.Contains(log.String(), "not supported") {
		t.Errorf("the type nobody knows is not logged: %q", log.String())
	}
	k.version.Store(3)
	if err := reload(); err != nil || h.Load().Version != 3 {
		t.Fatalf("%v", err)
	}
	now := h.Load()
	k.version.Store(2)
	if err := reload(); err != nil || h.Load() != now {
		t.Errorf("went back: %v", err)
	}
	k.version.Store(3)
	if err := reload(); err != nil || h.Load() != now {
		t.Errorf("compiled the same again: %v", err)
	}
	k.version.Store(4)
	k.bad.Store(true)
	if err := reload(); err == nil || h.Load() != now {
		t.Errorf("took definitions that cannot be read: %v", err)
	}
	k.bad.Store(false)
	k.err = errDown
	if err := reload(); !errors.Is(err, errDown) || h.Load() != now {
		t.Errorf("%v", err)
	}
	other := sitetest.New(t, sitetest.Version(1))
	if h.Store(other); h.Load() != other {
		t.Error("was not stored")
	}
}

func TestReloadsShareAReading(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := site.NewHolder(site.Factory{})
		k := &kept{begun: make(chan struct{}), enter: make(chan struct{})}
		k.version.Store(1)
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := h.Reload(t.Context(), k); err != nil {
				t.Error(err)
			}
		})
		<-k.begun
		// Version 1 has been read. Those who ask from here on must not get it.
		k.version.Store(2)
		for range 20 {
			wg.Go(func() {
				if err := h.Reload(t.Context(), k); err != nil || h.Load().Version != 2 {
					t.Errorf("%v, version %d", err, h.Load().Version)
				}
			})
		}
		synctest.Wait()
		k.enter <- struct{}{}
		<-k.begun
		k.enter <- struct{}{}
		wg.Wait()
		if n := k.reads.Load(); n != 2 {
			t.Errorf("%d readings", n)
		}
	})
}

func TestReloadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	h := site.NewHolder(site.Factory{})
	k := &kept{begun: make(chan struct{}), enter: make(chan struct{})}
	k.version.Store(1)
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error)
	go func() { first <- h.Reload(ctx, k) }()
	<-k.begun
	short, end := context.WithTimeout(t.Context(), time.Millisecond)
	defer end()
	if err := h.Reload(short, k); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while another one reads: %v", err)
	}
	second := make(chan error)
	go func() { second <- h.Reload(t.Context(), k) }()
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	<-k.begun
	k.enter <- struct{}{}
	if err := <-second; err != nil || h.Load().Version != 1 {
		t.Errorf("the end of another's context: %v", err)
	}
}
