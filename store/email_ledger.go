package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"tandem/desk"
	"tandem/email"
)

type mailRow struct {
	bun.BaseModel `bun:"table:mail,alias:mail"`

	ID           int64  `bun:"id,pk"`
	ConnectionID int64  `bun:"connection_id"`
	Direction    string `bun:"direction,skipupdate"`
	State        string `bun:"state"`
	MicrosoftID  string `bun:"microsoft_id"`
	MessageID    string `bun:"message_id"`
	DedupeKey    string `bun:"dedupe_key"`
	Subject      string `bun:"subject"`
	Folded       string `bun:"folded"`
	FromName     string `bun:"from_name"`
	FromEmail    string `bun:"from_email"`
	Recipients   string `bun:"recipients"`
	Size         int64  `bun:"size"`
	Blob         string `bun:"blob"`
	NoticedBy    string `bun:"noticed_by,skipupdate"`
	Imported     bool   `bun:"imported"`

	ReceivedAt  int64 `bun:"received_at"`
	NoticedAt   int64 `bun:"noticed_at,skipupdate"`
	FetchedAt   int64 `bun:"fetched_at"`
	StoredAt    int64 `bun:"stored_at"`
	DecidedAt   int64 `bun:"decided_at"`
	FiledAt     int64 `bun:"filed_at"`
	ConfirmedAt int64 `bun:"confirmed_at"`

	FiledAs string `bun:"filed_as"`

	Rule      string `bun:"rule"`
	Evidence  string `bun:"evidence"`
	Cause     string `bun:"cause"`
	Excerpt   string `bun:"excerpt"`
	TicketID  int64  `bun:"ticket_id"`
	CommentID int64  `bun:"comment_id"`
	Original  int64  `bun:"original"`

	Attempts      int    `bun:"attempts"`
	NextAttemptAt int64  `bun:"next_attempt_at"`
	ErrorCode     string `bun:"error_code"`
	Error         string `bun:"error"`
	ErrorSide     string `bun:"error_side"`
	ErrorRemedy   string `bun:"error_remedy"`

	Mark      string `bun:"mark"`
	UpdatedAt int64  `bun:"updated_at"`
}

// onConflict keeps a mail that was noticed twice once in the ledger.
func (mailRow) onConflict() string {
	return "ON CONFLICT (connection_id, microsoft_id) WHERE microsoft_id <> '' DO NOTHING"
}

// recipients is how To and CC are stored.
type recipients struct {
	To []email.Party `json:"to,omitempty"`
	CC []email.Party `json:"cc,omitempty"`
}

func rowOfMail(m *email.Mail) (mailRow, error) {
	to, err := json.Marshal(recipients{m.To, m.CC})
	if err != nil {
		return mailRow{}, fmt.Errorf("encode recipients: %w", err)
	}
	return mailRow{
		ConnectionID: int64(m.ConnectionID), Direction: string(m.Direction), State: string(m.State),
		MicrosoftID: m.MicrosoftID, MessageID: m.MessageID, DedupeKey: m.DedupeKey,
		Subject: m.Subject, Folded: foldMail(m), FromName: m.From.Name, FromEmail: m.From.Email, Recipients: string(to),
		Size: m.Size, Blob: m.Blob, NoticedBy: string(m.NoticedBy), Imported: m.Imported,
		ReceivedAt: millis(m.ReceivedAt), NoticedAt: millis(m.NoticedAt), FetchedAt: millis(m.FetchedAt),
		StoredAt: millis(m.StoredAt), DecidedAt: millis(m.DecidedAt), FiledAt: millis(m.FiledAt), FiledAs: string(m.FiledAs), ConfirmedAt: millis(m.ConfirmedAt),
		Rule: m.Rule, Evidence: list(m.Evidence), Cause: string(m.Cause), Excerpt: m.Excerpt, TicketID: int64(m.TicketID), CommentID: int64(m.CommentID), Original: int64(m.Original),
		Attempts: m.Attempts, NextAttemptAt: millis(m.NextAttemptAt), ErrorCode: m.ErrorCode, Error: m.Error,
		ErrorSide: m.ErrorSide, ErrorRemedy: m.ErrorRemedy, Mark: m.Mark, UpdatedAt: millis(m.UpdatedAt),
	}, nil
}

