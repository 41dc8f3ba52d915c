//go:build !unix

package store

import (
	"errors"
	"fmt"
	"os"
)

var errLocked = errors.New("locked by another process")

// fileLock is a file that exists while its owner runs. Where the system has no
// flock, a process that was killed leaves it behind.
type fileLock struct {
	file *os.File
	path string
}

func lockFile(path string) (*fileLock, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("%w; if none runs, remove %s", errLocked, path)
	}
	if err != nil {
		return nil, fmt.Errorf("open the lock file: %w", err)
	}
	return &fileLock{file, path}, nil
}

func (l *fileLock) release() error { return errors.Join(l.file.Close(), os.Remove(l.path)) }
