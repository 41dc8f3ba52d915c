package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"tandem/problem"
)

// Store keeps blobs. It is safe for use by several goroutines and, on the same
// folder or object store, by several processes.
type Store struct {
	place place
	spool string // folder for what is being written
}

// place is where blobs end up.
type place interface {
	// adopt moves the finished spool file to its key.
	adopt(ctx context.Context, key string, file *os.File) error
	has(ctx context.Context, key string) (bool, error)
	open(ctx context.Context, key string) (io.ReadSeekCloser, error) // or fs.ErrNotExist
	delete(ctx context.Context, key string) error                    // no error when it is gone already
	// touch notes that the blob was stored again.
	touch(ctx context.Context, key string) error
	// touched tells when the blob was stored last; zero when it is not there.
	touched(ctx context.Context, key string) (time.Time, error)
	// hide takes the blob away from its key, and unhide puts it back unless
	// there is another one by now. Without one they do nothing.
	hide(ctx context.Context, key string) error
	unhide(ctx context.Context, key string) error
	// forget removes what hide took away.
	forget(ctx context.Context, key string) error
	close() error
}

// Open returns the store at a place: a folder, which is made when missing, or
// the URL of an object store, such as s3://bucket?region=eu-central-1 or
// azblob://container, with credentials from that provider's usual environment.
func Open(ctx context.Context, where string) (*Store, error) {
	if strings.Contains(where, "://") {
		return openCloud(ctx, where)
	}
	return openFolder(where)
}

// Close releases the store.
func (s *Store) Close() error { return s.place.close() }

// Put stores what r delivers and returns its key and size. The content goes
// through a temporary file, as the key is known only at its end. The problem
// disk_full says that there is no room.
func (s *Store) Put(ctx context.Context, r io.Reader) (key string, size int64, err error) {
	file, err := os.CreateTemp(s.spool, "blob-*")
	if err != nil {
		return "", 0, explain(fmt.Errorf("make a temporary file: %w", err))
	}
	defer os.Remove(file.Name()) // fails when the file was moved to its place, and may
	defer file.Close()

	hash := sha256.New()
	buffer := buffers.Get().(*[copyBuffer]byte)
	size, err = io.CopyBuffer(io.MultiWriter(file, hash), cancellable{ctx, r}, buffer[:])
	buffers.Put(buffer)
	if err != nil {
		return "", 0, explain(fmt.Errorf("write a blob: %w", err))
	}
	key = hex.EncodeToString(hash.Sum(nil))
	known, err := s.known(ctx, key)
	if err != nil || known {
		return key, size, err
	}
	if err := s.place.adopt(ctx, key, file); err != nil {
		return "", 0, explain(fmt.Errorf("keep blob %s: %w", key, err))
	}
	return key, size, nil
}

const copyBuffer = 64 << 10

// buffers are what contents are copied through: mails come by the thousand.
var buffers = sync.Pool{New: func() any { return new([copyBuffer]byte) }}

// PutBytes stores content that is in memory anyway and returns its key. It
// writes nothing when the content is known.
func (s *Store) PutBytes(ctx context.Context, content []byte) (key string, err error) {
	sum := sha256.Sum256(content)
	key = hex.EncodeToString(sum[:])
	if known, err := s.known(ctx, key); err != nil || known {
		return key, err
	}
	key, _, err = s.Put(ctx, bytes.NewReader(content))
	return key, err
}

// Get opens a blob for reading, or returns problem.NotFound. Close it after use.
func (s *Store) Get(ctx context.Context, key string) (io.ReadSeekCloser, error) {
	if !valid(key) {
		return nil, unknown(key)
	}
	r, err := s.place.open(ctx, key)
	if errors.Is(err, os.ErrNotExist) {
		return nil, unknown(key).Because(err)
	}
	if err != nil {
		return nil, fmt.Errorf("open blob %s: %w", key, err)
	}
	return r, nil
}

// Has tells whether there is a blob with the key.
func (s *Store) Has(ctx context.Context, key string) (bool, error) {
	if !valid(key) {
		return false, nil
	}
	return s.place.has(ctx, key)
}

// Delete removes a blob; removing one that is not there is no error.
func (s *Store) Delete(ctx context.Context, key string) error {
	if !valid(key) {
		return nil
	}
	if err := s.place.delete(ctx, key); err != nil {
		return fmt.Errorf("delete blob %s: %w", key, err)
	}
	return nil
}

// valid accepts what Put returns and nothing else, so that no key leads out of
// the folder.
func valid(key string) bool {
	if len(key) != hex.EncodedLen(sha256.Size) {
		return false
	}
	return strings.Trim(key, "0123456789abcdef") == ""
}

func unknown(key string) *problem.Error {
	return problem.New(problem.NotFound, "blob_not_found", "The file's content is not in the store.").
		On(problem.Tandem, "Restore the folder of mails and attachments from the backup that belongs to the database.").
		With("key", key)
}

// explain turns the lack of room into a problem with a remedy.
func explain(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return problem.New(problem.Unavailable, "disk_full", "There is no room left on the disk for mails and attachments.").
			On(problem.Tandem, "Free some space or make the disk larger. Tandem goes on by itself then; nothing is lost at Microsoft meanwhile.").
			Because(err)
	}
	return err
}

// cancellable stops reading when its context ends.
type cancellable struct {
	ctx context.Context
	r   io.Reader
}

func (c cancellable) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
