// Package passwd reads users from a file in the form of /etc/passwd
// (users-audit-events.md 2.2), whose second field holds a password hash. It
// changes nothing and never tells a hash. Which realm its users belong to is
// compiled in internal/site.
//
// A line is login:hash:uid:gid:gecos:home:shell; the uid, as text, is the
// user's ID. Lines that have no login or uid, that are not UTF-8, or whose
// login or uid an earlier line has, are left out and logged: two logins with
// one uid would be one user with two passwords. Lines that begin with # are
// comments.
package passwd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"symbolon/internal/heavy"
	"symbolon/internal/realm"
	"symbolon/internal/secret"
)

// Type is the name of the type in definitions.
const Type = "passwdresolver"

const (
	defaultFile = "/etc/passwd"
	defaultSize = 64 << 20 // bytes
	// settling is how old a file must be when it is read, so that a later write
	// within the clock's grain cannot hide behind the same time and size.
	settling = 2 * time.Second
)

// Options are what resolvers share.
type Options struct {
	Pool    *heavy.Pool  // where hashes are computed; nil: a pool of its own
	Log     *slog.Logger // nil: nothing is logged
	MaxSize int64        // of a file, in bytes; 0: 64 MiB
}

// Resolver is one file. It is read at the first question and again whenever it
// has changed.
type Resolver struct {
	path string
	o    Options

	loading sync.Mutex // one reader at a time
	cached  atomic.Pointer[cached]
}

type cached struct {
	file    *file
	info    os.FileInfo
	settled bool
}

var _ realm.Resolver = (*Resolver)(nil)

// New returns a resolver for a definition's parameters: fileName, or filename,
// names the file; without it that is /etc/passwd. The file need not be there yet.
func New(params map[string]string, o Options) *Resolver {
	r := &Resolver{path: params["fileName"], o: o}
	if r.path == "" {
		r.path = params["filename"]
	}
	if r.path == "" {
		r.path = defaultFile
	}
	if r.o.Pool == nil {
		r.o.Pool = heavy.New(0)
	}
	if r.o.Log == nil {
		r.o.Log = slog.New(slog.DiscardHandler)
	}
	if r.o.MaxSize <= 0 {
		r.o.MaxSize = defaultSize
	}
	return r
}

// Find implements realm.Resolver. Logins are compared exactly.
func (r *Resolver) Find(ctx context.Context, login string) (id, primary string, ok bool, err error) {
	f, err := r.file(ctx)
	if err != nil {
		return "", "", false, err
	}
	u, ok := f.byLogin[login]
	if !ok {
		return "", "", false, nil
	}
	return u.id, u.login, true, nil
}

// Info implements realm.Resolver.
func (r *Resolver) Info(ctx context.Context, id string) (info realm.Info, ok bool, err error) {
	f, err := r.file(ctx)
	if err != nil {
		return nil, false, err
	}
	u, ok := f.byID[id]
	if !ok {
		return nil, false, nil
	}
	return u.info(), true, nil
}

// List implements realm.Resolver, in the order of the file.
func (r *Resolver) List(ctx context.Context, search map[string]string) ([]realm.Info, error) {
	f, err := r.file(ctx)
	if err != nil {
		return nil, err
	}
	var conditions []condition
	for key, pattern := range search {
		conditions = append(conditions, conditionOn(key, pattern))
	}
	var found []realm.Info
next:
	for _, u := range f.users {
		for _, fits := range conditions {
			if !fits(u) {
				continue next
			}
		}
		found = append(found, u.info())
	}
	return found, nil
}

// CheckPassword implements realm.Resolver. A hash this server cannot compute
// is nobody's password; why is logged, since the user cannot be told.
func (r *Resolver) CheckPassword(ctx context.Context, id string, password secret.Bytes) (bool, error) {
	f, err := r.file(ctx)
	if err != nil {
		return false, err
	}
	u, known := f.byID[id]
	var h hash
	usable := false
	if known {
		if h, err = parseHash(u.hash); err == nil {
			usable = true
		} else {
			r.o.Log.WarnContext(ctx, "this user's password cannot be checked", "file", r.path, "login", u.login, "error", err)
		}
	}
	if !usable {
		h = f.typical
	}
	right, err := h.matches(ctx, r.o.Pool, password)
	return usable && right, err
}

// Editable implements realm.Resolver.
func (r *Resolver) Editable() bool { return false }

// file returns what the file holds now.
func (r *Resolver) file(ctx context.Context) (*file, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	now, err := os.Stat(r.path)
	if err != nil {
		return nil, fmt.Errorf("asking for the users' file: %w", err)
	}
	if c := r.cached.Load(); c != nil && c.fits(now) {
		return c.file, nil
	}
	r.loading.Lock()
	defer r.loading.Unlock()
	// Another question may have read it while this one waited.
	if c := r.cached.Load(); c != nil && c.fits(now) {
		return c.file, nil
	}
	c, err := r.load()
	if err != nil {
		return nil, err
	}
	r.cached.Store(c)
	return c.file, nil
}

func (c *cached) fits(now os.FileInfo) bool {
	return c.settled && os.SameFile(c.info, now) && c.info.Size() == now.Size() && c.info.ModTime().Equal(now.ModTime())
}

func (r *Resolver) load() (*cached, error) {
	// Before it is opened: to open a pipe would wait for its writer.
	if i, err := os.Stat(r.path); err == nil && !i.Mode().IsRegular() {
		return nil, fmt.Errorf("the users' file %s is not a file", r.path)
	}
	f, err := os.Open(r.path)
	if err != nil {
		return nil, fmt.Errorf("opening the users' file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	at := time.Now()
	text, err := io.ReadAll(io.LimitReader(f, r.o.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("reading the users' file: %w", err)
	}
	if int64(len(text)) > r.o.MaxSize {
		return nil, errors.New("the users' file " + r.path + " is too large")
	}
	parsed, skipped := parse(string(text))
	for _, s := range skipped {
		r.o.Log.Warn("a line of the users' file is left out", "file", r.path, "line", s.line, "reason", s.reason)
	}
	return &cached{parsed, info, at.Sub(info.ModTime()) >= settling}, nil
}
