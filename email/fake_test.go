package email_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"tandem/email"
	"tandem/problem"
	"tandem/tenant"
)

// fakeMailbox is a mailbox as data: what lies in it, and what goes wrong. It
// serves the logic of a pass; that Microsoft behaves so is tested elsewhere,
// with the simulator.
type fakeMailbox struct {
	mu      sync.Mutex
	mails   []*fakeMail    // in the order in which they came
	changed []*fakeMail    // in the order in which folders changed
	folders []email.Folder // besides the Inbox
	aliases []string
	epoch   int // of cursors; an older one is refused
	page    int // mails on a page
	fetched map[string]int
	since   time.Time // what the last question for changes began with

	renewFault error
	renewed    time.Time // until when a subscription lasts that is made or renewed
	subscribed int

	aliasFault error
	listFault  error                                    // of listings and everything else
	breakOff   bool                                     // a reading from the beginning breaks off after its first page
	rawFault   func(id string, nth int) error           // of a whole fetch
	rawReader  func(id string, raw io.Reader) io.Reader // what arrives instead of the raw mail
	fileFault  func(id string) error
}

type fakeMail struct {
	id       string
	raw      []byte
	received time.Time
	draft    bool
	hidden   bool // changes do not tell of it
	deleted  bool
	filed    bool
	read     bool
	folder   string   // where it lies; "": in the Inbox
	left     []string // folders that tell of it as removed
}

func newFakeMailbox() *fakeMailbox {
	return &fakeMailbox{page: 10, fetched: make(map[string]int)}
}

// deliver puts a mail into the Inbox.
func (f *fakeMailbox) deliver(received time.Time, raw string) *fakeMail {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := &fakeMail{id: fmt.Sprintf("AAMk%04d", len(f.mails)+1), raw: []byte(strings.ReplaceAll(raw, "\n", "\r\n")), received: received}
	f.mails, f.changed = append(f.mails, m), append(f.changed, m)
	return m
}

func (m *fakeMail) headline() email.Headline {
	_, rest, _ := strings.Cut(string(m.raw), "Message-ID: <")
	messageID, _, _ := strings.Cut(rest, ">")
	return email.Headline{MicrosoftID: m.id, MessageID: messageID, ReceivedAt: m.received, Subject: "headline", Draft: m.draft, Removed: m.deleted, Filed: m.filed}
}

// Changes tells of a folder's mails behind the cursor, which is "epoch/position"
// among all mails.
func (f *fakeMailbox) Changes(ctx context.Context, folder, cursor string, since time.Time) (*email.Changes, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := cmpErr(ctx.Err(), f.listFault); err != nil {
		return nil, err
	}
	if !f.has(folder) {
		return nil, errGone()
	}
	f.since = since
	if cursor == "" {
		cursor = fmt.Sprintf("first %d %d %d", f.epoch, len(f.changed), len(f.changed))
	}
	if strings.HasPrefix(cursor, "first") {
		return f.firstRound(folder, cursor, since)
	}
	from := 0
	if cursor != "" {
		epoch, position, _ := strings.Cut(cursor, "/")
		if epoch != strconv.Itoa(f.epoch) {
			return nil, email.ErrResync
		}
		from, _ = strconv.Atoi(position)
	}
	to := min(from+f.page, len(f.changed))
	changes := &email.Changes{Cursor: fmt.Sprintf("%d/%d", f.epoch, to), More: to < len(f.changed)}
	for _, m := range f.changed[from:to] {
		switch {
		case m.folder == folder && !m.hidden && !m.filed && !m.received.Before(since):
			changes.Mails = append(changes.Mails, m.headline())
		case slices.Contains(m.left, folder):
			changes.Mails = append(changes.Mails, email.Headline{MicrosoftID: m.id, Removed: true})
		}
	}
	return changes, nil
}

// firstRound lists what there was when it began, newest first.
func (f *fakeMailbox) firstRound(folder, cursor string, since time.Time) (*email.Changes, error) {
	var epoch, all, to int
	fmt.Sscanf(cursor, "first %d %d %d", &epoch, &all, &to)
	if epoch != f.epoch {
		return nil, email.ErrResync
	}
	if f.breakOff && to < all {
		return nil, problem.New(problem.Unavailable, "microsoft_unavailable", "No answer.")
	}
	from := max(0, to-f.page)
	changes := &email.Changes{Cursor: fmt.Sprintf("%d/%d", f.epoch, all)}
	if from > 0 {
		changes.Cursor, changes.More = fmt.Sprintf("first %d %d %d", epoch, all, from), true
	}
	for _, m := range slices.Backward(f.changed[from:to]) {
		if m.folder == folder && !m.hidden && !m.filed && !m.received.Before(since) {
			changes.Mails = append(changes.Mails, m.headline())
		}
	}
	return changes, nil
}

func (f *fakeMailbox) Latest(_ context.Context, folder string, n int) ([]email.Headline, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var latest []email.Headline
	for _, m := range f.mails {
		if !m.filed && !m.deleted && m.folder == folder {
			latest = append(latest, m.headline())
		}
	}
	slices.SortStableFunc(latest, func(a, b email.Headline) int { return b.ReceivedAt.Compare(a.ReceivedAt) })
	return latest[:min(n, len(latest))], f.listFault
}

