package app

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"symbolon/internal/secret"
)

// text parses a setting that is taken as it is.
func text(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error {
		*field(c) = v
		return nil
	}
}

// choice checks that v is one of the words.
func choice(v string, words ...string) error {
	if slices.Contains(words, v) {
		return nil
	}
	return fmt.Errorf("is %q; it can be %s", v, strings.Join(words, ", "))
}

func parseData(c *Config, v string) (err error) {
	if v == "" {
		return errors.New("is empty")
	}
	c.Data, err = filepath.Abs(v)
	return err
}

func parseListen(c *Config, v string) error {
	if v == "" {
		return nil
	}
	_, port, err := net.SplitHostPort(v)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("is %q; write address:port, such as localhost:8443", v)
	}
	c.Listen = v
	return nil
}

func parseTLS(c *Config, v string) error {
	c.TLS = TLSMode(v)
	return choice(v, string(TLSSelf), string(TLSFiles), string(TLSProxy))
}

func parseURL(c *Config, v string) error {
	if v == "" {
		return nil
	}
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		return fmt.Errorf("is %q; write it like https://mfa.example.com", v)
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return fmt.Errorf("is %q; only scheme, host and port belong there", v)
	}
	c.URL = u.Scheme + "://" + u.Host
	return nil
}

func parseProfile(c *Config, v string) error {
	c.Profile = v
	return choice(v, "privacyidea", "edumfa")
}

func parseDatabase(c *Config, v string) error {
	c.Database = secret.Text(v)
	if v == "" {
		return nil
	}
	// The value may hold a password, so no message repeats it.
	scheme, _, ok := strings.Cut(v, "://")
	if !ok || choice(scheme, "postgres", "mysql") != nil {
		return errors.New("begins with neither postgres:// nor mysql://; leave it empty for SQLite")
	}
	return nil
}

var nodeName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)

func parseNode(c *Config, v string) error {
	c.Node = v
	if !nodeName.MatchString(v) {
		return fmt.Errorf("is %q; it has letters, digits, dots, dashes and underscores only", v)
	}
	return nil
}

func parseAdminRealms(c *Config, v string) error {
	c.AdminRealms = nil
	for _, r := range entries(v) {
		c.AdminRealms = append(c.AdminRealms, strings.ToLower(r))
	}
	return nil
}

func parseProxies(c *Config, v string) error {
	c.TrustedProxies = nil
	for _, e := range entries(v) {
		p, err := netip.ParsePrefix(e)
		if err != nil {
			a, failed := netip.ParseAddr(e)
			if failed != nil {
				return fmt.Errorf("has %q; write addresses or networks such as 10.0.0.0/8", e)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		c.TrustedProxies = append(c.TrustedProxies, p.Masked())
	}
	return nil
}

func parseLog(c *Config, v string) error {
	if err := choice(v, "debug", "info", "warn", "error"); err != nil {
		return err
	}
	return c.Log.UnmarshalText([]byte(v))
}

func parseLogFormat(c *Config, v string) error {
	c.LogJSON = v == "json"
	return choice(v, "text", "json")
}

// entries splits a list at commas; blanks around an entry do not belong to it.
func entries(v string) (out []string) {
	for e := range strings.SplitSeq(v, ",") {
		if e = strings.TrimSpace(e); e != "" {
			out = append(out, e)
		}
	}
	return out
}
