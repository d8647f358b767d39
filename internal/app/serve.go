package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"syscall"
	"time"
)

// stopWait is how long running requests get to finish once the server is told
// to stop. A held push login fits into it.
const stopWait = 60 * time.Second

// Serving is one run of the server.
type Serving struct {
	Config Config
	Out    io.Writer // what the person who started it is told
	Log    *slog.Logger
	// Passing says that the data folder goes away at the end: nobody is told to
	// look after it.
	Passing bool
	// Build puts the parts together; nil: New.
	Build func(ctx context.Context, cfg Config, log *slog.Logger) (*Parts, error)
	// Ready is called when everything listens, before Run waits for the end. Its
	// error ends the run.
	Ready func(ctx context.Context, c Client, addresses []string) error
}

// Run serves until ctx ends; then running requests finish and everything is
// closed. It fails when another program uses the data folder.
func (s *Serving) Run(ctx context.Context) (err error) {
	f, err := openFolder(s.Config.Data)
	if errors.Is(err, errInUse) {
		return fmt.Errorf("%w. Stop that one, or choose another folder with --data", err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.close()) }()
	s.tell("symbolon %s %s/%s   data %s   config: %s", Version, runtime.GOOS, runtime.GOARCH, s.Config.Data, s.Config.described())

	build := s.Build
	if build == nil {
		build = New
	}
	parts, err := build(ctx, s.Config, s.Log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, parts.Close()) }()
	if !s.Passing {
		for _, note := range parts.Notes {
			s.tell("%s", note)
		}
	}
	web, err := s.listenWeb(parts.HTTP)
	if err != nil {
		return err
	}
	control, err := s.listenSocket(s.withRun(parts.Control, web))
	if err != nil {
		web.listener.Close()
		return err
	}
	return s.serve(ctx, parts, []*listening{web, control})
}

// listening is a server and the listener it takes its connections from.
type listening struct {
	server   *http.Server
	listener net.Listener
	address  string
	after    func()

	certificates *certificates // nil: plain HTTP
}

func (l *listening) serve() error {
	if l.server.TLSConfig != nil {
		return l.server.ServeTLS(l.listener, "", "")
	}
	return l.server.Serve(l.listener)
}

func (s *Serving) serve(ctx context.Context, parts *Parts, all []*listening) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, len(all))
	for _, l := range all {
		go func() { ended <- l.serve() }()
	}
	s.tell("listening %s", all[0].address)
	var failure error
	if s.Ready != nil {
		failure = s.Ready(ctx, Within(parts), []string{all[0].address})
	}
	waiting := len(all)
	if failure == nil {
		select {
		case <-ctx.Done():
			s.tell("stopping: running requests finish first")
		case failure = <-ended:
			waiting--
		}
	}
	return errors.Join(failure, stop(all, ended, waiting))
}

// stop ends the servers, the public one first, and waits for their goroutines.
func stop(all []*listening, ended <-chan error, waiting int) (err error) {
	// Its parent has ended: that is why the server stops.
	ctx, cancel := context.WithTimeout(context.Background(), stopWait)
	defer cancel()
	for _, l := range all {
		if late := l.server.Shutdown(ctx); late != nil {
			err = errors.Join(err, fmt.Errorf("%s: requests were cut off: %w", l.address, late), l.server.Close())
		}
		l.after()
	}
	for range waiting {
		if e := <-ended; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
	}
	return err
}

func (s *Serving) listenWeb(handler http.Handler) (*listening, error) {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      3 * time.Minute, // a login may be held until the phone answers
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelWarn),
	}
	out := &listening{server: server, after: func() {}}
	if s.Config.TLS != TLSProxy {
		var err error
		if out.certificates, err = s.certificates(); err != nil {
			return nil, err
		}
		server.TLSConfig = out.certificates.tlsConfig()
	}
	var err error
	if out.listener, err = net.Listen("tcp", s.Config.Listen); err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w. %s", s.Config.Listen, cause(err), listenAdvice(err))
	}
	out.address = s.Config.Scheme() + "://" + shownAddress(s.Config.Listen, out.listener.Addr())
	return out, nil
}

// cause is what the system said, without the address, which stands there already.
func cause(err error) error {
	var op *net.OpError
	if !errors.As(err, &op) {
		return err
	}
	var call *os.SyscallError
	if errors.As(op.Err, &call) {
		return call.Err
	}
	return op.Err
}

func listenAdvice(err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "Stop the program that uses it, or choose another with --listen"
	case errors.Is(err, syscall.EACCES):
		return "Ports below 1024 are root's: give the program CAP_NET_BIND_SERVICE, or choose another with --listen"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "This machine does not have that address; choose one of its own with --listen"
	}
	return "Choose another with --listen"
}

func (s *Serving) listenSocket(c Control) (*listening, error) {
	l, release, err := listenControl(s.Config.Data)
	if err != nil {
		return nil, err
	}
	return &listening{server: controlServer(c, s.Log), listener: l, address: "control socket", after: release}, nil
}

func (s *Serving) certificates() (*certificates, error) {
	if s.Config.TLS == TLSFiles {
		return newCertificates(s.Config.TLSCert, s.Config.TLSKey, s.Log)
	}
	host := ""
	if u, err := url.Parse(s.Config.URL); err == nil {
		host = u.Hostname()
	}
	path, fingerprint, made, err := selfSigned(s.Config.Data, host, time.Now())
	if err != nil {
		return nil, fmt.Errorf("self-signed certificate: %w", err)
	}
	word := "self-signed certificate"
	if made {
		word = "created self-signed certificate"
	}
	s.tell("%s %s SHA-256 %s", word, path, fingerprint)
	return newCertificates(path, path, s.Log)
}

func (s *Serving) tell(format string, args ...any) { fmt.Fprintf(s.Out, format+"\n", args...) }

// shownAddress keeps the host as it was configured: localhost is what the
// certificate names. The port is the real one.
func shownAddress(configured string, real net.Addr) string {
	host, _, _ := net.SplitHostPort(configured)
	_, port, err := net.SplitHostPort(real.String())
	if err != nil || host == "" {
		return real.String()
	}
	return net.JoinHostPort(host, port)
}

// described says in a few words where the settings come from.
func (c *Config) described() string {
	switch {
	case c.File != "":
		return c.File
	case c.fromEnvironment():
		return "environment, no file"
	}
	return "defaults (no file, no environment)"
}

func (c *Config) fromEnvironment() bool {
	for _, origin := range c.Origins {
		if origin == "environment" {
			return true
		}
	}
	return false
}
