package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"tandem/access"
	"tandem/event"
	"tandem/job"
	"tandem/problem"
)

// ScanState is what the virus scanner said of a file.
type ScanState string

// The states. A file that came while no scanner was set up is never scanned.
const (
	NotScanned  ScanState = "not_scanned"
	ScanWaiting ScanState = "waiting" // its turn comes in a moment
	ScanClean   ScanState = "clean"
	ScanMalware ScanState = "malware" // Finding names it
	ScanFailed  ScanState = "failed"  // the scanner was away, and is asked again; or the file is too large for it
)

// findingTooLarge is the finding at a file that the scanner will never take.
const findingTooLarge = "too_large"

// ErrTooLargeToScan is returned by a Scanner for what exceeds its limit.
var ErrTooLargeToScan = errors.New("the file is too large for the virus scanner")

// Scanner looks for malware in a file. It returns the name of what it found,
// empty when there is nothing, and an error when it could not look.
type Scanner interface {
	Scan(context.Context, io.Reader) (finding string, err error)
	// Version tells which scanner with which signatures answers.
	Version(context.Context) (string, error)
}

// ScanFiles scans the files that came with a comment.
type ScanFiles struct {
	Comment CommentID `json:"comment"`
}

// Kind names the job.
func (ScanFiles) Kind() string { return "desk.scan_files" }

// ScanAgain scans what the scanner could not look at before, in the order of arrival.
type ScanAgain struct{}

// Kind names the job.
func (ScanAgain) Kind() string { return "desk.scan_again" }

// Withheld says why a file is not handed out, neither to people nor by mail;
// nil when it is.
func (a *Attachment) Withheld(f FileSettings) *problem.Error {
	switch {
	case a.Scan == ScanMalware:
		return problem.New(problem.Forbidden, "attachment_malware", "The virus scanner found %s in %s.", a.Finding, a.FileName).
			On(problem.Admin, "Do not open it. An administrator can still download it after confirming that they know.").
			With("name", a.FileName).With("finding", a.Finding)
	case a.SetAside():
		return problem.New(problem.NotFound, "attachment_set_aside", "%s was too large to be taken in; it is still in the mailbox at Microsoft.", a.FileName).
			On(problem.Yours, "Choose Fetch now at the comment.").With("name", a.FileName)
	case a.Scan == ScanFailed && a.Finding == findingTooLarge && f.HoldUnscanned:
		return problem.New(problem.Forbidden, "attachment_too_large_to_scan", "%s is too large for the virus scanner and was not looked at.", a.FileName).
			On(problem.Admin, "An administrator can download it after confirming that they know, or raise the scanner's StreamMaxLength.").With("name", a.FileName)
	case (a.Scan == ScanFailed || a.Scan == ScanWaiting) && f.HoldUnscanned:
		return problem.New(problem.Unavailable, "attachment_not_scanned", "The virus scanner has not looked at %s yet.", a.FileName).
			On(problem.Admin, "It is scanned by itself as soon as the scanner answers.").With("name", a.FileName).After(30 * time.Second)
	}
	return nil
}

// ScanReport is how scanning stands, for administrators.
type ScanReport struct {
	Configured bool
	Version    string            // of the scanner that answers; empty when none does
	Trouble    error             // why it does not answer; nil when it does
	Counts     map[ScanState]int // files that wait, failed, or are malware
}

// ScanReport asks the scanner whether it is there.
func (s *Service) ScanReport(ctx context.Context, by access.Actor) (*ScanReport, error) {
	if err := by.MustAdminister(); err != nil {
		return nil, err
	}
	r := &ScanReport{Configured: s.scanner != nil}
	if r.Configured {
		asking, cancel := context.WithTimeout(ctx, 3*time.Second)
		defer cancel()
		r.Version, r.Trouble = s.scanner.Version(asking)
	}
	err := s.store.View(ctx, func(tx Tx) (err error) {
		r.Counts, err = tx.CountScans(ctx)
		return err
	})
	return r, err
}

// arrivedState is how a file that has just been stored stands.
func (s *Service) arrivedState() ScanState {
	if s.scanner == nil {
		return NotScanned
	}
	return ScanWaiting
}

// queueScan asks for the files of a comment to be scanned.
func (s *Service) queueScan(ctx context.Context, tx Tx, c CommentID) error {
	if s.scanner == nil {
		return nil
	}
	_, err := job.Insert(ctx, tx, ScanFiles{Comment: c}, job.Options{UniqueKey: fmt.Sprint("comment:", c)})
	return err
}

