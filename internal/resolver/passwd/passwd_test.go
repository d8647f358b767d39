package passwd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"symbolon/internal/heavy"
	"symbolon/internal/realm"
	"symbolon/internal/secret"
)

// content has passwords with cheap hashes: hans' is tést€.
var content = `cornelius:` + ofTest["sha256 rounds"] + `:1000:1000:Cornelius Kölbel,Room 1,+49 561 3166797,+49 151 2960517,cornelius@example.com:/home/cornelius:/bin/bash
# a comment: with colons: in it

hans:` + ofTest["md5"] + `:1002:1002:Hans Peter Meier,Room 3,m3,p3,x@y,first@example.com,rest,Last@example.com:/home/hans:/bin/bash` + "\r" + `
nönäscii:x:1003:1003:Nön Äscii,Room 4,m4,p4
short:abXrtXGJBe2f.:900:1:Onlyname
three:*:77
letters:*:abc:1:a,b,c
`

func resolver(t *testing.T, text string) (*Resolver, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "passwd")
	write(t, path, text)
	return New(map[string]string{"fileName": path}, Options{Pool: heavy.New(2)}), path
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	// As old as a file usually is.
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	r, _ := resolver(t, content)
	for login, want := range map[string]realm.Info{
		"cornelius": {"username": "cornelius", "userid": "1000", "givenname": "Cornelius", "surname": "Kölbel",
			"description": "Cornelius Kölbel,Room 1,+49 561 3166797,+49 151 2960517,cornelius@example.com",
			"mobile":      "+49 561 3166797", "phone": "+49 151 2960517", "email": "cornelius@example.com"},
		"hans": {"username": "hans", "userid": "1002", "givenname": "Hans", "surname": "Peter Meier",
			"description": "Hans Peter Meier,Room 3,m3,p3,x@y,first@example.com,rest,Last@example.com",
			"mobile":      "m3", "phone": "p3", "email": "Last@example.com"},
		"nönäscii": {"username": "nönäscii", "userid": "1003", "givenname": "Nön", "surname": "Äscii",
			"description": "Nön Äscii,Room 4,m4,p4", "mobile": "m4", "phone": "p4", "email": ""},
		"short": {"username": "short", "userid": "900", "givenname": "Onlyname", "surname": "",
			"description": "Onlyname", "mobile": "", "phone": "", "email": ""},
		"letters": {"username": "letters", "userid": "abc", "givenname": "a", "surname": "",
			"description": "a,b,c", "mobile": "", "phone": "", "email": ""},
		"three": {"username": "three", "userid": "77", "givenname": "", "surname": "",
			"description": "", "mobile": "", "phone": "", "email": ""},
	} {
		id, primary, ok, err := r.Find(t.Context(), login)
		if !ok || err != nil || primary != login || id != want["userid"] {
			t.Errorf("%s: %q %q %t %v", login, id, primary, ok, err)
		}
		info, ok, err := r.Info(t.Context(), id)
		if !ok || err != nil || !maps.Equal(info, want) {
			t.Errorf("%s: %v %t %v", login, info, ok, err)
		}
	}
	for _, login := range []string{"Hans", "hans ", "", "# a comment", "nobody"} {
		if id, _, ok, err := r.Find(t.Context(), login); ok || id != "" || err != nil {
			t.Errorf("%q is %q, %v", login, id, err)
		}
	}
	if _, ok, err := r.Info(t.Context(), "1"); ok || err != nil {
		t.Errorf("a uid nobody has: %t %v", ok, err)
	}
	if r.Editable() {
		t.Error("editable")
	}
}

