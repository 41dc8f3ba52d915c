package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"tandem/access"
	"tandem/problem"
)

// Limits of uploads.
const (
	MaxUpload   = 50 << 20       // bytes of one file
	UploadLife  = 24 * time.Hour // how long a file waits for its comment
	uploadFiles = 50             // files under one token
)

// Upload is files that wait for their comment under one token.
type Upload struct {
	Token     string
	ExpiresAt time.Time
	Added     Attachment // the file that was just added
	Files     []Attachment
}

// AddUpload stores a file, under the token of an earlier one when given. What
// is cut in the middle, or larger than MaxUpload, leaves nothing behind.
func (s *Service) AddUpload(ctx context.Context, by access.Actor, token, name, contentType string, content io.Reader) (*Upload, error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	limited := &uploadReader{r: content, left: MaxUpload}
	key, size, err := s.blobs.Put(ctx, limited)
	if err != nil {
		return nil, limited.explain(err)
	}
	file := Attachment{
		UploadToken: token, FileName: FileName(name), ContentType: ContentType(contentType, limited.head), Size: size, Blob: key,
		Secret: s.newToken(), UploadedBy: by.UserID, CreatedAt: s.now(),
	}
	up := &Upload{Token: token}
	err = s.store.Update(ctx, func(tx Tx) error {
		up.Files = nil
		if token != "" {
			if up.Files, err = s.upload(ctx, tx, token); err != nil {
				return err
			}
			if len(up.Files) >= uploadFiles {
				return tooManyFiles()
			}
		} else {
			up.Token = s.newToken()
			file.UploadToken = up.Token
		}
		added := file
		if err := tx.InsertAttachment(ctx, &added); err != nil {
			return fmt.Errorf("insert upload: %w", err)
		}
		up.Added, up.Files = added, append(up.Files, added)
		return nil
	})
	if err != nil {
		return nil, err
	}
	up.ExpiresAt = up.Files[0].CreatedAt.Add(UploadLife)
	return up, nil
}

func tooManyFiles() error {
	return problem.New(problem.Limit, "too_many_files", "At most %d files fit to one comment.", uploadFiles).
		On(problem.Yours, "Put them into one archive.")
}

// RemoveUpload removes an upload that no comment has taken; an unknown one is removed already.
func (s *Service) RemoveUpload(ctx context.Context, by access.Actor, token string) error {
	if err := by.MustWork(); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error { return tx.DeleteUpload(ctx, token) })
}

// RemoveAbandoned removes uploads that nobody used, for the RemoveUploads job;
// a draft keeps those that it names.
// Their bytes stay: the blob store keeps one copy of equal contents, and
// another comment may show the same file.
func (s *Service) RemoveAbandoned(ctx context.Context) error {
	for {
		removed := 0
		err := s.store.Update(ctx, func(tx Tx) error {
			files, err := tx.ListAbandonedUploads(ctx, s.now().Add(-UploadLife), 500)
			if err != nil {
				return err
			}
			for _, f := range files {
				if err := tx.DeleteUpload(ctx, f.UploadToken); err != nil {
					return err
				}
			}
			removed = len(files)
			return nil
		})
		if err != nil {
			return fmt.Errorf("remove abandoned uploads: %w", err)
		}
		if removed == 0 {
			return nil
		}
	}
}

// Attachment gives what is known of a file.
func (s *Service) Attachment(ctx context.Context, by access.Actor, id AttachmentID) (a *Attachment, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		a, err = tx.GetAttachment(ctx, id)
		return err
	})
	return a, err
}

// File gives the file whose address carries the secret. Whoever knows the
// address may read it, as in Zendesk's API: it stands in mails, too.
func (s *Service) File(ctx context.Context, secret string) (*Attachment, io.ReadSeekCloser, error) {
	var a *Attachment
	err := s.store.View(ctx, func(tx Tx) (err error) {
		a, err = tx.FindAttachmentBySecret(ctx, secret)
		return err
	})
	if err == nil && a == nil {
		err = problem.New(problem.NotFound, "attachment_not_found", "There is no such file.")
	}
	if err != nil {
		return nil, nil, err
	}
	content, err := s.blobs.Get(ctx, a.Blob)
	if err != nil {
		return nil, nil, fmt.Errorf("open the file of attachment %d: %w", a.ID, err)
	}
	return a, content, nil
}

// ContentType makes a media type harmless: without parameters, and what cannot
// be read or is not told is judged by the file's beginning.
func ContentType(told string, head []byte) string {
	media, _, err := mime.ParseMediaType(told)
	if err != nil || media == "" || media == "application/octet-stream" || !strings.Contains(media, "/") {
		media, _, _ = mime.ParseMediaType(http.DetectContentType(head))
	}
	return media
}

// uploadReader reads at most what an upload may have and remembers its beginning.
type uploadReader struct {
	r    io.Reader
	left int64
	head []byte
	err  error // why reading ended early
}

var errUploadTooLarge = errors.New("upload too large")

func (u *uploadReader) Read(b []byte) (int, error) {
	n, err := u.r.Read(b)
	if u.left -= int64(n); u.left < 0 {
		n, err = 0, errUploadTooLarge
	}
	if missing := 512 - len(u.head); missing > 0 {
		u.head = append(u.head, b[:min(n, missing)]...)
	}
	if err != nil && err != io.EOF {
		u.err = err
	}
	return n, err
}

// explain says why storing an upload failed: on the uploader's side or on ours.
func (u *uploadReader) explain(err error) error {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(u.err, errUploadTooLarge), errors.As(u.err, &tooLarge):
		return problem.New(problem.Invalid, "upload_too_large", "The file is larger than %d MB.", MaxUpload>>20).
			On(problem.Yours, "Share it by a link instead.").In("file").With("limit", fmt.Sprint(MaxUpload>>20))
	case u.err != nil:
		return problem.New(problem.Invalid, "upload_cut", "The file did not arrive completely.").
			On(problem.Yours, "Upload it again.").In("file").Because(err)
	}
	return fmt.Errorf("store an upload: %w", err)
}
