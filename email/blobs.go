package email

import (
	"context"
	"io"
)

// Blobs keeps raw mails and attachments under a key made of their content.
type Blobs interface {
	Put(context.Context, io.Reader) (key string, size int64, err error)
	Get(ctx context.Context, key string) (io.ReadSeekCloser, error)
	Delete(ctx context.Context, key string) error // no error when it is not there
}
