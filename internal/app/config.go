package app

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"symbolon/internal/secret"
)

// ErrConfig is in every error about the configuration.
var ErrConfig = errors.New("configuration")

// TLSMode says how connections are protected.
type TLSMode string

// The modes.
const (
	TLSSelf  TLSMode = "self"  // a certificate of the server's own making
	TLSFiles TLSMode = "files" // certificate and key from files, read again when they change
	TLSProxy TLSMode = "proxy" // a proxy in front does it; the server speaks plain HTTP
)

// Config holds the start settings, checked.
type Config struct {
	Data           string // absolute
	Listen         string // address:port
	TLS            TLSMode
	TLSCert        string
	TLSKey         string
	URL            string // scheme and host, no slash at the end; "" until somebody sets it
	Profile        string // privacyidea or edumfa
	Database       secret.Bytes
	Node           string
	AdminRealms    []string // lower case
	TrustedProxies []netip.Prefix
	ResponseKey    string
	Log            slog.Level
	LogJSON        bool

	// For tests; no setting sets them.
	Careless bool             // hashes cost next to nothing, and a commit does not wait for the disk
	Now      func() time.Time // nil: the machine's clock

	File    string            // the configuration file that was read, or ""
	Origins map[string]string // setting: default, a file's path, environment or flag
}

// Sources are the layers a Config is read from, strongest first.
type Sources struct {
	Flags   map[string]string // by Setting.Name
	Environ []string          // as os.Environ gives it
	Root    bool              // run by the superuser
}

// Load reads the settings: a flag wins over the environment, that over the
// file, that over the default. Its errors contain ErrConfig and name the layer.
func Load(src Sources) (Config, error) {
	env := map[string]string{}
	for _, e := range src.Environ {
		name, v, _ := strings.Cut(e, "=")
		env[name] = v
	}
	places := defaultPlaces(env, src.Root)
	path, chosen := env[Prefix+"CONFIG"]
	if !chosen {
		path = places.file
	}
	fromFile, err := readFile(path, chosen)
	if err != nil {
		return Config{}, err
	}
	c := Config{Origins: map[string]string{}}
	if fromFile != nil {
		c.File = path
	}
	fromEnv := map[string]string{}
	for name, v := range env {
		if strings.HasPrefix(name, Prefix) && name != Prefix+"CONFIG" {
			fromEnv[strings.TrimPrefix(name, Prefix)] = v
		}
	}
	layers := []layer{
		{"default", map[string]string{"DATA": places.data}},
		{path, fromFile},
		{"environment", fromEnv},
		{"flag", src.Flags},
	}
	for _, l := range layers {
		if err := l.check(); err != nil {
			return Config{}, err
		}
	}
	for _, s := range Settings() {
		if err := c.set(s, layers); err != nil {
			return Config{}, err
		}
	}
	return c, c.settle()
}

type layer struct {
	name   string
	values map[string]string // by Setting.Name, or that with _FILE behind it
}

// check refuses names that are no setting: a misspelt one would go unnoticed.
func (l layer) check() error {
	var known []string
	for _, s := range Settings() {
		known = append(known, s.Name)
	}
	for name := range l.values {
		bare := strings.TrimSuffix(name, "_FILE")
		if slices.Contains(known, bare) {
			continue
		}
		hint := "see symbolon serve --help"
		if near := Nearest(bare, known); near != "" {
			hint = "did you mean " + Prefix + near + "?"
		}
		return fmt.Errorf("%w: %s: there is no setting %s%s; %s", ErrConfig, l.name, Prefix, name, hint)
	}
	return nil
}

// value is what the layer says of the setting, itself or in a file it names.
func (l layer) value(s Setting) (v string, set bool, err error) {
	v, set = l.values[s.Name]
	path, inFile := l.values[s.Name+"_FILE"]
	switch {
	case set && inFile:
		return "", false, fmt.Errorf("%w: %s: %s and %s_FILE are both set; keep one", ErrConfig, l.name, s.Variable(), s.Variable())
	case inFile:
		data, err := os.ReadFile(path)
		if err != nil {
			return "", false, fmt.Errorf("%w: %s: %s_FILE: %w", ErrConfig, l.name, s.Variable(), err)
		}
		return strings.TrimRight(string(data), "\r\n"), true, nil
	}
	return v, set, nil
}

