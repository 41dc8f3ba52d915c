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
	err := os.Rename(file.Name(), f.path(key))
	if errors.Is(err, fs.ErrNotExist) { // the first of its folder
		if err = f.makeDir(dir); err == nil {
			err = os.Rename(file.Name(), f.path(key))
		}
	}
	if err != nil {
		return err
	}
	return syncDir(dir)
}

// makeDir makes one of the 256 folders and its entry durable.
func (f folder) makeDir(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
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
	return ignoreMissing(os.Remove(f.path(key)))
}

func (folder) close() error { return nil }

// touch sets the file's time; one that is gone is stored anew by the caller.
func (f folder) touch(_ context.Context, key string) error {
	now := time.Now()
	return ignoreMissing(os.Chtimes(f.path(key), now, now))
}

// touched is the time of the file, or of the hidden one, whichever is later.
func (f folder) touched(_ context.Context, key string) (time.Time, error) {
	var latest time.Time
	for _, path := range []string{f.path(key), f.hidden(key)} {
		info, err := os.Stat(path)
		if ignoreMissing(err) != nil {
			return time.Time{}, err
		}
		if err == nil && info.ModTime().After(latest) {
			latest = info.ModTime()
		}
	}
	return latest, nil
}

func (f folder) hidden(key string) string { return f.path(key) + ".retired" }

// hide renames the file, which keeps its time.
func (f folder) hide(_ context.Context, key string) error {
	return ignoreMissing(os.Rename(f.path(key), f.hidden(key)))
}

// unhide touches what it puts back, lest it bear an older time than a copy that
// was stored at the same moment.
func (f folder) unhide(ctx context.Context, key string) error {
	there, err := f.has(ctx, key)
	if err != nil {
		return err
	}
	if there {
		return f.forget(ctx, key)
	}
	err = os.Rename(f.hidden(key), f.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.touch(ctx, key)
}

func (f folder) forget(_ context.Context, key string) error {
	return ignoreMissing(os.Remove(f.hidden(key)))
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
