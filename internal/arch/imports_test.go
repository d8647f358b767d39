package arch

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Sets of packages that are allowed together, without symbolon/internal/.
var (
	words    = []string{"secret", "fault", "audit", "setting", "realm", "policy"} // what things are called
	contract = append([]string{"token"}, words...)                                // what the engine is written against
)

// Sets of standard packages.
var (
	outside  = []string{"net", "net/http", "net/smtp", "net/rpc", "crypto/tls", "os/exec", "os/user", "syscall", "plugin"}
	database = []string{"database/sql", "database/sql/driver"}
	disk     = []string{"os", "io/ioutil"}
	logging  = []string{"log", "log/slog"}
)

// rule says what a package and all below it may import of ours and of the
// standard library. The first rule whose prefix fits is taken.
type rule struct {
	pkg    string   // below symbolon/
	ours   []string // below symbolon/internal/, or protocol/…; "*" is everything but dialects and app
	banned []string
	why    string
}

func rules() []rule {
	pure := slices.Concat(outside, database, disk, logging)
	return []rule{
		{"protocol", []string{"protocol/*"}, pure, "wire formats do no I/O and know nothing of the server"},
		{"internal/secret", nil, pure, "values only"},
		{"internal/fault", nil, pure, "names only"},
		{"internal/audit", nil, pure, "says what a record is; the store writes it"},
		{"internal/setting", []string{"fault"}, pure, "names and types of stored settings"},
		{"internal/policy", []string{"fault", "secret"}, pure, "answers from memory"},
		{"internal/realm", []string{"secret", "fault"}, pure, "says what a user is; resolvers read directories"},
		{"internal/token/tokentest", append([]string{"keyring", "tokentype", "protocol/*"}, contract...), database, "a Case for tests"},
		{"internal/token", words, pure, "the contract: no type's rule, no database, nothing sent"},
		{"internal/tokentype", append([]string{"protocol/*", "peer", "qr"}, contract...), slices.Concat(outside, database, disk), "types ask through the Case"},
		{"internal/heavy", nil, slices.Concat(outside, database), "bounds costly work"},
		{"internal/qr", nil, pure, "draws"},
		{"internal/keyring", []string{"secret", "token", "heavy", "fault", "realm"}, slices.Concat(outside, database), "keys, from files"},
		{"internal/enroll", append([]string{"authn", "protocol/*", "qr", "site"}, contract...), slices.Concat(outside, database, disk), "engine"},
		{"internal/manage", append([]string{"authn", "enroll", "login", "site"}, contract...), slices.Concat(outside, database, disk), "engine"},
		{"internal/authn", append([]string{"enroll", "site", "protocol/*"}, contract...), slices.Concat(outside, database, disk), "engine"},
		{"internal/container", append([]string{"authn", "enroll", "site", "protocol/*", "qr"}, contract...), slices.Concat(outside, database, disk), "engine"},
		{"internal/login", append([]string{"authn", "site", "keyring", "heavy"}, contract...), slices.Concat(outside, database), "who calls"},
		{"internal/site/sitetest", []string{"*"}, database, "a Site for tests"},
		{"internal/site", append([]string{"resolver/*", "heavy", "keyring"}, contract...), slices.Concat(outside, database), "compiled definitions"},
		{"internal/resolver", append([]string{"heavy", "keyring"}, contract...), nil, "reads one kind of user store"},
		{"internal/store", append([]string{"site"}, contract...), []string{"net/http"}, "reads and writes; decides nothing"},
		{"internal/notify", contract, database, "deliveries"},
		{"internal/peer", contract, database, "questions to the outside"},
		{"internal/event", append([]string{"authn", "manage", "site"}, contract...), slices.Concat(outside, database), "engine"},
		{"internal/task", append([]string{"authn", "manage", "site", "event"}, contract...), slices.Concat(outside, database), "engine"},
		{"internal/machine", append([]string{"authn", "manage", "site"}, contract...), slices.Concat(outside, database), "engine"},
		{"internal/transfer", []string{"*"}, nil, "imports and exports"},
		{"internal/api", append([]string{"authn", "enroll", "manage", "login", "site", "container", "event", "task", "machine", "api/*", "protocol/*", "qr"}, contract...), slices.Concat(database, []string{"os/exec"}), "words answers; decides nothing"},
		{"internal/radius", append([]string{"authn", "site", "protocol/*"}, contract...), database, "a dialect"},
		{"internal/web", append([]string{"authn", "enroll", "manage", "login", "site", "container", "protocol/*", "qr"}, contract...), database, "pages: a dialect"},
		{"internal/app", []string{"*", "api/*", "web", "radius"}, database, "wiring"},
		{"internal/arch", nil, nil, "rules"},
		{"cmd/symbolon", []string{"app", "qr", "secret"}, database, "the command line asks app"},
		{"test", []string{"*", "api/*", "app"}, nil, "plays the world around"},
	}
}

// TestImports checks every file against the first rule that fits its package.
func TestImports(t *testing.T) {
	all := rules()
	for _, s := range sources(t) {
		at := slices.IndexFunc(all, func(r rule) bool { return within(s.pkg, "symbolon/"+r.pkg) })
		if at < 0 {
			t.Errorf("%s: package %s has no import rule", s.path, s.pkg)
			continue
		}
		r := all[at]
		for _, im := range s.tree.Imports {
			path, err := strconv.Unquote(im.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			switch ours, isOurs := strings.CutPrefix(path, "symbolon/"); {
			case isOurs && forTests(path):
				if !s.test && !forTests(s.pkg) {
					t.Errorf("%s imports %s, which is for tests", s.path, path)
				}
			case s.test: // tests may build the world around their package
			case isOurs:
				if path != s.pkg && !within(s.pkg, path) && !r.allows(ours) {
					t.Errorf("%s must not import %s (%s)", s.path, path, r.why)
				}
			case slices.Contains(r.banned, path):
				t.Errorf("%s must not import %s (%s)", s.path, path, r.why)
			}
		}
	}
}

// TestDriversStayInTheStore keeps SQL databases behind one door.
func TestDriversStayInTheStore(t *testing.T) {
	for _, s := range sources(t) {
		for _, im := range s.tree.Imports {
			path, _ := strconv.Unquote(im.Path.Value)
			driver := strings.HasPrefix(path, "modernc.org/") || strings.HasPrefix(path, "github.com/jackc/") || strings.HasPrefix(path, "github.com/go-sql-driver/")
			home := within(s.pkg, "symbolon/internal/store") || within(s.pkg, "symbolon/internal/resolver/sql") || within(s.pkg, "symbolon/internal/transfer")
			if driver && !home && !s.test {
				t.Errorf("%s imports %s; only the store opens databases", s.path, path)
			}
		}
	}
}

// allows tells whether the package, a path below symbolon/, may be imported.
func (r rule) allows(ours string) bool {
	ours = strings.TrimPrefix(ours, "internal/")
	for _, a := range r.ours {
		parent, below := strings.CutSuffix(a, "/*")
		switch {
		case a == "*" && !within(ours, "api") && !within(ours, "app") && !within(ours, "web") && !within(ours, "radius"),
			below && within(ours, parent),
			a == ours:
			return true
		}
	}
	return false
}

// within tells whether pkg is parent or below it.
func within(pkg, parent string) bool { return pkg == parent || strings.HasPrefix(pkg, parent+"/") }

// forTests tells packages that exist for tests only: tokentest, storetest, fake.
func forTests(pkg string) bool {
	last := pkg[strings.LastIndex(pkg, "/")+1:]
	return strings.HasSuffix(last, "test") && last != "test" || last == "fake"
}
