package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	socketName = "symbolon.sock"
	// maxSocketPath is what fits into a socket address of Linux, whose 108 bytes
	// end with a zero.
	maxSocketPath = 107
	maxQuestion   = 1 << 20
)

// socketPath is a path of the folder's socket that fits into a socket address.
// For a long one it goes through a descriptor of the folder, which release
// closes; the address must not be used afterwards.
func socketPath(data string) (path string, release func(), err error) {
	path = filepath.Join(data, socketName)
	if len(path) <= maxSocketPath {
		return path, func() {}, nil
	}
	dir, err := os.Open(data)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), socketName), func() { dir.Close() }, nil
}

// listenControl opens the folder's socket for its owner alone. The folder is
// locked, so a socket that lies there is left over.
func listenControl(data string) (net.Listener, func(), error) {
	path, release, err := socketPath(data)
	if err != nil {
		return nil, nil, err
	}
	if err := os.Remove(path); err != nil && !missing(err) {
		release()
		return nil, nil, err
	}
	l, err := net.Listen("unix", path)
	if err == nil {
		err = os.Chmod(path, 0o600)
	}
	if err != nil {
		release()
		return nil, nil, fmt.Errorf("control socket: %w", err)
	}
	return l, release, nil
}

type callerKey struct{}

// controlServer answers POST /METHOD on the socket with JSON: {"answer": …} or
// {"problem": {"exit": …, "text": …}}.
func controlServer(c Control, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answerControl(c, w, r) }),
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			who, err := callerOf(conn)
			if err != nil {
				log.Warn("control socket: caller unknown", "error", err)
				return ctx
			}
			return context.WithValue(ctx, callerKey{}, who)
		},
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       time.Minute,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// reply is the answer on the socket.
type reply struct {
	Answer  any      `json:"answer,omitempty"`
	Problem *Problem `json:"problem,omitempty"`
}

func answerControl(c Control, w http.ResponseWriter, r *http.Request) {
	answer, err := func() (any, error) {
		who, ok := r.Context().Value(callerKey{}).(Caller)
		if !ok || who.UID != 0 && who.UID != os.Geteuid() {
			return nil, &Problem{NotAllowed, "only root and the user the server runs as may call it"}
		}
		if r.Method != http.MethodPost {
			return nil, &Problem{Usage, "the socket takes POST"}
		}
		var question json.RawMessage
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxQuestion)).Decode(&question); err != nil {
			return nil, &Problem{Usage, "the question is no JSON"}
		}
		return c.call(r.Context(), who, strings.TrimPrefix(r.URL.Path, "/"), question)
	}()
	out := reply{Answer: answer}
	if err != nil {
		out = reply{Problem: problemOf(err)}
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(out) // the caller is gone if this fails
}

// callerOf asks the kernel who is at the other end.
func callerOf(conn net.Conn) (Caller, error) {
	unix, ok := conn.(*net.UnixConn)
	if !ok {
		return Caller{}, errors.New("no unix socket")
	}
	raw, err := unix.SyscallConn()
	if err != nil {
		return Caller{}, err
	}
	var cred *syscall.Ucred
	var failed error
	if err := raw.Control(func(fd uintptr) {
		cred, failed = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); err != nil {
		return Caller{}, err
	}
	if failed != nil {
		return Caller{}, failed
	}
	return callerNamed(int(cred.Uid)), nil
}

// callerNamed is the user with this number; the number is the name where
// nobody knows another.
func callerNamed(uid int) Caller {
	who := Caller{UID: uid, Name: strconv.Itoa(uid)}
	if u, err := user.LookupId(who.Name); err == nil {
		who.Name = u.Username
	}
	return who
}
