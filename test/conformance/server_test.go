package conformance

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"symbolon/internal/app"
)

// environment is what the scenarios ask of a server (README.md).
func environment(t *testing.T, product string) []string {
	t.Helper()
	return []string{
		"SYMBOLON_DATA=" + t.TempDir(), "SYMBOLON_TLS=proxy", "SYMBOLON_LISTEN=127.0.0.1:0", "SYMBOLON_URL=http://localhost:5000",
		"SYMBOLON_PROFILE=" + product, "SYMBOLON_ADMIN_REALMS=super,helpdesk", "SYMBOLON_NODE=localnode", "SYMBOLON_LOG=error",
		"SYMBOLON_CONFIG=" + os.DevNull, "TZ=UTC",
	}
}

// newServer starts a fresh server in this process and returns its URL. It ends
// with the test.
func newServer(t *testing.T, product string, now func() time.Time) (base string, err error) {
	t.Helper()
	cfg, err := app.Load(app.Sources{Environ: environment(t, product)})
	if err != nil {
		return "", err
	}
	cfg.Careless, cfg.Now = true, now
	parts, err := app.New(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return "", err
	}
	t.Cleanup(func() {
		if err := parts.Close(); err != nil {
			t.Error(err)
		}
	})
	admin := app.AddAdmin{Name: "admin", Secret: "test"}
	if err := app.Within(parts).Call(t.Context(), app.AdminAdd, admin, &app.Added{}); err != nil {
		return "", err
	}
	server := httptest.NewServer(parts.HTTP)
	t.Cleanup(server.Close)
	return server.URL, nil
}

// startBinary builds the program, makes the administrator and starts it, as
// somebody would who has read the README.
func startBinary(t *testing.T, product string) (base string, err error) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "symbolon")
	if out, err := exec.Command("go", "build", "-o", program, "symbolon/cmd/symbolon").CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	env := slices.Concat([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, environment(t, product))
	add := exec.Command(program, "admin", "add", "admin", "--secret-file", "-")
	add.Env, add.Stdin = env, strings.NewReader("test\n")
	if out, err := add.CombinedOutput(); err != nil {
		return "", errors.New(strings.TrimSpace(string(out)))
	}
	// The test's own context has ended when it cleans up, and would kill it.
	serve := exec.CommandContext(context.Background(), program, "serve")
	serve.Env = env
	said, err := serve.StderrPipe()
	if err != nil {
		return "", err
	}
	if err := serve.Start(); err != nil {
		return "", err
	}
	t.Cleanup(func() {
		serve.Process.Signal(syscall.SIGTERM)
		if err := serve.Wait(); err != nil {
			t.Errorf("the server ended with: %v", err)
		}
	})
	return listeningAt(said)
}

// listeningAt reads what the server says until it listens, and goes on reading:
// a full pipe would stop it.
func listeningAt(said io.Reader) (string, error) {
	found := make(chan string, 1)
	go func() {
		in := bufio.NewScanner(said)
		for in.Scan() {
			if rest, ok := strings.CutPrefix(in.Text(), "listening "); ok {
				found <- rest
			}
		}
		close(found)
	}()
	select {
	case base, ok := <-found:
		if !ok {
			return "", errors.New("the server ended before it listened")
		}
		return base, nil
	case <-time.After(time.Minute):
		return "", errors.New("the server does not listen")
	}
}
