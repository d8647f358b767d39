package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLayers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "symbolon.conf")
	write(t, file, "# ours\n\nSYMBOLON_NODE = from-file \nSYMBOLON_LOG=debug\nSYMBOLON_PROFILE=edumfa\n")
	write(t, filepath.Join(dir, "url"), "postgres://user:pass@db/symbolon\n")
	c, err := Load(Sources{
		Flags:   map[string]string{"NODE": "from-flag"},
		Environ: []string{"HOME=/home/anna", "SYMBOLON_CONFIG=" + file, "SYMBOLON_NODE=from-env", "SYMBOLON_PROFILE=privacyidea", "SYMBOLON_DATABASE_FILE=" + filepath.Join(dir, "url")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.Node != "from-flag" || c.Profile != "privacyidea" || c.Log.String() != "DEBUG" || c.TLS != TLSSelf {
		t.Errorf("got %+v", c)
	}
	if got := c.Database.RevealText(); got != "postgres://user:pass@db/symbolon" {
		t.Errorf("database %q", got)
	}
	for name, want := range map[string]string{"NODE": "flag", "PROFILE": "environment", "LOG": file, "TLS": "default", "DATA": "default"} {
		if c.Origins[name] != want {
			t.Errorf("%s comes from %q, want %q", name, c.Origins[name], want)
		}
	}
	if c.Data != "/home/anna/.local/share/symbolon" {
		t.Errorf("data folder %s", c.Data)
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		root       bool
		env        map[string]string
		data, file string
	}{
		{"user", false, map[string]string{"HOME": "/h"}, "/h/.local/share/symbolon", "/h/.config/symbolon/symbolon.conf"},
		{"xdg", false, map[string]string{"HOME": "/h", "XDG_DATA_HOME": "/d", "XDG_CONFIG_HOME": "/c"}, "/d/symbolon", "/c/symbolon/symbolon.conf"},
		{"root", true, map[string]string{"HOME": "/root"}, "/var/lib/symbolon", "/etc/symbolon/symbolon.conf"},
		{"systemd", false, map[string]string{"STATE_DIRECTORY": "/var/lib/symbolon:/x", "CONFIGURATION_DIRECTORY": "/etc/symbolon"}, "/var/lib/symbolon", "/etc/symbolon/symbolon.conf"},
	} {
		if p := defaultPlaces(c.env, c.root); p.data != c.data || p.file != c.file {
			t.Errorf("%s: %+v", c.name, p)
		}
	}
}

func TestListenFollowsURL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ env, want string }{
		{"", "localhost:8443"},
		{"SYMBOLON_URL=https://mfa.example.com", "mfa.example.com:443"},
		{"SYMBOLON_URL=https://mfa.example.com:8443/", "mfa.example.com:8443"},
		{"SYMBOLON_URL=https://mfa.example.com SYMBOLON_LISTEN=:8443", ":8443"},
		{"SYMBOLON_URL=https://mfa.example.com SYMBOLON_TLS=proxy", "localhost:8443"},
		{"SYMBOLON_TLS=proxy SYMBOLON_LISTEN=127.0.0.1:5000", "127.0.0.1:5000"},
		{"SYMBOLON_TLS=proxy SYMBOLON_LISTEN=[::1]:5000", "[::1]:5000"},
		{"SYMBOLON_TLS=proxy SYMBOLON_LISTEN=0.0.0.0:80 SYMBOLON_TRUSTED_PROXIES=10.0.0.1,192.168.0.0/16", "0.0.0.0:80"},
	} {
		cfg, err := Load(Sources{Environ: strings.Fields(c.env)})
		if err != nil || cfg.Listen != c.want {
			t.Errorf("%s: %q %v", c.env, cfg.Listen, err)
		}
	}
}

