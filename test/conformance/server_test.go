package conformance

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"testing"
	"time"

	"symbolon/internal/app"
	"symbolon/test/program"
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
	path, err := program.Build(t.TempDir())
	if err != nil {
		return "", err
	}
	env := slices.Concat([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, environment(t, product))
	if err := program.AddAdmin(path, env, "test"); err != nil {
		return "", err
	}
	// The test's own context has ended when it cleans up, and would kill it.
	serve := exec.CommandContext(context.Background(), path, "serve")
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
	return program.Listening(said)
}
