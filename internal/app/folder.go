package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// errInUse says that another program holds the data folder.
var errInUse = errors.New("in use by another symbolon")

// folder is a data folder that this process alone uses.
type folder struct {
	path string
	lock *os.File
}

// openFolder creates the data folder where there is none and locks it. Two
// programs writing one database would each trust what they remember of it.
func openFolder(path string) (*folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w. Choose another one with --data", err)
	}
	if err := foreign(path); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(path, "symbolon.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w. The server has to be able to write there; choose another one with --data", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer lock.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("data folder %s: %w%s", path, errInUse, holder(lock))
		}
		return nil, fmt.Errorf("data folder %s: lock: %w", path, err)
	}
	// The number is for people; the lock is what counts.
	if err := lock.Truncate(0); err == nil {
		_, err = lock.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
		if err != nil {
			lock.Close()
			return nil, fmt.Errorf("data folder %s: %w", path, err)
		}
	}
	return &folder{path, lock}, nil
}

// close gives the folder up.
func (f *folder) close() error { return f.lock.Close() }

func holder(lock *os.File) string {
	text := make([]byte, 20)
	n, _ := lock.ReadAt(text, 0)
	if pid := strings.TrimSpace(string(text[:n])); pid != "" {
		return " (process " + pid + ")"
	}
	return ""
}

// foreign refuses root in somebody else's folder: files it made there could not
// be read by the server afterwards.
func foreign(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || os.Geteuid() != 0 || stat.Uid == 0 {
		return nil
	}
	return fmt.Errorf("data folder %s belongs to user %d; start the server, or run this as that user: files made by root could not be read by it", path, stat.Uid)
}

// writeSecret writes a file that only its owner may read, whole or not at all.
func writeSecret(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already when all went well
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return err
}

// missing reports whether err says that there is no such file.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
