package desk

import "context"

// AsideState is how far the files of a mail are that was too large.
type AsideState string

// The states.
const (
	AtMicrosoft   AsideState = "at_microsoft" // they stay in the mailbox until somebody asks for them
	AsideFetching AsideState = "fetching"
	AsideFetched  AsideState = "fetched"
	AsideGone     AsideState = "gone"   // the mail is no longer in the mailbox
	AsideFailed   AsideState = "failed" // somebody has to decide; Error says why
)

// Aside says that a comment came by a mail which was larger than Tandem takes
// in. Its text is there; of its files only names and sizes are, until they are fetched.
type Aside struct {
	MailID    int64
	CommentID CommentID
	Size      int64 // of the whole mail as sent
	State     AsideState
	ErrorCode string // of the last attempt to fetch them
	Error     string
	Remedy    string
}

// SetAside tells that the file's bytes are not here: it came with a mail that was too large.
func (a *Attachment) SetAside() bool { return a.Blob == "" }

// AsideTx stores which mails had their files set aside.
type AsideTx interface {
	SaveAside(context.Context, Aside) error
	FindAside(ctx context.Context, mail int64) (*Aside, error) // nil when there is none
}

// Fill gives a file that was set aside its bytes, in the caller's transaction.
func (s *Service) Fill(ctx context.Context, tx Tx, a Attachment, blob string, size int64) error {
	a.Blob, a.Size, a.Scan = blob, size, s.arrivedState()
	if err := tx.FillAttachment(ctx, a); err != nil {
		return err
	}
	return s.queueScan(ctx, tx, a.CommentID)
}
