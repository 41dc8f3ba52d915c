package store

import (
	"context"
	"fmt"
	"time"

	"tandem/email"
)

// forwardColumns are the columns of a forwarding in the order in which they are read and written.
const forwardColumns = "connection_id, secret, former, former_until, state, token, asked_at, verified_at, received_at, closes_at"

func forwardValues(f *email.Forward) []any {
	return []any{
		int64(f.ConnectionID), f.Secret, f.Former, millis(f.FormerUntil), string(f.State), f.Token,
		millis(f.AskedAt), millis(f.VerifiedAt), millis(f.ReceivedAt), millis(f.ClosesAt),
	}
}

// forwardRow is a forwarding as it is read.
type forwardRow struct {
	id                                              int64
	secret, former, state, token                    string
	formerUntil, asked, verified, received, closing int64
}

func (r *forwardRow) targets() []any {
	return []any{&r.id, &r.secret, &r.former, &r.formerUntil, &r.state, &r.token, &r.asked, &r.verified, &r.received, &r.closing}
}

func (r *forwardRow) forward() *email.Forward {
	return &email.Forward{
		ConnectionID: email.ConnectionID(r.id), Secret: r.secret, Former: r.former, FormerUntil: instant(r.formerUntil),
		State: email.ForwardState(r.state), Token: r.token, AskedAt: instant(r.asked), VerifiedAt: instant(r.verified),
		ReceivedAt: instant(r.received), ClosesAt: instant(r.closing),
	}
}

// InsertForward adds the forwarding of a connection.
func (tx *Tx) InsertForward(ctx context.Context, f *email.Forward) error {
	_, err := tx.exec(ctx, "INSERT INTO forwarding ("+forwardColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", forwardValues(f)...)
	return err
}

// UpdateForward writes a forwarding, or returns problem.NotFound.
func (tx *Tx) UpdateForward(ctx context.Context, f *email.Forward) error {
	n, err := tx.exec(ctx, `UPDATE forwarding SET secret = $2, former = $3, former_until = $4, state = $5, token = $6,
		asked_at = $7, verified_at = $8, received_at = $9, closes_at = $10 WHERE connection_id = $1`, forwardValues(f)...)
	if err == nil && n == 0 {
		return notFound("forwarding of connection", f.ConnectionID)
	}
	return err
}

// FindForward returns the forwarding of a connection; nil when it has none. In an Update it also locks the row.
func (tx *Tx) FindForward(ctx context.Context, id email.ConnectionID) (*email.Forward, error) {
	return tx.findForward(ctx, "connection_id = $1", int64(id))
}

// FindForwardBySecret finds a forwarding by its secret, or by the former one as long as that holds.
func (tx *Tx) FindForwardBySecret(ctx context.Context, secret string, now time.Time) (*email.Forward, error) {
	return tx.findForward(ctx, "secret = $1 OR former = $1 AND former <> '' AND former_until > $2", secret, millis(now))
}

// FindForwardOf finds the forwarding that serves a support address.
func (tx *Tx) FindForwardOf(ctx context.Context, support string) (*email.Forward, error) {
	return tx.findForward(ctx, "connection_id = (SELECT MAX(id) FROM connection WHERE serves = $1 AND kind = 'forwarding')", support)
}

func (tx *Tx) findForward(ctx context.Context, where string, args ...any) (*email.Forward, error) {
	query := "SELECT " + forwardColumns + " FROM forwarding WHERE " + where
	if tx.write {
		query += tx.db.rowLock()
	}
	var row forwardRow
	found, err := tx.queryRow(ctx, query, args, row.targets()...)
	if err != nil {
		return nil, fmt.Errorf("find a forwarding: %w", err)
	}
	if !found {
		return nil, nil
	}
	return row.forward(), nil
}

// ListForwards lists all forwardings.
func (tx *Tx) ListForwards(ctx context.Context) ([]*email.Forward, error) {
	rows, err := tx.bun.Tx.QueryContext(ctx, "SELECT "+forwardColumns+" FROM forwarding ORDER BY connection_id")
	if err != nil {
		return nil, fmt.Errorf("list forwardings: %w", tx.db.explain(err))
	}
	defer rows.Close()
	var all []*email.Forward
	for rows.Next() {
		var row forwardRow
		if err := rows.Scan(row.targets()...); err != nil {
			return nil, fmt.Errorf("read a forwarding: %w", err)
		}
		all = append(all, row.forward())
	}
	return all, rows.Err()
}

// HasEnvelope tells whether the connection has got this very content already.
func (tx *Tx) HasEnvelope(ctx context.Context, id email.ConnectionID, content string) (bool, error) {
	var one int
	return tx.queryRow(ctx, "SELECT 1 FROM envelope WHERE connection_id = $1 AND content = $2", []any{int64(id), content}, &one)
}

// InsertEnvelope keeps what SMTP told of a forwarded mail.
func (tx *Tx) InsertEnvelope(ctx context.Context, id email.ConnectionID, mail email.MailID, e email.Envelope) error {
	_, err := tx.exec(ctx, `INSERT INTO envelope (connection_id, content, mail_id, sender, peer, hello, tls, received_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		int64(id), e.Content, int64(mail), e.From, e.Peer, e.Hello, e.TLS, millis(e.ReceivedAt))
	return err
}

// ListRoutes returns the other connections that bring or brought the mail of the same support address.
func (tx *Tx) ListRoutes(ctx context.Context, id email.ConnectionID) ([]email.ConnectionID, error) {
	var ids []email.ConnectionID
	err := tx.bun.NewRaw(`SELECT other.id FROM connection AS own JOIN connection AS other ON other.serves = own.serves AND other.id <> own.id
		WHERE own.id = ? ORDER BY other.id`, id).Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("list routes: %w", tx.db.explain(err))
	}
	return ids, nil
}
