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
	"tandem/directory"
	"tandem/problem"
)

// Limits of uploads.
const (
	MaxUpload   = 512 << 20      // bytes of one file; what is too large for a mail leaves as a link
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
// is cut in the middle, or larger than MaxUpload, leaves nothing behind; what
// the virus scanner knows is refused.
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
		Secret: s.newToken(), UploadedBy: by.UserID, CreatedAt: s.now(), Scan: NotScanned,
	}
	if err := s.admit(ctx, &file); err != nil {
		return nil, err
	}
	up := &Upload{Token: token}
	err = s.store.Update(ctx, func(tx Tx) error {
		up.Files = nil
		if token != "" {
			if up.Files, err = s.upload(ctx, tx, token); err != nil {
				return err
			}
			if !up.Files[0].uploader(by) {
				return unknownUpload()
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
		return nil, errors.Join(err, s.discard(ctx, key))
	}
	up.ExpiresAt = up.Files[0].CreatedAt.Add(UploadLife)
	return up, nil
}

// uploader tells whether an upload that no comment has taken is the actor's to
// see and remove. Uploads from before their uploaders were kept are everybody's.
func (a *Attachment) uploader(by access.Actor) bool {
	return a.UploadedBy == 0 || a.UploadedBy == by.UserID || by.Role == directory.Admin
}

// discard lets bytes go that nothing refers to after all.
func (s *Service) discard(ctx context.Context, blob string) error {
	err := s.store.Update(ctx, func(tx Tx) error { return tx.DiscardBlob(ctx, blob) })
	if err != nil {
		return fmt.Errorf("discard the bytes of an upload: %w", err)
	}
	return nil
}

// admit lets the scanner look at an upload. Malware is refused, and its bytes go
// when nothing else refers to them.
func (s *Service) admit(ctx context.Context, file *Attachment) error {
	if s.scanner == nil {
		return nil
	}
	if err := s.look(ctx, file); err != nil {
		return err
	}
	if file.Scan != ScanMalware {
		return nil
	}
	if err := s.discard(ctx, file.Blob); err != nil {
		return err
	}
	return problem.New(problem.Invalid, "upload_malware", "The virus scanner found %s in %s, so it was not taken.", file.Finding, file.FileName).
		On(problem.Yours, "Do not send it on. Have the machine that it came from looked at.").In("file").
		With("name", file.FileName).With("finding", file.Finding)
}

func tooManyFiles() error {
	return problem.New(problem.Limit, "too_many_files", "At most %d files fit to one comment.", uploadFiles).
		On(problem.Yours, "Put them into one archive.")
}

// RemoveUpload removes one's own upload that no comment has taken; an unknown
// one is removed already, and somebody else's counts as unknown.
func (s *Service) RemoveUpload(ctx context.Context, by access.Actor, token string) error {
	if err := by.MustWork(); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		files, err := tx.ListUpload(ctx, token)
		if err != nil {
			return fmt.Errorf("list an upload: %w", err)
		}
		for _, a := range files {
			if !a.uploader(by) {
				return nil
			}
		}
		return tx.DeleteUpload(ctx, token)
	})
}

// RemoveAbandoned removes uploads that nobody used, unless a draft keeps them,
// remote images that are out of date and old imports, and then the bytes that nothing refers
// to, for the RemoveUploads job.
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
			break
		}
	}
	err := s.store.Update(ctx, func(tx Tx) error { return tx.DeleteRemoteImages(ctx, s.now().Add(-remoteImageLife)) })
	if err != nil {
		return fmt.Errorf("remove old remote images: %w", err)
	}
	err = s.store.Update(ctx, func(tx Tx) error { return tx.DeleteCSVImports(ctx, s.now().Add(-ImportLife)) })
	if err != nil {
		return fmt.Errorf("remove old imports: %w", err)
	}
	return s.removeGarbage(ctx)
}

// Attachment gives what is known of a file. An upload that no comment has taken
// is there for its uploader only.
func (s *Service) Attachment(ctx context.Context, by access.Actor, id AttachmentID) (a *Attachment, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		a, err = tx.GetAttachment(ctx, id)
		if err == nil && a.CommentID == 0 && !a.uploader(by) {
			a, err = nil, noSuchFile()
		}
		if err != nil {
			return err
		}
		return mustBeShown(ctx, tx, a)
	})
	return a, err
}

// mustBeShown refuses the file of a ticket that has been deleted.
func mustBeShown(ctx context.Context, tx Tx, a *Attachment) error {
	if a.CommentID == 0 {
		return nil
	}
	c, err := tx.GetComment(ctx, a.CommentID)
	if err != nil {
		return fmt.Errorf("comment of attachment %d: %w", a.ID, err)
	}
	if _, err := tx.GetTicket(ctx, c.TicketID); problem.KindOf(err) == problem.NotFound {
		return noSuchFile()
	} else if err != nil {
		return fmt.Errorf("ticket of attachment %d: %w", a.ID, err)
	}
	return nil
}

func noSuchFile() error {
	return problem.New(problem.NotFound, "attachment_not_found", "There is no such file.")
}

// File gives the file whose address carries the secret, to people who work here:
// an address that got around opens nothing to anybody else, as with Zendesk's
// private attachments. What the virus scanner warns of is withheld, and what a
// deleted ticket has is gone until that is restored.
func (s *Service) File(ctx context.Context, by access.Actor, secret string) (*Attachment, io.ReadSeekCloser, error) {
	if err := by.MustWork(); err != nil {
		return nil, nil, err
	}
	var a *Attachment
	err := s.store.View(ctx, func(tx Tx) (err error) {
		if a, err = tx.FindAttachmentBySecret(ctx, secret); err != nil {
			return err
		}
		if a == nil {
			return noSuchFile()
		}
		if err := mustBeShown(ctx, tx, a); err != nil {
			return err
		}
		f, err := tx.GetFileSettings(ctx)
		if err != nil {
			return err
		}
		if p := a.Withheld(f); p != nil {
			return p
		}
		return nil
	})
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
