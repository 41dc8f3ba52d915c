package blob

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"

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

func (c cloud) delete(ctx context.Context, key string) error {
	err := c.bucket.Delete(ctx, c.name(key))
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil
	}
	return err
}

func (c cloud) close() error { return c.bucket.Close() }
