package desk

import (
	"context"
	"fmt"
	"time"
)

// blobGrace is how long a blob must have lain untouched before its bytes are
// removed. It is far longer than the way from storing bytes to the row that
// refers to them: a blob that somebody is about to refer to was touched since.
const blobGrace = 24 * time.Hour

// GarbageTx finds blobs that nothing refers to.
type GarbageTx interface {
	// DiscardBlob notes that a reference to the blob was removed.
	DiscardBlob(ctx context.Context, blob string) error
	ListDiscardedBlobs(ctx context.Context, after string, limit int) ([]string, error) // in order
	// BlobInUse tells whether any row refers to the blob.
	BlobInUse(ctx context.Context, blob string) (bool, error)
	ForgetDiscardedBlob(ctx context.Context, blob string) error
}

// removeGarbage removes the bytes of discarded blobs that nothing refers to any
// more. The blob store keeps one copy of equal contents, so somebody else may
// upload the same bytes at this very moment: storing what is there already
// touches it, and a blob touched within blobGrace stays (see Blobs.Retire).
func (s *Service) removeGarbage(ctx context.Context) error {
	for last := ""; ; {
		var blobs []string
		err := s.store.View(ctx, func(tx Tx) (err error) {
			blobs, err = tx.ListDiscardedBlobs(ctx, last, 500)
			return err
		})
		if err != nil || len(blobs) == 0 {
			return err
		}
		for _, blob := range blobs {
			if err := s.collect(ctx, blob); err != nil {
				return fmt.Errorf("remove blob %s: %w", blob, err)
			}
		}
		last = blobs[len(blobs)-1]
	}
}

// collect removes one blob, or finds that it is in use, or leaves it for later.
func (s *Service) collect(ctx context.Context, blob string) error {
	untouchedSince := s.now().Add(-blobGrace) // taken before we ask who refers to it
	used := false
	err := s.store.View(ctx, func(tx Tx) (err error) {
		used, err = tx.BlobInUse(ctx, blob)
		return err
	})
	if err != nil {
		return err
	}
	if !used {
		if gone, err := s.blobs.Retire(ctx, blob, untouchedSince); err != nil || !gone {
			return err
		}
	}
	return s.store.Update(ctx, func(tx Tx) error { return tx.ForgetDiscardedBlob(ctx, blob) })
}
