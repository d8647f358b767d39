package keyring

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"symbolon/internal/secret"
	"symbolon/internal/token"
)

// cheap makes a hash cost microseconds.
var cheap = Options{Cost: Cost{Memory: 8, Time: 1, Threads: 1}}

func open(t *testing.T, o Options) *Ring {
	t.Helper()
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCreateOnceThenOpen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), FileName)
	if _, err := Open(path, cheap); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("without a file: %v", err)
	}
	if err := Create(path, rand.Reader); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(path)
	if err := Create(path, rand.Reader); !errors.Is(err, fs.ErrExist) {
		t.Fatalf("a second Create: %v", err)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Fatal("the keys were overwritten")
	}
	if i, _ := os.Stat(path); i.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", i.Mode())
	}
	if names, _ := os.ReadDir(filepath.Dir(path)); len(names) != 1 {
		t.Errorf("left behind: %v", names)
	}
	one, err := Open(path, cheap)
	if err != nil {
		t.Fatal(err)
	}
	two, err := Open(path, cheap)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := one.SealText("x", secret.Text("kept"))
	if err != nil {
		t.Fatal(err)
	}
	if s, err := two.OpenText("x", sealed); err != nil || s.RevealText() != "kept" {
		t.Fatalf("opened again: %q, %v", s.RevealText(), err)
	}
	if !one.SigningKey().Equal(two.SigningKey()) || one.SigningKey().Equal(one.AuditSeed()) || one.AuditSeed().Len() != 32 {
		t.Error("keys differ between two openings, or are the same for two uses")
	}
}

func TestCreateNeedsRandomness(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), FileName)
	if err := Create(path, io.LimitReader(rand.Reader, 100)); err == nil {
		t.Fatal("made keys without enough randomness")
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error("left a file")
	}
}

func TestOpenRefusesFilesOthersCanRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), FileName)
	if err := Create(path, rand.Reader); err != nil {
		t.Fatal(err)
	}
	for mode, ok := range map[os.FileMode]bool{0o600: true, 0o400: true, 0o640: false, 0o604: false, 0o620: false, 0o610: false, 0o644: false} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := Open(path, cheap)
		if (err == nil) != ok || err != nil && (!errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "chmod 600")) {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
	if _, err := Open(filepath.Dir(path), cheap); err == nil {
		t.Error("opened a folder")
	}
}

func TestOpenRefusesDamagedFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), FileName)
	if err := Create(path, rand.Reader); err != nil {
		t.Fatal(err)
	}
	whole, _ := os.ReadFile(path)
	edit := func(change func(f *keyFile)) []byte {
		var f keyFile
		if err := json.Unmarshal(whole, &f); err != nil {
			t.Fatal(err)
		}
		change(&f)
		text, _ := json.Marshal(f)
		return text
	}
	cases := map[string][]byte{
		"empty":          {},
		"cut":            whole[:len(whole)/2],
		"tail":           append(bytes.Clone(whole), '{'),
		"unknown member": []byte(strings.Replace(string(whole), `"format"`, `"fromat"`, 1)),
		"format":         edit(func(f *keyFile) { f.Format = 2 }),
		"protection":     edit(func(f *keyFile) { f.Protection = "passphrase" }),
		"short key":      edit(func(f *keyFile) { f.Keys[0].Key = f.Keys[0].Key[:16] }),
		"missing key":    edit(func(f *keyFile) { f.Keys = f.Keys[1:] }),
		"no pepper":      edit(func(f *keyFile) { f.Keys = append(f.Keys[:1], f.Keys[2:]...) }),
		"same twice":     edit(func(f *keyFile) { f.Keys = append(f.Keys, f.Keys[0]) }),
		"unknown use":    edit(func(f *keyFile) { f.Keys[3].Use = "moon" }),
		"large":          bytes.Repeat([]byte{' '}, maxFile+1),
	}
	for name, text := range cases {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(path, cheap)
		if err == nil {
			t.Errorf("%s: opened", name)
			continue
		}
		var f keyFile
		if json.Unmarshal(whole, &f) == nil {
			for _, k := range f.Keys {
				if text, _ := json.Marshal(k.Key); strings.Contains(err.Error(), strings.Trim(string(text), `"`)[:8]) {
					t.Errorf("%s: the error tells a key", name)
				}
			}
		}
	}
}

