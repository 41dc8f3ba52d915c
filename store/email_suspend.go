package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"tandem/desk"
	"tandem/directory"
	"tandem/email"
)

// GetPolicy reads what suspends mail; DefaultPolicy when nobody has changed it.
func (tx *Tx) GetPolicy(ctx context.Context) (email.Policy, error) {
	p := email.DefaultPolicy() // what was stored before a setting existed leaves it at its default
	var text string
	var updated int64
	found, err := tx.queryRow(ctx, "SELECT policy, updated_at FROM mail_policy WHERE id = 1", nil, &text, &updated)
	if err != nil || !found {
		return p, err
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return p, fmt.Errorf("decode the mail policy: %w", err)
	}
	p.UpdatedAt = instant(updated)
	return p, nil
}

// SetPolicy stores what suspends mail.
func (tx *Tx) SetPolicy(ctx context.Context, p email.Policy) error {
	text, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode the mail policy: %w", err)
	}
	tx.stamp(&p.UpdatedAt)
	_, err = tx.exec(ctx, `INSERT INTO mail_policy (id, policy, updated_at) VALUES (1, $1, $2)
		ON CONFLICT (id) DO UPDATE SET policy = excluded.policy, updated_at = excluded.updated_at`, string(text), millis(p.UpdatedAt))
	return err
}

type senderRuleRow struct {
	bun.BaseModel `bun:"table:sender_rule,alias:sender_rule"`

	ID        int64  `bun:"id,pk"`
	List      string `bun:"list"`
	Pattern   string `bun:"pattern"`
	Learned   bool   `bun:"learned"`
	CreatedBy int64  `bun:"created_by"`
	CreatedAt int64  `bun:"created_at"`
}

func (senderRuleRow) onConflict() string { return "ON CONFLICT (pattern, list) DO NOTHING" }

func (r *senderRuleRow) rule() *email.SenderRule {
	return &email.SenderRule{
		ID: email.SenderRuleID(r.ID), List: email.SenderList(r.List), Pattern: r.Pattern, Learned: r.Learned,
		CreatedBy: directory.UserID(r.CreatedBy), CreatedAt: instant(r.CreatedAt),
	}
}

// FindSenderRules returns the entries of all lists with one of the patterns.
func (tx *Tx) FindSenderRules(ctx context.Context, patterns []string) ([]*email.SenderRule, error) {
	if len(patterns) == 0 {
		return nil, nil
	}
	rows, err := every[senderRuleRow](ctx, tx, "pattern IN ("+marks(1, len(patterns))+") ORDER BY id", anys(patterns)...)
	return convert(rows, (*senderRuleRow).rule), err
}

// ListSenderRules lists the entries of a list by pattern.
func (tx *Tx) ListSenderRules(ctx context.Context, list email.SenderList) ([]*email.SenderRule, error) {
	rows, err := many[senderRuleRow](ctx, tx, tx.bun.NewSelect().Where("list = ?", list).Order("pattern", "id"))
	return convert(rows, (*senderRuleRow).rule), err
}

// GetSenderRule reads an entry, or returns problem.NotFound.
func (tx *Tx) GetSenderRule(ctx context.Context, id email.SenderRuleID) (*email.SenderRule, error) {
	row, err := lockOne[senderRuleRow](ctx, tx, "id = $1", int64(id))
	return get(row, err, "sender", id, (*senderRuleRow).rule)
}

// InsertSenderRule sets the ID; false when the list has the pattern already.
func (tx *Tx) InsertSenderRule(ctx context.Context, r *email.SenderRule) (bool, error) {
	tx.stamp(&r.CreatedAt)
	id, err := tx.insert(ctx, senderRuleRow{
		List: string(r.List), Pattern: r.Pattern, Learned: r.Learned, CreatedBy: int64(r.CreatedBy), CreatedAt: millis(r.CreatedAt),
	})
	if err != nil {
		return false, fmt.Errorf("insert sender: %w", err)
	}
	if id != 0 {
		r.ID = email.SenderRuleID(id)
		return true, nil
	}
	there, err := one[senderRuleRow](ctx, tx, "pattern = $1 AND list = $2", r.Pattern, string(r.List))
	if err == nil && there != nil {
		*r = *there.rule()
	}
	return false, err
}

// DeleteSenderRule takes an entry off its list.
func (tx *Tx) DeleteSenderRule(ctx context.Context, id email.SenderRuleID) error {
	_, err := tx.exec(ctx, "DELETE FROM sender_rule WHERE id = $1", int64(id))
	return err
}

// taken is the condition of the index mail_taken.
const taken = "direction = 'in' AND state IN ('ticketed', 'commented', 'flagged')"

// CountTaken counts the sender's mails that became tickets or comments of
// themselves, but for the one with the key. The sender's own row is locked, so that the readers of two
// mailboxes count one after the other.
func (tx *Tx) CountTaken(ctx context.Context, sender, dedupeKey string, from, to time.Time) (int, error) {
	var id int64
	if _, err := tx.queryRow(ctx, "SELECT id FROM person WHERE email = $1"+tx.lockWhenWriting(), []any{sender}, &id); err != nil {
		return 0, fmt.Errorf("lock the sender: %w", err)
	}
	var n int
	_, err := tx.queryRow(ctx, `SELECT COUNT(DISTINCT dedupe_key) FROM mail WHERE from_email = $1 AND received_at > $2 AND received_at <= $3
		AND dedupe_key <> $4 AND cause = '' AND NOT imported AND `+taken, []any{sender, millis(from), millis(to), dedupeKey}, &n)
	if err != nil {
		return 0, fmt.Errorf("count the mails of a sender: %w", err)
	}
	return n, nil
}