// foldMail is what a search looks into: the parts one to a line, so that no word spans two of them.
func foldMail(m *email.Mail) string {
	parts := []string{fold(m.Subject), party(m.From)}
	for _, p := range append(m.To[:len(m.To):len(m.To)], m.CC...) {
		parts = append(parts, party(p))
	}
	return strings.Join(append(parts, fold(m.MessageID)), "\n")
}

func party(p email.Party) string { return fold(p.Name + " " + p.Email) }

func (r *mailRow) mail() (*email.Mail, error) {
	var to recipients
	if err := json.Unmarshal([]byte(r.Recipients), &to); err != nil {
		return nil, fmt.Errorf("recipients of mail %d: %w", r.ID, err)
	}
	evidence, err := unlist[email.Fact](r.Evidence)
	if err != nil {
		return nil, fmt.Errorf("evidence of mail %d: %w", r.ID, err)
	}
	return &email.Mail{
		ID: email.MailID(r.ID), ConnectionID: email.ConnectionID(r.ConnectionID), Direction: email.Direction(r.Direction),
		State: email.MailState(r.State), MicrosoftID: r.MicrosoftID, MessageID: r.MessageID, DedupeKey: r.DedupeKey,
		Subject: r.Subject, From: email.Party{Name: r.FromName, Email: r.FromEmail}, To: to.To, CC: to.CC,
		Size: r.Size, Blob: r.Blob, NoticedBy: email.NoticedBy(r.NoticedBy), Imported: r.Imported,
		ReceivedAt: instant(r.ReceivedAt), NoticedAt: instant(r.NoticedAt), FetchedAt: instant(r.FetchedAt),
		StoredAt: instant(r.StoredAt), DecidedAt: instant(r.DecidedAt), FiledAt: instant(r.FiledAt), FiledAs: email.Afterwards(r.FiledAs), ConfirmedAt: instant(r.ConfirmedAt),
		Rule: r.Rule, Evidence: evidence, Cause: email.Cause(r.Cause), Excerpt: r.Excerpt, TicketID: desk.TicketID(r.TicketID), CommentID: desk.CommentID(r.CommentID),
		Original: email.MailID(r.Original), Attempts: r.Attempts, NextAttemptAt: instant(r.NextAttemptAt),
		ErrorCode: r.ErrorCode, Error: r.Error, ErrorSide: r.ErrorSide, ErrorRemedy: r.ErrorRemedy, Mark: r.Mark,
		UpdatedAt: instant(r.UpdatedAt),
	}, nil
}

// InsertMail adds a row and sets its id; false when the mail is in the ledger already.
func (tx *Tx) InsertMail(ctx context.Context, m *email.Mail) (bool, error) {
	tx.stamp(&m.NoticedAt, &m.UpdatedAt)
	row, err := rowOfMail(m)
	if err != nil {
		return false, err
	}
	id, err := tx.insert(ctx, row)
	if err != nil {
		return false, fmt.Errorf("insert mail: %w", err)
	}
	if id != 0 {
		m.ID = email.MailID(id)
		return true, nil
	}
	_, err = tx.queryRow(ctx, "SELECT id FROM mail WHERE connection_id = $1 AND microsoft_id = $2 AND microsoft_id <> ''",
		[]any{int64(m.ConnectionID), m.MicrosoftID}, &m.ID)
	return false, err
}

// UpdateMail writes what has become of a mail, or returns problem.NotFound.
func (tx *Tx) UpdateMail(ctx context.Context, m *email.Mail) error {
	row, err := rowOfMail(m)
	if err != nil {
		return err
	}
	return missing(tx.update(ctx, int64(m.ID), row), "mail", m.ID)
}

// DeleteMail removes an outgoing mail that was withdrawn before anything was tried.
func (tx *Tx) DeleteMail(ctx context.Context, id email.MailID) error {
	n, err := tx.exec(ctx, "DELETE FROM mail WHERE id = $1", id)
	if err == nil && n == 0 {
		return notFound("mail", id)
	}
	return err
}

// GetMail reads a row, or returns problem.NotFound. In an Update it also locks the row.
func (tx *Tx) GetMail(ctx context.Context, id email.MailID) (*email.Mail, error) {
	row, err := lockOne[mailRow](ctx, tx, "id = $1", int64(id))
	if err == nil && row == nil {
		return nil, notFound("mail", id)
	}
	return foundMail(row, err)
}

