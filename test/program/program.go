// Package program builds the real program for tests, runs commands of it and
// waits until a server of it listens.
package program

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// startWait is how long a server may take until it listens, on a busy machine.
const startWait = time.Minute

// Build builds the program into the folder dir and returns its path.
func Build(dir string) (path string, err error) {
	path = filepath.Join(dir, "symbolon")
	out, err := exec.Command("go", "build", "-buildvcs=false", "-o", path, "symbolon/cmd/symbolon").CombinedOutput()
	if err != nil {
		return "", errors.New(strings.TrimSpace(string(out)))
	}
	return path, nil
}

// AddAdmin makes the administrator admin.
func AddAdmin(path string, env []string, password string) error {
	add := exec.Command(path, "admin", "add", "admin", "--secret-file", "-")
	add.Env, add.Stdin = env, strings.NewReader(password+"\n")
	if out, err := add.CombinedOutput(); err != nil {
		return fmt.Errorf("admin add: %w\n%s", err, out)
	}
	return nil
}

// Listening reads what a server says until it says where it listens, and goes on
// reading: a full pipe would stop it.
func Listening(said io.Reader) (base string, err error) {
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
	case <-time.After(startWait):
		return "", errors.New("the server does not listen")
	}
}