func TestLinesThatAreLeftOut(t *testing.T) {
	t.Parallel()
	f, skipped := parse("one:x:1\ntwo:x:1\none:x:2\n:x:3\nfour:x:\nfive\nbad\xff:x:6\n\n#x\nseven:x:7\n")
	var logins []string
	for _, u := range f.users {
		logins = append(logins, u.login)
	}
	if !slices.Equal(logins, []string{"one", "seven"}) {
		t.Errorf("users %v", logins)
	}
	var lines []int
	for _, s := range skipped {
		lines = append(lines, s.line)
	}
	if !slices.Equal(lines, []int{2, 3, 4, 5, 6, 7}) {
		t.Errorf("left out: %v", skipped)
	}
	if _, skipped := parse(strings.Repeat("x\n", 1000)); len(skipped) != maxSkips {
		t.Errorf("%d lines are told of", len(skipped))
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	r, _ := resolver(t, content)
	for _, c := range []struct {
		search map[string]string
		want   string
	}{
		{nil, "cornelius hans nönäscii short three letters"},
		{map[string]string{"username": "*"}, "cornelius hans nönäscii short three letters"},
		{map[string]string{"username": "hans"}, "hans"},
		{map[string]string{"username": "HANS"}, "hans"},
		{map[string]string{"username": "NÖNÄ*"}, "nönäscii"},
		{map[string]string{"username": "*S"}, "cornelius hans letters"},
		{map[string]string{"username": "*n*"}, "cornelius hans nönäscii"},
		{map[string]string{"username": "h*s"}, ""},
		{map[string]string{"username": ""}, ""},
		{map[string]string{"username": "**"}, "cornelius hans nönäscii short three letters"},
		{map[string]string{"email": "last@EXAMPLE.com"}, "hans"},
		{map[string]string{"email": "*@example.com"}, "cornelius hans"},
		{map[string]string{"email": "*first*"}, ""},
		{map[string]string{"description": "*room*"}, "cornelius hans nönäscii"},
		{map[string]string{"description": "*ROOM 3*", "username": "*"}, "hans"},
		{map[string]string{"username": "*", "surname": "Kölbel"}, ""},
		{map[string]string{"phone": "*"}, ""},
		{map[string]string{"cryptpass": "*"}, ""},
		{map[string]string{"userid": "=1000"}, "cornelius"},
		{map[string]string{"userid": "= 1000 "}, "cornelius"},
		{map[string]string{"userid": ">=1002"}, "hans nönäscii"},
		{map[string]string{"userid": ">1002"}, "nönäscii"},
		{map[string]string{"userid": "<=900"}, "short three"},
		{map[string]string{"userid": "<900"}, "three"},
		{map[string]string{"userid": "between 900, 1002"}, "cornelius hans short"},
		{map[string]string{"userid": "between 1002,900"}, ""},
		{map[string]string{"userid": "1000"}, ""},
		{map[string]string{"userid": "*"}, ""},
		{map[string]string{"userid": "=abc"}, ""},
		{map[string]string{"userid": "=1000,1002"}, ""},
		{map[string]string{"userid": "between 900"}, ""},
		{map[string]string{"userid": "between 900,x"}, ""},
		{map[string]string{"userid": "=99999999999999999999"}, ""},
	} {
		found, err := r.List(t.Context(), c.search)
		if err != nil {
			t.Fatal(err)
		}
		var logins []string
		for _, i := range found {
			logins = append(logins, i["username"])
			if _, told := i["cryptpass"]; told || len(i) != 8 {
				t.Errorf("tells %v", i)
			}
		}
		want := strings.Fields(c.want)
		slices.Sort(want)
		slices.Sort(logins)
		if !slices.Equal(logins, want) {
			t.Errorf("%v: %v, want %v", c.search, logins, want)
		}
	}
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	r, _ := resolver(t, content)
	r.o.Log = slog.New(slog.NewTextHandler(&log, nil))
	for _, c := range []struct {
		id, password string
		right        bool
		logged       string
	}{
		{"1002", "tést€", true, ""},
		{"1000", "tést€", true, ""},
		{"1002", "test", false, ""},
		{"1002", "", false, ""},
		{"1003", "tést€", false, "shadow"},
		{"900", "tést€", false, "DES hashes are not supported"},
		{"77", "*", false, "locked"},
		{"4711", "tést€", false, ""}, // the hash that is computed instead is right
		{"", "tést€", false, ""},
	} {
		log.Reset()
		ok, err := r.CheckPassword(t.Context(), c.id, secret.Text(c.password))
		if ok != c.right || err != nil {
			t.Errorf("%s with %q: %t %v", c.id, c.password, ok, err)
		}
		if l := log.String(); (l == "") != (c.logged == "") || !strings.Contains(l, c.logged) || strings.Contains(l, "tést") || strings.Contains(l, "abXr") {
			t.Errorf("%s: logged %q", c.id, l)
		}
	}
}

// A hash is computed for everybody: whoever waits for a place waits for unknown
// users too, and the kind is the file's.
func TestUnknownUsersCostAHash(t *testing.T) {
	t.Parallel()
	for _, text := range []string{content, "locked:x:1\n", ""} {
		r, _ := resolver(t, text)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		err := r.o.Pool.Do(t.Context(), 2, func() {
			for _, id := range []string{"4711", "", "1", "1003"} {
				if ok, err := r.CheckPassword(ctx, id, secret.Text("tést€")); ok || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s: no hash was waited for: %t %v", id, ok, err)
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	f, _ := parse(content)
	if want, _ := parseHash(ofTest["sha256 rounds"]); f.typical.digest.Encode() != want.digest.Encode() {
		t.Error("what is computed for unknown users is not like the others")
	}
}

func TestFileIsReadAgainWhenItChanged(t *testing.T) {
	t.Parallel()
	r, path := resolver(t, "one:x:1\n")
	has := func(login string) bool {
		t.Helper()
		_, _, ok, err := r.Find(t.Context(), login)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if !has("one") {
		t.Fatal("one is missing")
	}
	first := r.cached.Load()
	if has("two") || r.cached.Load() != first {
		t.Error("an unchanged file was read again")
	}
	write(t, path, "two:x:1\nmore:x:2\n")
	if has("one") || !has("two") {
		t.Error("a larger file was not read")
	}
	// Of the same size and time, but another file.
	info, _ := os.Stat(path)
	os.WriteFile(path+".new", []byte("six:x:1\nmore:x:2\n"), 0o644)
	os.Chtimes(path+".new", info.ModTime(), info.ModTime())
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
	if !has("six") {
		t.Error("a file that was put in its place was not read")
	}
	// Too fresh for its time to be trusted.
	now := time.Now()
	for _, login := range []string{"aaa", "bbb"} {
		os.WriteFile(path, []byte(login+":x:1\n"), 0o644)
		os.Chtimes(path, now, now)
		if !has(login) {
			t.Errorf("%s is missing: the second of two quick writes was not seen", login)
		}
	}
	os.Remove(path)
	if _, _, _, err := r.Find(t.Context(), "bbb"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without its file: %v", err)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	large := filepath.Join(dir, "large")
	write(t, large, "one:x:1\ntwo:x:2\n")
	for _, path := range []string{pipe, dir, large, filepath.Join(dir, "missing"), "/dev/zero", "\x00"} {
		r := New(map[string]string{"filename": path}, Options{MaxSize: 15})
		if _, _, ok, err := r.Find(t.Context(), "one"); ok || err == nil {
			t.Errorf("%q: no error", path)
		}
		if _, ok, err := r.Info(t.Context(), "1"); ok || err == nil {
			t.Errorf("%q: no error", path)
		}
		if _, err := r.List(t.Context(), nil); err == nil {
			t.Errorf("%q: no error", path)
		}
		if ok, err := r.CheckPassword(t.Context(), "1", secret.Text("x")); ok || err == nil {
			t.Errorf("%q: no error", path)
		}
	}
	if r := New(nil, Options{}); r.path != defaultFile {
		t.Errorf("without a name: %q", r.path)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, _ := resolver(t, content)
	if _, _, _, err := r.Find(ctx, "hans"); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of its context: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(content)
	f.Add("a:b:c:d:e:f:g:h:i:j\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, skipped := parse(text)
		if len(file.byID) != len(file.users) || len(file.byLogin) != len(file.users) || len(skipped) > maxSkips {
			t.Fatalf("%d users, %d ids, %d logins", len(file.users), len(file.byID), len(file.byLogin))
		}
		if file.typical.digest == nil {
			t.Fatal("nothing to compute for unknown users")
		}
		for _, u := range file.users {
			if u.login == "" || u.id == "" || strings.ContainsAny(u.login+u.id, ":\n") || file.byLogin[u.login] != u || file.byID[u.id] != u {
				t.Fatalf("user %+v", u)
			}
			hash := u.hash
			u.hash = ""
			if _, err := parseHash(hash); err == nil && strings.Contains(fmt.Sprint(u.info()), hash) {
				// The hash may be the name as well; only its own field is secret.
				if u.login != hash && u.id != hash && !strings.Contains(u.gecos, hash) {
					t.Fatalf("tells the hash of %+v", u)
				}
			}
			u.hash = hash
		}
	})
}

func FuzzSearch(f *testing.F) {
	f.Add("userid", "between 1,2")
	f.Add("username", "*a*")
	file, _ := parse(content)
	f.Fuzz(func(t *testing.T, key, pattern string) {
		fits := conditionOn(key, pattern)
		for _, u := range file.users {
			if fits(u) && key != "username" && key != "userid" && key != "email" && key != "description" {
				t.Fatalf("%q matches", key)
			}
		}
	})
}
