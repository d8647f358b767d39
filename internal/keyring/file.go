package keyring

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// FileName is the name of the key file in the data folder.
const FileName = "keyring.json"

const (
	fileFormat = 1
	keySize    = 32
	maxFile    = 64 << 10 // bytes

	useData  = "data"  // AES-256-GCM over what is stored
	usePIN   = "pin"   // HMAC-SHA-256 under PINs and passwords
	useJWT   = "jwt"   // HMAC-SHA-256 over logins
	useAudit = "audit" // seed of an Ed25519 key
)

const about = "Keys of a Symbolon server. With this file and the database one has every secret; without it nobody has. Keep a copy away from the database's."

// keyFile is the content of a key file. Format changes when an older server
// must not read it; Protection says how the keys are wrapped, and none is all
// there is today.
type keyFile struct {
	Format     int    `json:"format"`
	About      string `json:"about"`
	Protection string `json:"protection"`
	Keys       []key  `json:"keys"`
}

type key struct {
	Use string `json:"use"`
	ID  uint16 `json:"id"` // unique in its use; stored with everything the key made
	Key []byte `json:"key"`
}

// draw makes a first set of keys.
func draw(rand io.Reader) ([]key, error) {
	var keys []key
	for _, use := range []string{useData, usePIN, useJWT, useAudit} {
		k := key{Use: use, ID: 1, Key: make([]byte, keySize)}
		if _, err := io.ReadFull(rand, k.Key); err != nil {
			return nil, fmt.Errorf("drawing a key: %w", err)
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// Create writes a new key file that its owner alone can read. It never
// overwrites: when path exists, the error is fs.ErrExist. The file appears
// complete or not at all, and is on the disk when Create returns.
func Create(path string, rand io.Reader) (err error) {
	keys, err := draw(rand)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(keyFile{fileFormat, about, "none", keys}, "", "  ")
	if err != nil {
		return err
	}
	// CreateTemp makes files with mode 0600.
	f, err := os.CreateTemp(filepath.Dir(path), FileName+".*.new")
	if err != nil {
		return fmt.Errorf("creating the key file: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing the key file: %w", err)
	}
	// A link, unlike a rename, does not replace what is there.
	if err := os.Link(f.Name(), path); err != nil {
		return fmt.Errorf("creating the key file: %w", err)
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Open reads a key file. It refuses a file that others than its owner can
// read; without a file the error is fs.ErrNotExist.
func Open(path string, o Options) (*Ring, error) {
	text, err := read(path)
	if err != nil {
		return nil, err
	}
	keys, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("the key file %s cannot be used: %w", path, err)
	}
	r, err := ring(keys, o)
	if err != nil {
		return nil, fmt.Errorf("the key file %s cannot be used: %w", path, err)
	}
	return r, nil
}

func read(path string) ([]byte, error) {
	// Before it is opened: to open a pipe would wait for its writer.
	if i, err := os.Stat(path); err == nil && !i.Mode().IsRegular() {
		return nil, fmt.Errorf("the key file %s is not a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the key file: %w", err)
	}
	defer f.Close()
	i, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if open := i.Mode().Perm() & 0o077; open != 0 {
		return nil, fmt.Errorf("the key file %s is open to others than its owner (mode %04o): run chmod 600 on it: %w",
			path, i.Mode().Perm(), fs.ErrPermission)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("the key file %s is too large", path)
	}
	return text, nil
}

func parse(text []byte) ([]key, error) {
	var f keyFile
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		// The error of the decoder may hold a piece of the text.
		return nil, errors.New("it is damaged, or a newer server's")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows after its end")
	}
	if f.Format != fileFormat {
		return nil, fmt.Errorf("its format is %d, this server reads %d", f.Format, fileFormat)
	}
	if f.Protection != "none" {
		return nil, errors.New("its keys are protected in a way this server does not know")
	}
	return f.Keys, nil
}