func foundMail(row *mailRow, err error) (*email.Mail, error) {
	if err != nil {
		return nil, fmt.Errorf("read mail: %w", err)
	}
	if row == nil {
		return nil, nil
	}
	return row.mail()
}

func (tx *Tx) listMail(ctx context.Context, q *bun.SelectQuery) ([]*email.Mail, error) {
	rows, err := many[mailRow](ctx, tx, q)
	if err != nil {
		return nil, fmt.Errorf("list mail: %w", err)
	}
	mails := make([]*email.Mail, len(rows))
	for i := range rows {
		if mails[i], err = rows[i].mail(); err != nil {
			return nil, err
		}
	}
	return mails, nil
}

// FindMailByMicrosoftID returns nil when the mail is not in the ledger.
func (tx *Tx) FindMailByMicrosoftID(ctx context.Context, id email.ConnectionID, microsoftID string) (*email.Mail, error) {
	return foundMail(one[mailRow](ctx, tx, "connection_id = $1 AND microsoft_id <> '' AND microsoft_id = $2", int64(id), microsoftID))
}

// KnownMicrosoftIDs returns which of the ids are in the ledger, with their state.
func (tx *Tx) KnownMicrosoftIDs(ctx context.Context, id email.ConnectionID, microsoftIDs []string) (map[string]email.MailState, error) {
	known := make(map[string]email.MailState)
	if len(microsoftIDs) == 0 {
		return known, nil
	}
	rows, err := many[mailRow](ctx, tx, tx.bun.NewSelect().Column("microsoft_id", "state").
		Where("connection_id = ?", id).Where("microsoft_id <> '' AND microsoft_id IN (?)", bun.List(microsoftIDs)))
	if err != nil {
		return nil, fmt.Errorf("look up %d mails: %w", len(microsoftIDs), err)
	}
	for _, row := range rows {
		known[row.MicrosoftID] = email.MailState(row.State)
	}
	return known, nil
}

// accepted is how the index mail_original says that a mail counts; the queries that use it say it likewise.
const accepted = "direction = 'in' AND dedupe_key <> '' AND state IN ('ticketed', 'commented', 'flagged', 'suspended', 'report')"

const original = "connection_id = $1 AND dedupe_key = $2 AND " + accepted

// FindOriginal returns the accepted mail of this connection with the key; nil when there is none.
func (tx *Tx) FindOriginal(ctx context.Context, id email.ConnectionID, dedupeKey string) (*email.Mail, error) {
	return foundMail(one[mailRow](ctx, tx, original, int64(id), dedupeKey))
}

// ListDuplicates returns the mails that were found to be the same as an accepted one, oldest first.
func (tx *Tx) ListDuplicates(ctx context.Context, id email.MailID) ([]*email.Mail, error) {
	return tx.listMail(ctx, tx.bun.NewSelect().Where("original <> 0 AND original = ? AND state = 'duplicate'", int64(id)).Order("id"))
}

// ListMailNaming gives the mails behind one id and up to another that are from or to one of the addresses.
func (tx *Tx) ListMailNaming(ctx context.Context, addresses []string, after, until email.MailID) ([]*email.Mail, error) {
	q := tx.bun.NewSelect().Where("id > ?", after).Order("id").WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		for _, address := range addresses {
			q.WhereOr(`folded LIKE ? ESCAPE '\'`, containing(fold(address)))
		}
		return q
	})
	if until != 0 {
		q.Where("id <= ?", until)
	}
	return tx.listMail(ctx, q)
}

const ticketsOfMail = "SELECT DISTINCT ticket_id FROM mail WHERE dedupe_key = $1 AND connection_id <> $2 AND ticket_id <> 0 AND state <> 'report' AND " +
	accepted + " ORDER BY ticket_id"