func (c *Config) set(s Setting, layers []layer) error {
	value, origin := s.Default, "default"
	for _, l := range layers {
		v, set, err := l.value(s)
		if err != nil {
			return err
		}
		if set {
			value, origin = v, l.name
		}
	}
	c.Origins[s.Name] = origin
	if err := s.parse(c, value); err != nil {
		return fmt.Errorf("%w: %s: %s %w", ErrConfig, origin, s.Variable(), err)
	}
	return nil
}

// settle works out what depends on several settings, and refuses combinations
// that would be half a state.
func (c *Config) settle() error {
	if c.Listen == "" {
		c.Listen = "localhost:8443"
		if c.URL != "" && c.TLS != TLSProxy {
			c.Listen = hostPort(c.URL)
		}
	}
	switch {
	case c.TLS == TLSFiles && (c.TLSCert == "" || c.TLSKey == ""):
		return fmt.Errorf("%w: %sTLS=files needs %sTLS_CERT and %sTLS_KEY", ErrConfig, Prefix, Prefix, Prefix)
	case c.TLS != TLSFiles && c.TLSCert+c.TLSKey != "":
		return fmt.Errorf("%w: %sTLS_CERT and %sTLS_KEY need %sTLS=files", ErrConfig, Prefix, Prefix, Prefix)
	case c.TLS == TLSProxy && !loopback(c.Listen) && len(c.TrustedProxies) == 0:
		return fmt.Errorf("%w: %sTLS=proxy speaks plain HTTP: listen on the loopback address, or name the proxies in %sTRUSTED_PROXIES",
			ErrConfig, Prefix, Prefix)
	case c.TLS != TLSProxy && strings.HasPrefix(c.URL, "http://"):
		return fmt.Errorf("%w: %sURL begins with http://, which needs %sTLS=proxy", ErrConfig, Prefix, Prefix)
	}
	return nil
}

// Scheme is what the listener speaks: http or https.
func (c *Config) Scheme() string {
	if c.TLS == TLSProxy {
		return "http"
	}
	return "https"
}

// hostPort is where a URL leads.
func hostPort(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// loopback reports whether only this machine can reach the address.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// places are where data and the configuration file are when nobody says.
type places struct{ data, file string }

func defaultPlaces(env map[string]string, root bool) places {
	p := places{"/var/lib/symbolon", "/etc/symbolon/symbolon.conf"}
	if !root {
		base := func(variable, below string) string {
			if v := env[variable]; filepath.IsAbs(v) {
				return filepath.Join(v, "symbolon")
			}
			return filepath.Join(env["HOME"], below, "symbolon")
		}
		p.data = base("XDG_DATA_HOME", ".local/share")
		p.file = filepath.Join(base("XDG_CONFIG_HOME", ".config"), "symbolon.conf")
	}
	// A systemd unit with StateDirectory= and ConfigurationDirectory= names them.
	if v := env["STATE_DIRECTORY"]; v != "" {
		p.data, _, _ = strings.Cut(v, ":")
	}
	if v := env["CONFIGURATION_DIRECTORY"]; v != "" {
		first, _, _ := strings.Cut(v, ":")
		p.file = filepath.Join(first, "symbolon.conf")
	}
	return p
}

// readFile reads the configuration file. Without it the result is nil, which
// is an error only when somebody has chosen the file.
func readFile(path string, chosen bool) (map[string]string, error) {
	data, err := os.ReadFile(path)
	if !chosen && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	values, err := parseLines(string(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrConfig, path, err)
	}
	return values, nil
}

// parseLines reads lines of SYMBOLON_X=value. Empty lines and those that begin
// with # count nothing; blanks around name and value belong to neither.
func parseLines(data string) (map[string]string, error) {
	values := map[string]string{}
	n := 0
	for line := range strings.SplitSeq(data, "\n") {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, v, ok := strings.Cut(line, "=")
		name, prefixed := strings.CutPrefix(strings.TrimSpace(name), Prefix)
		v = strings.TrimSpace(v)
		switch {
		case !ok || !prefixed || name == "" || strings.ContainsAny(name, " \t"):
			return nil, fmt.Errorf("line %d is not of the form %sNAME=value", n, Prefix)
		case name == "CONFIG":
			return nil, fmt.Errorf("line %d: %sCONFIG names this file and cannot be in it", n, Prefix)
		case len(v) > 1 && (v[0] == '"' || v[0] == '\''):
			return nil, fmt.Errorf("line %d: write the value of %s%s without quotes", n, Prefix, name)
		}
		if _, twice := values[name]; twice {
			return nil, fmt.Errorf("line %d sets %s%s a second time", n, Prefix, name)
		}
		values[name] = v
	}
	return values, nil
}
