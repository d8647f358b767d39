package app

import (
	"sort"
	"strings"
)

// Prefix begins the name of every setting, in the environment and in the
// configuration file.
const Prefix = "SYMBOLON_"

// Setting describes one start setting. It has the same name in all layers:
// SYMBOLON_TLS_CERT in the environment and the file, --tls-cert as a flag.
type Setting struct {
	Name    string // without the prefix
	Default string // as it is shown; "": none, or worked out from others
	Doc     string // one line, without a full stop
	Secret  bool   // never shown
	parse   func(c *Config, value string) error
}

// Variable is the name in the environment and in the file.
func (s Setting) Variable() string { return Prefix + s.Name }

// Flag is the name on the command line, without the dashes.
func (s Setting) Flag() string { return strings.ToLower(strings.ReplaceAll(s.Name, "_", "-")) }

// Settings lists all start settings in the order they are shown. Everything
// else that can be configured is in the database.
func Settings() []Setting {
	return []Setting{
		{Name: "DATA", Doc: "data folder (~/.local/share/symbolon; root: /var/lib/symbolon)", parse: parseData},
		{Name: "LISTEN", Doc: "address:port (localhost:8443 until URL is set, then its host)", parse: parseListen},
		{Name: "TLS", Default: "self", Doc: "self, files, or proxy: plain HTTP behind one", parse: parseTLS},
		{Name: "TLS_CERT", Doc: "file with the certificate chain (TLS=files)", parse: text(func(c *Config) *string { return &c.TLSCert })},
		{Name: "TLS_KEY", Doc: "file with its key (TLS=files)", parse: text(func(c *Config) *string { return &c.TLSKey })},
		{Name: "URL", Doc: "address users and phones reach the server at", parse: parseURL},
		{Name: "PROFILE", Default: "privacyidea", Doc: "answers as: privacyidea, edumfa", parse: parseProfile},
		{Name: "DATABASE", Doc: "database URL; empty: SQLite in the data folder", Secret: true, parse: parseDatabase},
		{Name: "NODE", Default: "localnode", Doc: "name of this node", parse: parseNode},
		{Name: "ADMIN_REALMS", Doc: "realms whose users are administrators, by comma", parse: parseAdminRealms},
		{Name: "TRUSTED_PROXIES", Doc: "proxies whose headers count, by comma", parse: parseProxies},
		{Name: "RESPONSE_KEY", Doc: "file with the RSA key that signs answers", parse: text(func(c *Config) *string { return &c.ResponseKey })},
		{Name: "LOG", Default: "info", Doc: "debug, info, warn, error", parse: parseLog},
		{Name: "LOG_FORMAT", Default: "text", Doc: "text, json", parse: parseLogFormat},
	}
}

// Nearest returns the name that is most like the wrong one, or "" when none is
// at all.
func Nearest(wrong string, names []string) string {
	best, least := "", max(2, len(wrong)/3)+1
	sorted := append([]string(nil), names...)
	sort.Strings(sorted)
	for _, name := range sorted {
		if d := distance(wrong, name); d < least {
			best, least = name, d
		}
	}
	return best
}

// distance counts the insertions, deletions and replacements between a and b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			next := diagonal
			if a[i] != b[j] {
				next = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}
