package app

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// lockedBuffer may be written and read at once.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

type question struct{ N int }

// running is a server of this test.
type running struct {
	cfg     Config
	address string
	out     *lockedBuffer
	stop    context.CancelFunc
	ended   chan error
}

// started runs a server whose one page is handler.
func started(t *testing.T, cfg Config, handler http.HandlerFunc) *running {
	t.Helper()
	r := &running{cfg: cfg, out: &lockedBuffer{}, ended: make(chan error, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	r.stop = cancel
	ready := make(chan string, 1)
	s := &Serving{
		Config: cfg, Out: r.out, Log: slog.New(slog.NewTextHandler(r.out, nil)),
		Build: func(context.Context, Config, *slog.Logger) (*Parts, error) {
			return &Parts{HTTP: handler, Close: func() error { return nil }, Control: Control{
				"double": Answering(func(_ context.Context, who Caller, q question) (int, error) {
					if q.N < 0 {
						return 0, &Problem{NotFound, "below zero"}
					}
					return q.N * 2, nil
				}),
				ServerInfo: Answering(func(context.Context, Caller, Nothing) (Status, error) { return Status{Healthy: true}, nil }),
				"who":      Answering(func(_ context.Context, who Caller, _ Nothing) (int, error) { return who.UID, nil }),
			}}, nil
		},
		Ready: func(_ context.Context, _ Client, addresses []string) error {
			ready <- addresses[0]
			return nil
		},
	}
	go func() { r.ended <- s.Run(ctx) }()
	select {
	case r.address = <-ready:
	case err := <-r.ended:
		t.Fatal(err)
	}
	t.Cleanup(cancel)
	return r
}

func plainConfig(t *testing.T) Config {
	t.Helper()
	cfg, err := Load(Sources{Environ: []string{"SYMBOLON_TLS=proxy", "SYMBOLON_LISTEN=127.0.0.1:0", "SYMBOLON_DATA=" + t.TempDir(), "XDG_CONFIG_HOME=" + t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestRunningRequestsFinish(t *testing.T) {
	t.Parallel()
	entered, release := make(chan bool), make(chan bool)
	r := started(t, plainConfig(t), func(w http.ResponseWriter, _ *http.Request) {
		entered <- true
		<-release
		io.WriteString(w, "whole")
	})
	got := make(chan string, 1)
	go func() {
		resp, err := http.Get(r.address)
		if err != nil {
			got <- err.Error()
			return
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		got <- string(body)
	}()
	<-entered
	r.stop()
	close(release)
	if text := <-got; text != "whole" {
		t.Errorf("the running request got %q", text)
	}
	if err := <-r.ended; err != nil {
		t.Errorf("stopped with %v", err)
	}
	// The folder is free again.
	f, err := openFolder(r.cfg.Data)
	if err != nil {
		t.Fatal(err)
	}
	f.close()
}

func TestOneServerAFolder(t *testing.T) {
	t.Parallel()
	r := started(t, plainConfig(t), func(http.ResponseWriter, *http.Request) {})
	s := &Serving{Config: r.cfg, Out: io.Discard, Log: slog.New(slog.DiscardHandler)}
	if err := s.Run(t.Context()); !errors.Is(err, errInUse) || !strings.Contains(err.Error(), "process ") {
		t.Errorf("the second one: %v", err)
	}
}

func TestControlSocket(t *testing.T) {
	t.Parallel()
	long := plainConfig(t)
	long.Data = filepath.Join(long.Data, strings.Repeat("deep/", 30))
	for name, cfg := range map[string]Config{"short": plainConfig(t), "long path": long} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := started(t, cfg, func(http.ResponseWriter, *http.Request) {})
			c, how, err := Connect(t.Context(), cfg, slog.New(slog.DiscardHandler), false)
			if err != nil || !strings.HasPrefix(how, "asking") {
				t.Fatal(how, err)
			}
			defer c.Close()
			var n int
			if err := c.Call(t.Context(), "double", question{21}, &n); err != nil || n != 42 {
				t.Errorf("got %d, %v", n, err)
			}
			if err := c.Call(t.Context(), "who", Nothing{}, &n); err != nil || n != os.Geteuid() {
				t.Errorf("called as user %d, %v", n, err)
			}
			var p *Problem
			if err := c.Call(t.Context(), "double", question{-1}, &n); !errors.As(err, &p) || p.Exit != NotFound || p.Text != "below zero" {
				t.Errorf("got %v", err)
			}
			if err := c.Call(t.Context(), "double", map[string]int{"M": 1}, &n); !errors.As(err, &p) || p.Exit != Usage {
				t.Errorf("an unknown field: %v", err)
			}
			if err := c.Call(t.Context(), "none", Nothing{}, &n); !errors.As(err, &p) || p.Exit != Usage {
				t.Errorf("an unknown method: %v", err)
			}
			var st Status
			if err := c.Call(t.Context(), ServerInfo, Nothing{}, &st); err != nil || !st.Healthy || st.Process != os.Getpid() || len(st.Listeners) != 1 || st.Listeners[0] != r.address {
				t.Errorf("status %+v, %v", st, err)
			}
			info, err := os.Stat(filepath.Join(r.cfg.Data, socketName))
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("socket: %v %v", info, err)
			}
		})
	}
}

func TestRunningNeedsServer(t *testing.T) {
	t.Parallel()
	var p *Problem
	if _, err := Running(t.Context(), plainConfig(t)); !errors.As(err, &p) || p.Exit != Unreachable {
		t.Errorf("got %v", err)
	}
}

func TestSelfSignedIsKept(t *testing.T) {
	t.Parallel()
	cfg := plainConfig(t)
	cfg.TLS = TLSSelf
	r := started(t, cfg, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") })
	if !strings.HasPrefix(r.address, "https://") || !strings.Contains(r.out.String(), "created self-signed certificate") {
		t.Errorf("%s\n%s", r.address, r.out)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	resp, err := client.Get(r.address)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	shown := fingerprintOf(resp.TLS.PeerCertificates[0])
	if !strings.Contains(r.out.String(), shown) {
		t.Errorf("%s is not printed", shown)
	}
	now := time.Now()
	_, kept, made, err := selfSigned(cfg.Data, "localhost", now)
	if err != nil || made || kept != shown {
		t.Errorf("kept %s, made %t, %v", kept, made, err)
	}
	if _, _, made, _ := selfSigned(cfg.Data, "mfa.example.com", now); !made {
		t.Error("a certificate for another host must be made anew")
	}
	if _, _, made, _ := selfSigned(cfg.Data, "mfa.example.com", now.AddDate(3, 0, 0)); !made {
		t.Error("an expired certificate must be made anew")
	}
}

func TestRenewedCertificateIsTaken(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "both.pem")
	renew := func(host string) {
		data, err := makeCertificate(host, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		write(t, path, string(data))
	}
	renew("a.example")
	var log lockedBuffer
	s, err := newCertificates(path, path, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	s.every = 0
	names := func() string {
		cert, err := s.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(cert.Leaf.DNSNames, " ")
	}
	first := names()
	write(t, path, "broken")
	if got := names(); got != first || !strings.Contains(log.String(), "cannot be used yet") {
		t.Errorf("a broken file: %s\n%s", got, log.String())
	}
	renew("b.example.org")
	if got := names(); got != "localhost b.example.org" {
		t.Errorf("after the renewal: %s", got)
	}
}

func TestProblemsOverTheWire(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(reply{Problem: problemOf(errors.New("disk full"))})
	if err != nil || string(data) != `{"problem":{"exit":1,"text":"disk full"}}` {
		t.Errorf("%s %v", data, err)
	}
}