// FindTicketsOfMail returns the tickets that other connections made of the same mail.
func (tx *Tx) FindTicketsOfMail(ctx context.Context, other email.ConnectionID, dedupeKey string) ([]desk.TicketID, error) {
	var ids []desk.TicketID
	err := tx.each(ctx, ticketsOfMail, []any{dedupeKey, int64(other)}, func(scan func(...any) error) error {
		var id desk.TicketID
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find tickets of a mail: %w", err)
	}
	return ids, nil
}

// FindMailByComment returns the mail by which a comment leaves; nil when there is none. In an Update it also locks the row.
func (tx *Tx) FindMailByComment(ctx context.Context, id desk.CommentID) (*email.Mail, error) {
	return foundMail(lockOne[mailRow](ctx, tx, "comment_id = $1 AND comment_id <> 0 AND direction = 'out'", int64(id)))
}

// ListUnfetched returns rows in state noticed whose next attempt is due, oldest first.
func (tx *Tx) ListUnfetched(ctx context.Context, id email.ConnectionID, due time.Time, limit int) ([]*email.Mail, error) {
	q := tx.bun.NewSelect().Where("connection_id = ?", id).Where("state = 'noticed'").
		Where("next_attempt_at <= ?", millis(due)).Order("received_at", "id")
	page(q, limit, 0)
	return tx.listMail(ctx, q)
}

// CountUnfetched counts the rows in state noticed whose next attempt is due, up to a bound.
func (tx *Tx) CountUnfetched(ctx context.Context, id email.ConnectionID, due time.Time, most int) (n int, err error) {
	_, err = tx.queryRow(ctx, "SELECT COUNT(*) FROM (SELECT 1 FROM mail WHERE connection_id = $1 AND state = 'noticed' AND next_attempt_at <= $2 LIMIT $3) AS due",
		[]any{int64(id), millis(due), most}, &n)
	if err != nil {
		return 0, fmt.Errorf("count mails that wait: %w", err)
	}
	return n, nil
}

// ListPostponed returns rows in state noticed whose next attempt comes after the time, oldest first.
func (tx *Tx) ListPostponed(ctx context.Context, id email.ConnectionID, now time.Time, limit int) ([]*email.Mail, error) {
	q := tx.bun.NewSelect().Where("connection_id = ?", id).Where("state = 'noticed'").
		Where("next_attempt_at > ?", millis(now)).Order("received_at", "id")
	page(q, limit, 0)
	return tx.listMail(ctx, q)
}

// NextAttempt tells when the first of the rows in state noticed that failed is due again; zero when none did.
func (tx *Tx) NextAttempt(ctx context.Context, id email.ConnectionID) (time.Time, error) {
	var due int64
	err := tx.bun.NewRaw("SELECT COALESCE(MIN(next_attempt_at), 0) FROM mail WHERE connection_id = ? AND state = 'noticed' AND next_attempt_at > 0", id).
		Scan(ctx, &due)
	if err != nil {
		return time.Time{}, fmt.Errorf("look for mails to try again: %w", tx.db.explain(err))
	}
	return instant(due), nil
}

// ListStranded returns outbound rows on their way that no job is about to deliver.
func (tx *Tx) ListStranded(ctx context.Context, reply, notification email.JobKey, limit int) ([]*email.Mail, error) {
	q := tx.bun.NewSelect().Where("state IN ('waiting', 'drafted', 'sending')").Where("direction = 'out'").
		Where(`NOT EXISTS (SELECT 1 FROM job WHERE job.state IN ('waiting', 'running')
			AND (job.kind = ? AND mail.comment_id <> 0 AND job.unique_key = ? || mail.comment_id
				OR job.kind = ? AND mail.comment_id = 0 AND job.unique_key = ? || mail.id))`,
			reply.Kind, reply.Prefix, notification.Kind, notification.Prefix).Order("id")
	page(q, limit, 0)
	return tx.listMail(ctx, q)
}

// ListUnfiled returns settled inbound rows whose copy at Microsoft is not filed yet, oldest first.
func (tx *Tx) ListUnfiled(ctx context.Context, id email.ConnectionID, limit int) ([]*email.Mail, error) {
	q := tx.bun.NewSelect().Where("connection_id = ?", id).Where(unfiled).Order("id")
	page(q, limit, 0)
	return tx.listMail(ctx, q)
}

// unfiled is the condition of the index mail_unfiled.
const unfiled = "direction = 'in' AND filed_at = 0 AND state IN ('ticketed', 'commented', 'flagged', 'duplicate', 'handed_over', 'ours', 'suspended', 'report', 'deleted')"

// MarkFiled notes what was done with the copies at Microsoft.
func (tx *Tx) MarkFiled(ctx context.Context, ids []email.MailID, at time.Time, as email.Afterwards) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.bun.NewRaw("UPDATE mail SET filed_at = ?, filed_as = ?, updated_at = ? WHERE id IN (?)",
		millis(at), string(as), millis(at), bun.List(ids)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("mark %d mails filed: %w", len(ids), tx.db.explain(err))
	}
	return nil
}
