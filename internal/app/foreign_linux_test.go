package app

import (
	"errors"
	"log/slog"
	"os"
	"runtime"
	"syscall"
	"testing"
)

func TestForeignServer(t *testing.T) {
	t.Parallel()
	cfg := plainConfig(t)
	if err := os.Chmod(cfg.Data, 0); err != nil {
		t.Fatal(err)
	}
	asNobody(t)
	var p *Problem
	if _, err := Running(t.Context(), cfg); !errors.As(err, &p) || p.Exit != NotAllowed {
		t.Errorf("status: %v", err)
	}
	if _, _, err := Connect(t.Context(), cfg, slog.New(slog.DiscardHandler), true); !errors.As(err, &p) || p.Exit != NotAllowed {
		t.Errorf("another command: %v", err)
	}
}

// asNobody takes from the goroutine what root may do with files, until the test
// ends. Others have nothing to lose.
func asNobody(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	const nobody = 65534
	runtime.LockOSThread() // the rights are those of a thread
	if err := syscall.Setfsuid(nobody); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Setfsuid(0); err == nil {
			runtime.UnlockOSThread()
		}
	})
}
