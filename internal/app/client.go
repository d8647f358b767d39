package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// Client calls the methods of a server.
type Client interface {
	// Call sends a question and fills answer. Its errors are Problems.
	Call(ctx context.Context, method string, question, answer any) error
	// Close ends the connection; without a server it closes the store.
	Close() error
}

// startWait is how long a server may take from locking its folder to
// listening on the socket: it migrates the database meanwhile.
const startWait = 10 * time.Second

// Connect returns a client of the server that owns the data folder. Without one
// it opens the store itself, under the folder's lock; creates says that a
// folder without one gets one, and is a Problem otherwise: it is another folder
// that was meant. how says which of the two it did, in words.
func Connect(ctx context.Context, cfg Config, log *slog.Logger, creates bool) (c Client, how string, err error) {
	for deadline := time.Now().Add(startWait); ; {
		c, err := dial(ctx, cfg.Data)
		switch {
		case err == nil:
			return c, "asking the running server", nil
		case errors.Is(err, fs.ErrPermission):
			return nil, "", foreignServer(cfg.Data)
		}
		if _, err := os.Stat(filepath.Join(cfg.Data, databaseName)); missing(err) && !creates {
			return nil, "", &Problem{Unreachable, fmt.Sprintf("there is no server's data in %s. Name the folder with --data, or begin with: symbolon admin add NAME", cfg.Data)}
		}
		own, err := openLocal(ctx, cfg, log)
		if err == nil {
			return own, "no server is running: working in the data folder " + cfg.Data, nil
		}
		if !errors.Is(err, errInUse) {
			return nil, "", err
		}
		if time.Now().After(deadline) {
			return nil, "", &Problem{Unreachable, fmt.Sprintf("%v, which does not answer; wait, or look at its log", err)}
		}
		select {
		case <-ctx.Done():
			return nil, "", ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Running returns a client of the running server. Without one it is a Problem.
func Running(ctx context.Context, cfg Config) (Client, error) {
	c, err := dial(ctx, cfg.Data)
	if errors.Is(err, fs.ErrPermission) {
		return nil, foreignServer(cfg.Data)
	}
	if err != nil {
		return nil, &Problem{Unreachable, fmt.Sprintf("no server answers for the data folder %s. Start it with: symbolon serve", cfg.Data)}
	}
	return c, nil
}

// foreignServer says that the folder, and the server if there is one, are
// somebody else's.
func foreignServer(data string) *Problem {
	return &Problem{NotAllowed, fmt.Sprintf("the data folder %s belongs to another user. Run this as root, or as the user the server runs as", data)}
}

// remote calls over the socket.
type remote struct {
	http    *http.Client
	release func()
}

func dial(ctx context.Context, data string) (*remote, error) {
	path, release, err := socketPath(data)
	if err != nil {
		return nil, err
	}
	connect := func(ctx context.Context) (net.Conn, error) { return (&net.Dialer{}).DialContext(ctx, "unix", path) }
	probe, err := connect(ctx)
	if err != nil {
		release()
		return nil, err
	}
	probe.Close()
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return connect(ctx) }}
	return &remote{&http.Client{Transport: transport}, release}, nil
}

// Call implements Client.
func (r *remote) Call(ctx context.Context, method string, question, answer any) error {
	data, err := json.Marshal(question)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://symbolon/"+method, bytes.NewReader(data))
	if err != nil {
		return err
	}
	resp, err := r.http.Do(req)
	if err != nil {
		return &Problem{Unreachable, fmt.Sprintf("the server has gone: %v", err)}
	}
	defer resp.Body.Close()
	out := reply{Answer: answer}
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		return &Problem{Unreachable, fmt.Sprintf("the server's answer cannot be read: %v", err)}
	}
	if out.Problem != nil {
		return out.Problem
	}
	return nil
}

// Close implements Client.
func (r *remote) Close() error {
	r.http.CloseIdleConnections()
	r.release()
	return nil
}

// local answers from this process.
type local struct {
	folder *folder
	parts  *Parts
}

func openLocal(ctx context.Context, cfg Config, log *slog.Logger) (*local, error) {
	f, err := openFolder(cfg.Data)
	if err != nil {
		return nil, err
	}
	parts, err := New(ctx, cfg, log)
	if err != nil {
		f.close()
		return nil, err
	}
	return &local{f, parts}, nil
}

// Call implements Client.
func (l *local) Call(ctx context.Context, method string, question, answer any) error {
	data, err := json.Marshal(question)
	if err != nil {
		return err
	}
	out, err := l.parts.Control.call(ctx, callerNamed(os.Getuid()), method, data)
	if err != nil {
		return problemOf(err)
	}
	if data, err = json.Marshal(out); err != nil {
		return err
	}
	return json.Unmarshal(data, answer)
}

// Close implements Client.
func (l *local) Close() error { return errors.Join(l.parts.Close(), l.folder.close()) }

// Within returns a client of parts in this process. Closing it closes nothing.
func Within(parts *Parts) Client { return within{&local{parts: parts}} }

type within struct{ *local }

// Close implements Client.
func (within) Close() error { return nil }