func (f *fakeMailbox) Present(_ context.Context, folder string, since time.Time, visit func([]email.Headline) error) error {
	return f.present(since, visit, func(m *fakeMail) bool { return !m.filed && m.folder == folder })
}

func (f *fakeMailbox) PresentFiled(_ context.Context, since time.Time, visit func([]email.Headline) error) error {
	return f.present(since, visit, func(m *fakeMail) bool { return m.filed })
}

func (f *fakeMailbox) present(since time.Time, visit func([]email.Headline) error, here func(*fakeMail) bool) error {
	f.mu.Lock()
	var present []email.Headline
	for _, m := range f.mails {
		if here(m) && !m.deleted && !m.received.Before(since) {
			present = append(present, m.headline())
		}
	}
	fault := f.listFault
	f.mu.Unlock()
	if fault != nil {
		return fault
	}
	return visit(present)
}

func errGone() error {
	return problem.New(problem.NotFound, "not_at_microsoft", "It is no longer in the mailbox.")
}

// has tells whether there is a folder of that id. The caller holds the lock.
func (f *fakeMailbox) has(folder string) bool {
	return folder == "" || slices.ContainsFunc(f.folders, func(one email.Folder) bool { return one.ID == folder })
}

func (f *fakeMailbox) Folder(_ context.Context, id string) (*email.Folder, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, one := range append(f.folders, email.Folder{Name: "Inbox", Inbox: true}) {
		if one.ID == id {
			for _, other := range f.folders {
				if other.Parent == id {
					one.Children++
				}
			}
			return &one, nil
		}
	}
	return nil, errGone()
}

func (f *fakeMailbox) Folders(ctx context.Context, parent string) ([]email.Folder, error) {
	f.mu.Lock()
	below := slices.Clone(f.folders)
	f.mu.Unlock()
	var found []email.Folder
	for _, one := range below {
		if one.Parent == parent && !one.Never {
			described, err := f.Folder(ctx, one.ID)
			if err != nil {
				return nil, err
			}
			found = append(found, *described)
		}
	}
	return found, nil
}

func (f *fakeMailbox) Aliases(context.Context) ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.aliases, f.aliasFault
}

// move moves a mail to another folder, as a person does in Outlook.
func (f *fakeMailbox) move(m *fakeMail, folder string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m.left = append(m.left, m.folder)
	m.folder, m.filed = folder, false
	f.changed = append(f.changed, m)
}

func (f *fakeMailbox) Raw(ctx context.Context, id string) (io.ReadCloser, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.find(id)
	if m == nil || m.deleted {
		return nil, problem.New(problem.NotFound, "not_at_microsoft", "It is no longer in the mailbox.")
	}
	f.fetched[id]++
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if f.rawFault != nil {
		if err := f.rawFault(id, f.fetched[id]); err != nil {
			return nil, err
		}
	}
	var r io.Reader = bytes.NewReader(m.raw)
	if f.rawReader != nil {
		r = f.rawReader(id, r)
	}
	return io.NopCloser(r), nil
}

func (f *fakeMailbox) File(_ context.Context, ids []string, as email.Afterwards) (filed []string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range ids {
		if f.fileFault != nil && f.fileFault(id) != nil {
			err = f.fileFault(id)
			continue
		}
		if m := f.find(id); m != nil {
			m.filed, m.read = as == email.MoveAfterwards, true
		}
		filed = append(filed, id)
	}
	return filed, err
}

func (f *fakeMailbox) find(id string) *fakeMail {
	for _, m := range f.mails {
		if m.id == id {
			return m
		}
	}
	return nil
}

func (f *fakeMailbox) change(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func cmpErr(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// What follows is for sending and notifications, which these tests do not use.

func (*fakeMailbox) CreateDraft(context.Context, email.Draft) (string, error) { return "", errUnused }
func (*fakeMailbox) FindByMark(context.Context, string) (string, error)       { return "", errUnused }
func (*fakeMailbox) Attached(context.Context, string) ([]email.DraftFile, error) {
	return nil, errUnused
}
func (*fakeMailbox) Send(context.Context, string) error                      { return errUnused }
func (*fakeMailbox) Outcome(context.Context, string) (*email.Outcome, error) { return nil, errUnused }
func (*fakeMailbox) Remove(context.Context, string) error                    { return errUnused }
func (*fakeMailbox) Unsubscribe(context.Context, string) error               { return errUnused }
func (*fakeMailbox) Attach(context.Context, string, email.DraftFile, io.Reader) error {
	return errUnused
}
func (f *fakeMailbox) Subscribe(context.Context, email.Subscription) (string, time.Time, error) {
	f.subscribed++
	return fmt.Sprint("subscription-", f.subscribed), f.renewed, nil
}
func (f *fakeMailbox) Renew(context.Context, string) (time.Time, error) {
	return f.renewed, f.renewFault
}

var errUnused = fmt.Errorf("not a matter of reading")

// fakeMailboxes opens the fake behind a connection by its address.
type fakeMailboxes map[string]*fakeMailbox

func (f fakeMailboxes) Open(c *email.Connection) (email.Mailbox, error) { return f[c.Email], nil }
func (f fakeMailboxes) Find(context.Context, tenant.ID, string) (*email.Owner, error) {
	return nil, errUnused
}
func (f fakeMailboxes) Requests(email.ConnectionID) int { return 0 }