func TestSealedValuesStayInTheirPlace(t *testing.T) {
	t.Parallel()
	r := open(t, cheap)
	tok := &token.Token{ID: 12}
	plain := secret.Text("the seed")
	var err error
	if tok.Sealed, err = r.Seal(tok, plain); err != nil {
		t.Fatal(err)
	}
	if s, err := r.Open(tok); err != nil || !s.Equal(plain) {
		t.Fatalf("got %q, %v", s.RevealText(), err)
	}
	text, err := r.SealText("a", plain)
	if err != nil {
		t.Fatal(err)
	}
	other := open(t, cheap)
	cases := map[string]func() (secret.Bytes, error){
		"another row":        func() (secret.Bytes, error) { return r.Open(&token.Token{ID: 13, Sealed: tok.Sealed}) },
		"a row as a text":    func() (secret.Bytes, error) { return r.OpenText("a", tok.Sealed) },
		"a text as a row":    func() (secret.Bytes, error) { return r.Open(&token.Token{ID: 12, Sealed: text}) },
		"another purpose":    func() (secret.Bytes, error) { return r.OpenText("b", text) },
		"moved border":       func() (secret.Bytes, error) { return r.open(tok.Sealed, "token", "12s", "ecret") },
		"other field":        func() (secret.Bytes, error) { return r.open(tok.Sealed, "token", "12", "info") },
		"other keys":         func() (secret.Bytes, error) { return other.Open(tok) },
		"an emptied column":  func() (secret.Bytes, error) { return r.Open(&token.Token{ID: 12}) },
		"nothing but a head": func() (secret.Bytes, error) { return r.OpenText("a", text[:headSize]) },
	}
	for name, open := range cases {
		if s, err := open(); !errors.Is(err, ErrDoesNotOpen) || s.Len() != 0 {
			t.Errorf("%s: got %q, %v", name, s.RevealText(), err)
		}
	}
	if _, err := r.Seal(&token.Token{}, plain); err == nil {
		t.Error("sealed for a token without ID")
	}
}

func TestEveryByteOfASealedValueCounts(t *testing.T) {
	t.Parallel()
	r := open(t, cheap)
	sealed, err := r.SealText("a", secret.Text("0123456789"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range sealed {
		for bit := range 8 {
			bad := bytes.Clone(sealed)
			bad[i] ^= 1 << bit
			if _, err := r.OpenText("a", bad); !errors.Is(err, ErrDoesNotOpen) {
				t.Fatalf("byte %d bit %d: %v", i, bit, err)
			}
		}
		if _, err := r.OpenText("a", sealed[:i]); !errors.Is(err, ErrDoesNotOpen) {
			t.Fatalf("cut to %d bytes: %v", i, err)
		}
	}
	if _, err := r.OpenText("a", append(sealed, 0)); !errors.Is(err, ErrDoesNotOpen) {
		t.Fatalf("one byte more: %v", err)
	}
}

func TestTheHeadIsAuthenticated(t *testing.T) {
	t.Parallel()
	keys, err := draw(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	// The same key under two ids: only the authenticated head tells them apart.
	keys = append(keys, key{Use: useData, ID: 2, Key: keys[0].Key})
	r, err := ring(keys, cheap)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := r.SealText("a", secret.Text("x"))
	if err != nil {
		t.Fatal(err)
	}
	if sealed[2] != 2 {
		t.Fatalf("sealed with key %d, the last one is to be used", sealed[2])
	}
	sealed[2] = 1
	if _, err := r.OpenText("a", sealed); !errors.Is(err, ErrDoesNotOpen) {
		t.Fatalf("got %v", err)
	}
}

func TestNoncesDiffer(t *testing.T) {
	t.Parallel()
	r := open(t, cheap)
	seen := map[string]bool{}
	for range 1000 {
		s, err := r.SealText("a", secret.Text("x"))
		if err != nil {
			t.Fatal(err)
		}
		seen[string(s[headSize:headSize+nonceSize])] = true
	}
	if len(seen) != 1000 {
		t.Errorf("%d nonces in 1000 values", len(seen))
	}
}

func TestRingPrintsNothing(t *testing.T) {
	t.Parallel()
	r := open(t, cheap)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "ring", r)
	//lint:ignore SA9005 that nothing comes out is what is tested
	j, _ := json.Marshal(r)
	for _, s := range []string{fmt.Sprint(r), fmt.Sprintf("%v %+v %#v %s %x", r, r, r, r, r), log.String(), string(j)} {
		if strings.Contains(s, "{") && s != "{}" || strings.Contains(s, "cipher") {
			t.Errorf("prints %q", s)
		}
	}
}

func FuzzOpen(f *testing.F) {
	r, err := New(cheap)
	if err != nil {
		f.Fatal(err)
	}
	sealed, err := r.SealText("a", secret.Text("x"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add([]byte{})
	f.Add(sealed[:15])
	f.Fuzz(func(t *testing.T, in []byte) {
		s, err := r.OpenText("a", in)
		if (err == nil) != bytes.Equal(in, sealed) || err != nil && (s.Len() != 0 || !errors.Is(err, ErrDoesNotOpen)) {
			t.Fatalf("%x: %v", in, err)
		}
	})
}

func FuzzKeyFile(f *testing.F) {
	keys, err := draw(rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	text, _ := json.Marshal(keyFile{fileFormat, about, "none", keys})
	f.Add(text)
	f.Add([]byte(`{"format":1,"protection":"none","keys":[]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		keys, err := parse(in)
		if err != nil {
			if keys != nil {
				t.Fatal("keys with an error")
			}
			return
		}
		if r, err := ring(keys, cheap); err == nil && (r.jwt.Len() != keySize || r.ciphers[r.sealID] == nil) {
			t.Fatal("a ring without its keys")
		}
	})
}
