package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"symbolon/internal/manage"
	"symbolon/internal/secret"
	"symbolon/internal/token"
	"symbolon/protocol/otp"
)

const (
	benchConns = 64
	benchRun   = time.Second
	benchRuns  = 5
	benchUsers = 19_500 // fewer than the store keeps in memory
)

// loginBench is a server over real disk with a TOTP token without PIN for each
// of many users, and an empty handler beside it.
type loginBench struct {
	base   string
	client *http.Client
	next   atomic.Int64 // the user who logs in next: each code is used once
}

func benchKey(user int64) []byte { return fmt.Appendf(nil, "%020d", user) }

// BenchmarkLoginRatio says how many logins a second the server takes for each
// request a second of an empty handler that reads a form and writes JSON: the
// same server, client and connections, in alternating runs, the median of five.
// The tokens are in memory, as those are that have been used before.
// BENCH_DIR names a folder on the disk that is to be measured.
func BenchmarkLoginRatio(b *testing.B) {
	l := newLoginBench(b)
	var logins, empty []float64
	for range benchRuns {
		empty = append(empty, l.run(b, "/empty", func() url.Values { return url.Values{"user": {"u1"}, "pass": {"123456"}} }))
		logins = append(logins, l.run(b, "/validate/check", l.login))
	}
	slices.Sort(logins)
	slices.Sort(empty)
	b.ReportMetric(logins[benchRuns/2], "logins/s")
	b.ReportMetric(empty[benchRuns/2], "empty/s")
	b.ReportMetric(logins[benchRuns/2]/empty[benchRuns/2], "ratio")
	b.ReportMetric(0, "ns/op")
}

func (l *loginBench) login() url.Values {
	n := l.next.Add(1) - 1
	g, err := otp.NewGenerator(benchKey(n), otp.SHA1, 6)
	if err != nil || n >= benchUsers {
		return nil
	}
	return url.Values{"user": {fmt.Sprintf("u%d", n)}, "pass": {g.Code(otp.Step(time.Now().Unix(), 30))}}
}

// run keeps the connections busy for a while and returns requests a second.
func (l *loginBench) run(b *testing.B, path string, form func() url.Values) float64 {
	b.Helper()
	var done atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for range benchConns {
		wg.Go(func() {
			for time.Since(start) < benchRun {
				v := form()
				if v == nil {
					b.Error("more users are needed")
					return
				}
				a, err := l.client.PostForm(l.base+path, v)
				if err != nil {
					b.Error(err)
					return
				}
				text, err := io.ReadAll(a.Body)
				a.Body.Close()
				if err != nil || a.StatusCode != http.StatusOK || !strings.Contains(string(text), `"value":true`) {
					b.Errorf("%d %s %v", a.StatusCode, text, err)
					return
				}
				done.Add(1)
			}
		})
	}
	wg.Wait()
	return float64(done.Load()) / time.Since(start).Seconds()
}

func newLoginBench(b *testing.B) *loginBench {
	b.Helper()
	dir := b.TempDir()
	if d := os.Getenv("BENCH_DIR"); d != "" {
		var err error
		if dir, err = os.MkdirTemp(d, "symbolon-bench-"); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { os.RemoveAll(dir) })
	}
	cfg, err := Load(Sources{Environ: []string{"SYMBOLON_DATA=" + dir, "SYMBOLON_TLS=proxy", "SYMBOLON_LISTEN=127.0.0.1:0", "SYMBOLON_CONFIG=/dev/null"}})
	if err != nil {
		b.Fatal(err)
	}
	s, parts, err := assemble(b.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { parts.Close() })
	benchPeople(b, s, dir)
	mux := http.NewServeMux()
	mux.Handle("/", parts.HTTP)
	mux.HandleFunc("POST /empty", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil || r.PostForm.Get("user") == "" {
			w.WriteHeader(http.StatusBadRequest)
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"id":1,"jsonrpc":"2.0","result":{"status":true,"value":true}}`)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: mux}
	go server.Serve(listener)
	b.Cleanup(func() { server.Close() })
	return &loginBench{base: "http://" + listener.Addr().String(),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchConns}}}
}

// benchPeople makes the users and their tokens, past the API.
func benchPeople(b *testing.B, s *server, dir string) {
	b.Helper()
	ctx := context.Background()
	var file strings.Builder
	for n := range benchUsers {
		fmt.Fprintf(&file, "u%d:*:%d:1:User %d,,,,:/:/bin/sh\n", n, 1000+n, n)
	}
	path := filepath.Join(dir, "users")
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	kind := "passwdresolver"
	if _, err := manage.SetResolver(ctx, s.begin("bench", Caller{}), manage.ResolverInput{Name: "users", Type: &kind, Params: map[string]string{"fileName": path}}); err != nil {
		b.Fatal(err)
	}
	if _, err := manage.SetRealm(ctx, s.begin("bench", Caller{}), manage.RealmInput{Name: "bench", Resolvers: []string{"users"}}); err != nil {
		b.Fatal(err)
	}
	var wg sync.WaitGroup
	var next atomic.Int64
	for range 256 {
		wg.Go(func() {
			for n := next.Add(1) - 1; n < benchUsers; n = next.Add(1) - 1 {
				t := token.Token{ID: token.ID(n + 1), Serial: fmt.Sprintf("BENCH%08d", n), Type: "totp", Digits: 6, Window: 10, SyncWindow: 1000,
					Owner: token.Owner{UserID: fmt.Sprint(1000 + n), Resolver: "users", Realm: "bench"}, Realms: []string{"bench"}, Created: time.Now(),
					Info:     map[string]token.Entry{"hashlib": {Text: "sha1"}, "timeStep": {Text: "30"}, "timeWindow": {Text: "180"}, "timeShift": {Text: "0"}},
					Standing: token.Standing{Active: true, MaxFailures: 10}}
				var err error
				if t.Sealed, err = s.ring.Seal(&t, secret.New(benchKey(n))); err == nil {
					err = s.store.Commit(ctx, token.Commit{Changes: []token.Change{token.Create{Token: t}}})
				}
				if err == nil {
					_, err = s.store.TokensOf(ctx, t.Owner)
				}
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}
