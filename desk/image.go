package desk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"tandem/problem"
)

// PictureFetcher fetches an image that a stranger's mail names. It is careful:
// it reaches nothing but public web servers, and returns nothing but raster
// images, whose content type it has found by looking at them.
type PictureFetcher interface {
	FetchPicture(ctx context.Context, address string) (contentType string, content []byte, err error)
}

// remoteImageLife is how long a fetched image is kept.
const remoteImageLife = 24 * time.Hour

// RemoteImageTx stores which remote images have been fetched.
type RemoteImageTx interface {
	// FindRemoteImage returns the blob of an image fetched after since; empty when there is none.
	FindRemoteImage(ctx context.Context, hash string, since time.Time) (blob, contentType string, err error)
	SaveRemoteImage(ctx context.Context, hash, blob, contentType string, at time.Time) error
	// DeleteRemoteImages forgets images fetched before, and discards their blobs.
	DeleteRemoteImages(ctx context.Context, before time.Time) error
}

// RemoteImage gives an image that a mail names: fetched once a day, whoever
// looks, so that its sender learns neither who read the mail nor how often.
// The caller has checked that the address was named by a mail.
func (s *Service) RemoteImage(ctx context.Context, address string) (contentType string, content io.ReadSeekCloser, err error) {
	hash := hashOf(address)
	var blob string
	err = s.store.View(ctx, func(tx Tx) error {
		f, err := tx.GetFileSettings(ctx)
		if err != nil {
			return err
		}
		if !f.RemoteImages || s.pictures == nil {
			return problem.New(problem.Forbidden, "images_off", "Remote images are not shown here.").
				On(problem.Admin, "An administrator can allow them under Attachments and images.")
		}
		blob, contentType, err = tx.FindRemoteImage(ctx, hash, s.now().Add(-remoteImageLife))
		return err
	})
	if err != nil {
		return "", nil, err
	}
	if blob == "" {
		if blob, contentType, err = s.fetchPicture(ctx, hash, address); err != nil {
			return "", nil, err
		}
	}
	content, err = s.blobs.Get(ctx, blob)
	return contentType, content, err
}

func (s *Service) fetchPicture(ctx context.Context, hash, address string) (blob, contentType string, err error) {
	contentType, image, err := s.pictures.FetchPicture(ctx, address)
	if err != nil {
		return "", "", err
	}
	if blob, _, err = s.blobs.Put(ctx, bytes.NewReader(image)); err != nil {
		return "", "", fmt.Errorf("keep a remote image: %w", err)
	}
	err = s.store.Update(ctx, func(tx Tx) error { return tx.SaveRemoteImage(ctx, hash, blob, contentType, s.now()) })
	return blob, contentType, err
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
