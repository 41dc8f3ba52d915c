package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"tandem/desk"
	"tandem/email"
)

// ListMail lists rows of the ledger, newest first.
func (tx *Tx) ListMail(ctx context.Context, f email.MailFilter) ([]*email.Mail, error) {
	q := mailWhere(tx.bun.NewSelect(), f)
	if err := newestFirst.cut(q, f.Part); err != nil {
		return nil, err
	}
	list, err := tx.listMail(ctx, q)
	if f.Backwards() {
		slices.Reverse(list)
	}
	return list, err
}

// CountMail counts without regard to paging, up to email.MaxCounted.
func (tx *Tx) CountMail(ctx context.Context, f email.MailFilter) (int, error) {
	var n int
	counted := mailWhere(tx.bun.NewSelect().Model((*mailRow)(nil)).ColumnExpr("1"), f).Limit(email.MaxCounted)
	if err := tx.bun.NewSelect().TableExpr("(?) AS counted", counted).ColumnExpr("COUNT(*)").Scan(ctx, &n); err != nil {
		return 0, fmt.Errorf("count mail: %w", tx.db.explain(err))
	}
	return n, nil
}

// inThread says which mails of a ticket others may refer to.
const inThread = "ticket_id <> 0 AND ticket_id = ? AND id <> ? AND message_id <> '' AND state NOT IN ('flagged', 'duplicate')"

// ListThread returns the first and the newest Message-IDs of a ticket's mails but one, n at most, oldest first.
func (tx *Tx) ListThread(ctx context.Context, id desk.TicketID, except email.MailID, n int) ([]string, error) {
	var newest, first []string
	err := tx.bun.NewRaw("SELECT message_id FROM mail WHERE "+inThread+" ORDER BY id DESC LIMIT ?", id, except, n).Scan(ctx, &newest)
	if err != nil {
		return nil, fmt.Errorf("list the thread of ticket %d: %w", id, tx.db.explain(err))
	}
	slices.Reverse(newest)
	if len(newest) < n {
		return newest, nil
	}
	err = tx.bun.NewRaw("SELECT message_id FROM mail WHERE "+inThread+" ORDER BY id LIMIT 1", id, except).Scan(ctx, &first)
	if err != nil {
		return nil, fmt.Errorf("find the first mail of ticket %d: %w", id, tx.db.explain(err))
	}
	return append(first, newest[1:]...), nil
}

// noProbe leaves out what only tests an address, in and out.
const noProbe = "rule <> 'probe' AND id NOT IN (SELECT question FROM probe UNION ALL SELECT answer FROM probe)"

func mailWhere(q *bun.SelectQuery, f email.MailFilter) *bun.SelectQuery {
	if f.Connection != 0 {
		q.Where("connection_id = ?", f.Connection)
	}
	if f.Direction != "" {
		q.Where("direction = ?", f.Direction)
	}
	if len(f.States) > 0 {
		q.Where("state IN (?)", bun.List(f.States))
	}
	if len(f.Causes) > 0 {
		q.Where("cause IN (?)", bun.List(f.Causes))
	}
	if f.Ticket != 0 {
		q.Where("ticket_id <> 0 AND ticket_id = ?", f.Ticket)
	}
	if !f.From.IsZero() {
		q.Where("noticed_at >= ?", millis(f.From))
	}
	if !f.To.IsZero() {
		q.Where("noticed_at < ?", millis(f.To))
	}
	if f.HideProbes {
		q.Where(noProbe)
	}
	for _, word := range words(f.Search) {
		q.Where(`folded LIKE ? ESCAPE '\'`, containing(word))
	}
	return q
}

type attemptRow struct {
	bun.BaseModel `bun:"table:mail_attempt,alias:mail_attempt"`

	ID      int64  `bun:"id,pk"`
	MailID  int64  `bun:"mail_id"`
	At      int64  `bun:"at"`
	Step    string `bun:"step"`
	Outcome string `bun:"outcome"`
	Detail  string `bun:"detail"`
}

func (r *attemptRow) attempt() *email.Attempt {
	return &email.Attempt{
		ID: r.ID, MailID: email.MailID(r.MailID), At: instant(r.At), Step: r.Step, Outcome: r.Outcome, Detail: r.Detail,
	}
}

// InsertAttempt sets the ID.
func (tx *Tx) InsertAttempt(ctx context.Context, a *email.Attempt) (err error) {
	tx.stamp(&a.At)
	a.ID, err = tx.insert(ctx, attemptRow{
		MailID: int64(a.MailID), At: millis(a.At), Step: a.Step, Outcome: a.Outcome, Detail: a.Detail,
	})
	return err
}

