package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/azureblob" // azblob://
	_ "gocloud.dev/blob/s3blob"    // s3://
	"gocloud.dev/gcerrors"
)

// cloud is the place in an object store.
type cloud struct{ bucket *blob.Bucket }

func openCloud(ctx context.Context, url string) (*Store, error) {
	bucket, err := blob.OpenBucket(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("open the object store %s: %w", url, err)
	}
	return &Store{place: cloud{bucket}, spool: os.TempDir()}, nil
}

// name puts the start of the key in front, as in the folder, so that blobs can
// be copied from the one to the other as they are.
func (cloud) name(key string) string { return key[:2] + "/" + key }

func (c cloud) adopt(ctx context.Context, key string, file *os.File) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return c.bucket.Upload(ctx, c.name(key), file, &blob.WriterOptions{ContentType: "application/octet-stream"})
}

func (c cloud) has(ctx context.Context, key string) (bool, error) {
	return c.bucket.Exists(ctx, c.name(key))
}

func (c cloud) open(ctx context.Context, key string) (io.ReadSeekCloser, error) {
	r, err := c.bucket.NewReader(ctx, c.name(key), nil)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	return r, err
}

func (c cloud) delete(ctx context.Context, key string) error { return c.remove(ctx, c.name(key)) }

func (c cloud) close() error { return c.bucket.Close() }

// Objects cannot be touched or renamed, so a small object beside the blob bears
// the time of its last use, and hiding copies the blob away.

func (c cloud) mark(key string) string   { return c.name(key) + ".used" }
func (c cloud) hidden(key string) string { return c.name(key) + ".retired" }

func (c cloud) touch(ctx context.Context, key string) error {
	return c.bucket.WriteAll(ctx, c.mark(key), nil, nil)
}

func (c cloud) touched(ctx context.Context, key string) (time.Time, error) {
	var latest time.Time
	for _, name := range []string{c.name(key), c.mark(key)} {
		attrs, err := c.bucket.Attributes(ctx, name)
		if gcerrors.Code(err) == gcerrors.NotFound {
			continue
		}
		if err != nil {
			return time.Time{}, err
		}
		if attrs.ModTime.After(latest) {
			latest = attrs.ModTime
		}
	}
	return latest, nil
}

func (c cloud) hide(ctx context.Context, key string) error {
	err := c.bucket.Copy(ctx, c.hidden(key), c.name(key), nil)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	return c.delete(ctx, key)
}

func (c cloud) unhide(ctx context.Context, key string) error {
	there, err := c.has(ctx, key)
	if err != nil {
		return err
	}
	if !there {
		err := c.bucket.Copy(ctx, c.name(key), c.hidden(key), nil)
		if gcerrors.Code(err) == gcerrors.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return c.remove(ctx, c.hidden(key))
}

func (c cloud) forget(ctx context.Context, key string) error {
	return errors.Join(c.remove(ctx, c.hidden(key)), c.remove(ctx, c.mark(key)))
}

func (c cloud) remove(ctx context.Context, name string) error {
	err := c.bucket.Delete(ctx, name)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil
	}
	return err
}