func TestRefusedSettings(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "none.conf")
	for _, c := range []struct{ env, want string }{
		{"SYMBOLON_LISTN=x", "did you mean SYMBOLON_LISTEN?"},
		{"SYMBOLON_TLS_CRT_FILE=x", "did you mean SYMBOLON_TLS_CERT?"},
		{"SYMBOLON_ENTIRELY_DIFFERENT=x", "see symbolon serve --help"},
		{"SYMBOLON_LISTEN=8443", "write address:port"},
		{"SYMBOLON_TLS=off", "it can be self, files, proxy"},
		{"SYMBOLON_TLS=files", "needs SYMBOLON_TLS_CERT and SYMBOLON_TLS_KEY"},
		{"SYMBOLON_TLS_CERT=/x", "need SYMBOLON_TLS=files"},
		{"SYMBOLON_TLS=proxy SYMBOLON_LISTEN=0.0.0.0:80", "SYMBOLON_TRUSTED_PROXIES"},
		{"SYMBOLON_TLS=proxy SYMBOLON_LISTEN=:80", "SYMBOLON_TRUSTED_PROXIES"},
		{"SYMBOLON_URL=mfa.example.com", "write it like https://"},
		{"SYMBOLON_URL=https://a.example/path", "only scheme, host and port"},
		{"SYMBOLON_URL=http://a.example", "needs SYMBOLON_TLS=proxy"},
		{"SYMBOLON_PROFILE=linotp", "it can be privacyidea, edumfa"},
		{"SYMBOLON_DATABASE=oracle://user:hidden@db/x", "neither postgres:// nor mysql://"},
		{"SYMBOLON_NODE=a/b", "letters, digits"},
		{"SYMBOLON_TRUSTED_PROXIES=10.0.0.0/33", "networks such as"},
		{"SYMBOLON_LOG=loud", "it can be debug"},
		{"SYMBOLON_CONFIG=" + missing, "no such file"},
		{"SYMBOLON_NODE=a SYMBOLON_NODE_FILE=b", "keep one"},
	} {
		_, err := Load(Sources{Environ: strings.Fields(c.env)})
		if !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.env, err)
		}
		if err != nil && strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: the message repeats a password: %v", c.env, err)
		}
	}
}

func TestRefusedLines(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"NODE=x":                            "line 1 is not of the form",
		"# c\nSYMBOLON_NODE":                "line 2 is not of the form",
		"export SYMBOLON_NODE=x":            "line 1 is not of the form",
		"SYMBOLON_NODE=\"x\"":               "without quotes",
		"SYMBOLON_CONFIG=/x":                "cannot be in it",
		"SYMBOLON_NODE=a\nSYMBOLON_NODE=a":  "second time",
		"SYMBOLON_=a":                       "line 1 is not of the form",
		"SYMBOLON_A B=a":                    "line 1 is not of the form",
		"\n\nSYMBOLON_NODE=ok\n SYMBOLON_X": "line 4",
	} {
		if _, err := parseLines(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	names := []string{"serve", "status", "token", "version"}
	for wrong, want := range map[string]string{"sevre": "serve", "stauts": "status", "tokens": "token", "zzzzzz": "", "versoin": "version"} {
		if got := Nearest(wrong, names); got != want {
			t.Errorf("%s: %q", wrong, got)
		}
	}
}

// Every setting has a name that works in all layers, and help that fits a line.
func TestSettingsAreWellFormed(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, s := range Settings() {
		if seen[s.Name] || s.Name != strings.ToUpper(s.Name) || strings.HasSuffix(s.Name, "_FILE") || s.Name == "CONFIG" {
			t.Errorf("bad name %s", s.Name)
		}
		seen[s.Name] = true
		if s.Doc == "" || len(s.Doc)+len(s.Flag()) > 76 {
			t.Errorf("%s: help of %d characters", s.Name, len(s.Doc))
		}
	}
}

// Whatever the file holds, reading it ends with values under sensible names or
// with an error, and what it gives can be written down and read again.
func FuzzParseLines(f *testing.F) {
	f.Add("# c\nSYMBOLON_NODE = x=y \n")
	f.Add("SYMBOLON_A=\nSYMBOLON_B='")
	f.Add("SYMBOLON_\x00=\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		values, err := parseLines(text)
		if err != nil {
			if values != nil {
				t.Error("values beside an error")
			}
			return
		}
		var again strings.Builder
		for name, v := range values {
			if name == "" || strings.ContainsAny(name, " \t\n=") || strings.Contains(v, "\n") {
				t.Errorf("%q=%q", name, v)
			}
			again.WriteString(Prefix + name + "=" + v + "\n")
		}
		second, err := parseLines(again.String())
		if err != nil || len(second) != len(values) {
			t.Errorf("read again: %v %v, first %v", second, err, values)
		}
	})
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
