// Package sitetest makes Sites for tests: realm1, the default realm, with the
// resolver reso1 and its users cornelius (1000), selfservice (1001), hans
// (1002) and nönäscii (1003), whose password is test. They come from a real
// file, so that nothing about users is pretended.
package sitetest

import (
	"os"
	"path/filepath"
	"testing"

	"symbolon/internal/heavy"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/resolver/passwd"
	"symbolon/internal/setting"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// test is the password test, with as few rounds as there may be.
const test = "$6$rounds=1000$symbolon$YWIMV5ENea3AA7Ip.bEwCRy7F.uCBrpdErJingOtMlAvBfMkBFFy4yvX9YngrB4LwyQ50P62STOLff3V5lecT0"

// Passwd is the content of the users' file.
const Passwd = "cornelius:" + test + ":1000:1000:Cornelius Kölbel,Room 1,+49 561 3166797,+49 151 2960517,cornelius@example.com:/home/cornelius:/bin/bash\n" +
	"selfservice:" + test + ":1001:1001:Self Service,Room 2,+49 561 2,+49 151 2,self@example.com:/home/selfservice:/bin/bash\n" +
	"hans:" + test + ":1002:1002:Hans Meier,Room 3,+49 561 3,+49 151 3,hans@example.com:/home/hans:/bin/bash\n" +
	"nönäscii:" + test + ":1003:1003:Nön Äscii,Room 4,+49 561 4,+49 151 4,non@example.com:/home/non:/bin/bash\n"

// Option adds to what New defines.
type Option func(t testing.TB, p *plan)

type plan struct {
	version int64
	defs    []token.Definition
	factory site.Factory
}

func (p *plan) add(t testing.TB, d token.Definition, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	d.ID = int64(len(p.defs) + 1)
	p.defs = append(p.defs, d)
}

// Setting sets a setting.
func Setting(name, value string) Option {
	return func(t testing.TB, p *plan) {
		d, err := site.SettingDefinition(0, name, setting.Entry{Value: value})
		p.add(t, d, err)
	}
}

// Policies defines policies, compiled by compile; nil compiles them to none.
func Policies(compile func([]policy.Policy) *policy.Snapshot, ps ...policy.Policy) Option {
	return func(t testing.TB, p *plan) {
		p.factory.Policies = compile
		for _, one := range ps {
			d, err := site.PolicyDefinition(one)
			p.add(t, d, err)
		}
	}
}

// Admin defines a local administrator.
func Admin(a site.Admin) Option {
	return func(t testing.TB, p *plan) {
		d, err := a.Definition()
		p.add(t, d, err)
	}
}

// Realm defines a further realm.
func Realm(r site.Realm) Option {
	return func(t testing.TB, p *plan) {
		d, err := r.Definition()
		p.add(t, d, err)
	}
}

// Resolver defines a further resolver that is r itself.
func Resolver(name string, r realm.Resolver) Option {
	return func(t testing.TB, p *plan) {
		p.factory.Types["test "+name] = func(site.Resolver) (realm.Resolver, error) { return r, nil }
		d, err := site.Resolver{Name: name, Type: "test " + name}.Definition()
		p.add(t, d, err)
	}
}

// Version sets the version of the definitions, which is 1 otherwise.
func Version(n int64) Option { return func(_ testing.TB, p *plan) { p.version = n } }

// Node names the node.
func Node(name string) Option { return func(_ testing.TB, p *plan) { p.factory.Node = name } }

// New returns a Site. Its users' file goes with the test.
func New(t testing.TB, options ...Option) *site.Site {
	t.Helper()
	file := filepath.Join(t.TempDir(), "passwd")
	if err := os.WriteFile(file, []byte(Passwd), 0o600); err != nil {
		t.Fatal(err)
	}
	pool := heavy.New(0)
	p := &plan{version: 1, factory: site.Factory{Types: map[string]site.Maker{
		passwd.Type: func(r site.Resolver) (realm.Resolver, error) {
			return passwd.New(r.Params, passwd.Options{Pool: pool}), nil
		}}}}
	d, err := site.Resolver{Name: "reso1", Type: passwd.Type, Params: map[string]string{"fileName": file}}.Definition()
	p.add(t, d, err)
	d, err = site.Realm{Name: "realm1", Default: true, Resolvers: []site.Link{{Resolver: "reso1"}}}.Definition()
	p.add(t, d, err)
	for _, o := range options {
		o(t, p)
	}
	s, problems := site.Compile(p.version, p.defs, p.factory)
	for _, err := range problems {
		t.Fatal(err)
	}
	return s
}