// look scans a file and writes the verdict into a. The error is one of our own
// blob store: what is wrong with the scanner stands in the verdict.
func (s *Service) look(ctx context.Context, a *Attachment) error {
	content, err := s.blobs.Get(ctx, a.Blob)
	if err != nil {
		return fmt.Errorf("open attachment %d to scan it: %w", a.ID, err)
	}
	defer content.Close()
	finding, err := s.scanner.Scan(ctx, content)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	a.judge(finding, err, s.now())
	return nil
}

// judge notes what the scanner said.
func (a *Attachment) judge(finding string, err error, at time.Time) {
	a.ScannedAt, a.Finding = at, finding
	switch {
	case errors.Is(err, ErrTooLargeToScan):
		a.Scan, a.Finding = ScanFailed, findingTooLarge
	case err != nil:
		a.Scan, a.Finding = ScanFailed, ""
	case finding != "":
		a.Scan = ScanMalware
	default:
		a.Scan = ScanClean
	}
}

// WorkScan works a ScanFiles job. What the scanner cannot look at now is left to ScanAgain.
func (s *Service) WorkScan(ctx context.Context, id CommentID) error {
	var c *Comment
	err := s.store.View(ctx, func(tx Tx) (err error) {
		c, err = tx.GetComment(ctx, id)
		return err
	})
	if problem.KindOf(err) == problem.NotFound {
		return nil // taken back meanwhile
	}
	if err != nil {
		return err
	}
	for _, a := range c.Attachments {
		if a.Scan != ScanWaiting {
			continue
		}
		if err := s.scan(ctx, &a, c.TicketID); err != nil || a.unseen() {
			return err
		}
	}
	return nil
}

// unseen tells that the scanner was asked and could not look.
func (a *Attachment) unseen() bool { return a.Scan == ScanFailed && a.Finding == "" }

// scanBatch is how many files one ScanAgain job scans at most.
const scanBatch = 200

// WorkScanAgain works a ScanAgain job. It stops at the first file that the
// scanner does not look at: it is still away.
func (s *Service) WorkScanAgain(ctx context.Context) error {
	if s.scanner == nil {
		return nil
	}
	var files []Attachment
	err := s.store.View(ctx, func(tx Tx) (err error) {
		files, err = tx.ListUnscanned(ctx, scanBatch)
		return err
	})
	if err != nil {
		return fmt.Errorf("list unscanned files: %w", err)
	}
	for _, a := range files {
		if err := s.scan(ctx, &a, 0); err != nil || a.unseen() {
			return err
		}
	}
	return nil
}

// scan scans one file and writes down the verdict; screens that show it hear of it.
func (s *Service) scan(ctx context.Context, a *Attachment, of TicketID) error {
	if err := s.look(ctx, a); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := tx.SaveScan(ctx, *a); err != nil {
			return fmt.Errorf("save what the scanner said of attachment %d: %w", a.ID, err)
		}
		if a.CommentID == 0 {
			return nil
		}
		if of == 0 {
			c, err := tx.GetComment(ctx, a.CommentID)
			if err != nil {
				return err
			}
			of = c.TicketID
		}
		tx.Publish(event.Event{Kind: event.CommentUpdated, ID: int64(a.CommentID), Parent: int64(of)})
		return nil
	})
}

// Dangerous opens a file that is withheld, for an administrator who has been
// told what it is and wants it all the same. The audit trail keeps it.
func (s *Service) Dangerous(ctx context.Context, by access.Actor, id AttachmentID) (a *Attachment, content io.ReadSeekCloser, err error) {
	if err := by.MustAdminister(); err != nil {
		return nil, nil, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		if a, err = tx.GetAttachment(ctx, id); err != nil {
			return err
		}
		if a.SetAside() {
			return a.Withheld(FileSettings{})
		}
		return access.Record(ctx, tx, by, s.now(), access.Change{
			Action: "attachment.dangerous_downloaded", Object: "attachment", Subject: int64(id), Label: a.FileName,
			After: map[string]any{"scan": a.Scan, "finding": a.Finding},
		})
	})
	if err != nil {
		return nil, nil, err
	}
	content, err = s.blobs.Get(ctx, a.Blob)
	return a, content, err
}