// ListAttempts lists what was tried for a mail, in order.
func (tx *Tx) ListAttempts(ctx context.Context, id email.MailID) ([]*email.Attempt, error) {
	rows, err := many[attemptRow](ctx, tx, tx.bun.NewSelect().Where("mail_id = ?", id).Order("id"))
	return convert(rows, (*attemptRow).attempt), err
}

// maxLags bounds how many mails the lag is taken from: the newest ones.
const maxLags = 10_000

// ConnectionFigures counts what the details page shows.
func (tx *Tx) ConnectionFigures(ctx context.Context, id email.ConnectionID, since time.Time) (email.Figures, error) {
	var f email.Figures
	_, err := tx.queryRow(ctx, `SELECT
			COALESCE(SUM(CASE WHEN state = 'noticed' THEN 1 ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN state = 'quarantined' THEN 1 ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN state IN ('waiting', 'drafted', 'sending') THEN 1 ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN state IN ('failed', 'bounced') THEN 1 ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN state = 'suspended' THEN 1 ELSE 0 END), 0),
			(SELECT COUNT(*) FROM mail WHERE connection_id = $1 AND `+unfiled+`),
			(SELECT COUNT(*) FROM mail WHERE connection_id = $1 AND direction = 'in' AND noticed_at >= $2 AND NOT imported AND rule <> 'probe'),
			(SELECT COUNT(*) FROM mail WHERE connection_id = $1 AND direction = 'out' AND filed_at >= $2 AND `+noProbe+`)
		FROM mail WHERE connection_id = $1
			AND state IN ('noticed', 'quarantined', 'waiting', 'drafted', 'sending', 'failed', 'bounced', 'suspended')`,
		[]any{int64(id), millis(since)}, &f.Backlog, &f.Quarantined, &f.Waiting, &f.Failed, &f.Suspended, &f.Unfiled, &f.Received, &f.Sent)
	if err != nil {
		return f, fmt.Errorf("figures of connection %d: %w", id, err)
	}
	lags, err := tx.lags(ctx, id, since, time.UnixMilli(math.MaxInt64))
	if err != nil {
		return f, err
	}
	f.LagMedian, f.LagP99 = percentile(lags, 50), percentile(lags, 99)
	return f, nil
}

// ConnectionActivity gives Received, Sent and LagMedian of each of n hours, the first beginning at from.
func (tx *Tx) ConnectionActivity(ctx context.Context, id email.ConnectionID, from time.Time, n int) ([]email.Figures, error) {
	hours := make([]email.Figures, n)
	for i := range hours {
		begin := from.Add(time.Duration(i) * time.Hour)
		end := begin.Add(time.Hour)
		_, err := tx.queryRow(ctx, `SELECT
				(SELECT COUNT(*) FROM mail WHERE connection_id = $1 AND direction = 'in' AND noticed_at >= $2 AND noticed_at < $3 AND NOT imported AND rule <> 'probe'),
				(SELECT COUNT(*) FROM mail WHERE connection_id = $1 AND direction = 'out' AND filed_at >= $2 AND filed_at < $3 AND `+noProbe+`)`,
			[]any{int64(id), millis(begin), millis(end)}, &hours[i].Received, &hours[i].Sent)
		if err != nil {
			return nil, fmt.Errorf("activity of connection %d: %w", id, err)
		}
		lags, err := tx.lags(ctx, id, begin, end)
		if err != nil {
			return nil, err
		}
		hours[i].LagMedian = percentile(lags, 50)
	}
	return hours, nil
}

// lags gives, shortest first, how long mails that were noticed in [from, to)
// took from Microsoft to their decision. Imported mail is left out: it was old already.
func (tx *Tx) lags(ctx context.Context, id email.ConnectionID, from, to time.Time) ([]int64, error) {
	var lags []int64
	err := tx.bun.NewRaw(`SELECT decided_at - received_at FROM mail
		WHERE connection_id = ? AND direction = 'in' AND noticed_at >= ? AND noticed_at < ?
			AND decided_at > 0 AND received_at > 0 AND NOT imported AND rule <> 'probe'
		ORDER BY noticed_at DESC LIMIT ?`, int64(id), millis(from), millis(to), maxLags).Scan(ctx, &lags)
	if err != nil {
		return nil, fmt.Errorf("lag of connection %d: %w", id, tx.db.explain(err))
	}
	slices.Sort(lags)
	return lags, nil
}

func percentile(sorted []int64, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return time.Duration(sorted[(len(sorted)-1)*p/100]) * time.Millisecond
}