func (tx *Tx) lockWhenWriting() string {
	if tx.write {
		return tx.db.rowLock()
	}
	return ""
}

// ListExpired returns suspended mails that were decided before, oldest first.
func (tx *Tx) ListExpired(ctx context.Context, before time.Time, limit int) ([]*email.Mail, error) {
	q := tx.bun.NewSelect().Where("state = 'suspended'").Where("decided_at < ?", millis(before)).Order("id")
	page(q, limit, 0)
	return tx.listMail(ctx, q)
}

// CountSuspendedSince counts the mails suspended since then, by cause.
func (tx *Tx) CountSuspendedSince(ctx context.Context, since time.Time) (map[email.Cause]int, error) {
	var rows []struct {
		Cause string
		N     int
	}
	err := tx.bun.NewRaw("SELECT cause, COUNT(*) AS n FROM mail WHERE state = 'suspended' AND decided_at >= ? GROUP BY cause", millis(since)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count suspended mails: %w", tx.db.explain(err))
	}
	counts := make(map[email.Cause]int, len(rows))
	for _, r := range rows {
		counts[email.Cause(r.Cause)] = r.N
	}
	return counts, nil
}

// CountLeaving counts the mails that are leaving, and those that have left and
// whose Message-ID is still to be read back.
func (tx *Tx) CountLeaving(ctx context.Context) (n int, err error) {
	_, err = tx.queryRow(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM mail WHERE state = 'sending' UNION ALL
		SELECT 1 FROM job WHERE state IN ('waiting', 'running') AND kind = 'email.confirm_sent') AS leaving`, nil, &n)
	return n, err
}

// FindOutgoing returns the outgoing mail with our mark, else the one with the
// Message-ID; nil when there is none. In an Update it also locks the row.
func (tx *Tx) FindOutgoing(ctx context.Context, mark, messageID string) (*email.Mail, error) {
	if mark != "" {
		m, err := foundMail(lockOne[mailRow](ctx, tx, "mark = $1 AND mark <> '' AND direction = 'out'", mark))
		if err != nil || m != nil {
			return m, err
		}
	}
	if messageID == "" {
		return nil, nil
	}
	return foundMail(lockOne[mailRow](ctx, tx, "message_id = $1 AND message_id <> '' AND direction = 'out'", messageID))
}

type bounceRow struct {
	bun.BaseModel `bun:"table:bounce,alias:bounce"`

	ID         int64  `bun:"id,pk"`
	MailID     int64  `bun:"mail_id"`
	ReportID   int64  `bun:"report_id"`
	Recipient  string `bun:"recipient"`
	Status     string `bun:"status"`
	Diagnostic string `bun:"diagnostic"`
	At         int64  `bun:"at"`
}

// onConflict lets the newest report on a recipient count.
func (bounceRow) onConflict() string {
	return `ON CONFLICT (mail_id, recipient) DO UPDATE SET report_id = excluded.report_id,
		status = excluded.status, diagnostic = excluded.diagnostic, at = excluded.at`
}

func (r *bounceRow) bounce() *email.Bounce {
	return &email.Bounce{
		Mail: email.MailID(r.MailID), Report: email.MailID(r.ReportID), Recipient: r.Recipient, Status: r.Status,
		Diagnostic: r.Diagnostic, At: instant(r.At),
	}
}

// InsertBounce notes that a mail did not reach somebody.
func (tx *Tx) InsertBounce(ctx context.Context, b *email.Bounce) error {
	tx.stamp(&b.At)
	_, err := tx.insert(ctx, bounceRow{
		MailID: int64(b.Mail), ReportID: int64(b.Report), Recipient: b.Recipient, Status: b.Status, Diagnostic: b.Diagnostic, At: millis(b.At),
	})
	return err
}

// ListBounces lists whom a mail did not reach.
func (tx *Tx) ListBounces(ctx context.Context, id email.MailID) ([]*email.Bounce, error) {
	rows, err := many[bounceRow](ctx, tx, tx.bun.NewSelect().Where("mail_id = ?", id).Order("id"))
	return convert(rows, (*bounceRow).bounce), err
}

// DeleteBounces forgets them: the mail is sent once more.
func (tx *Tx) DeleteBounces(ctx context.Context, id email.MailID) error {
	_, err := tx.exec(ctx, "DELETE FROM bounce WHERE mail_id = $1", int64(id))
	return err
}

// addBounces completes the deliveries of comments; mails gives the comment of each mail.
func (tx *Tx) addBounces(ctx context.Context, mails map[int64]*desk.Comment) error {
	if len(mails) == 0 {
		return nil
	}
	ids := make([]int64, 0, len(mails))
	for id := range mails {
		ids = append(ids, id)
	}
	rows, err := many[bounceRow](ctx, tx, tx.bun.NewSelect().Where("mail_id IN (?)", bun.List(ids)).Order("id"))
	if err != nil {
		return fmt.Errorf("bounces: %w", err)
	}
	for _, r := range rows {
		p := email.BounceProblem(r.Status)
		d := mails[r.MailID].Delivery
		d.State = desk.DeliveryBounced
		d.Bounces = append(d.Bounces, desk.Bounce{
			Recipient: r.Recipient, Status: r.Status, Diagnostic: r.Diagnostic, Code: p.Code, Message: p.Message, Remedy: p.Remedy,
			At: instant(r.At), MailID: r.ReportID,
		})
	}
	return nil
}
