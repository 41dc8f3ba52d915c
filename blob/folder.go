package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// staleAfter is the age at which a temporary file belongs to nobody any more.
const staleAfter = 24 * time.Hour

// folder is the place on a file system.
type folder string

func openFolder(dir string) (*Store, error) {
	spool := filepath.Join(dir, "tmp")
	if err := os.MkdirAll(spool, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder for mails and attachments: %w", err)
	}
	if err := removeStale(spool, time.Now().Add(-staleAfter)); err != nil {
		return nil, fmt.Errorf("clean %s: %w", spool, err)
	}
	return &Store{place: folder(dir), spool: spool}, nil
}

// removeStale deletes what a crash left behind. Younger files may be another
// process's work.
func removeStale(spool string, before time.Time) error {
	entries, err := os.ReadDir(spool)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && info.ModTime().Before(before) {
			err = os.Remove(filepath.Join(spool, e.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (f folder) path(key string) string { return filepath.Join(string(f), key[:2], key) }

// adopt renames the file, which on one file system happens wholly or not at
// all. Two Puts of the same content may both do it.
func (f folder) adopt(_ context.Context, key string, file *os.File) error {
	if err := file.Sync(); err != nil {
		return err
	}
	dir := filepath.Dir(f.path(key))
	if err := f.makeDir(dir); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), f.path(key)); err != nil {
		return err
	}
	return syncDir(dir)
}

// makeDir makes one of the 256 folders and its entry durable.
func (f folder) makeDir(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return syncDir(string(f))
}

// syncDir makes the names in a folder durable: POSIX promises nothing for a
// renamed file until its folder is synced too.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (f folder) has(_ context.Context, key string) (bool, error) {
	_, err := os.Stat(f.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (f folder) open(_ context.Context, key string) (io.ReadSeekCloser, error) {
	return os.Open(f.path(key))
}

func (f folder) delete(_ context.Context, key string) error {
	err := os.Remove(f.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (folder) close() error { return nil }
