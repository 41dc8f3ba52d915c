package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"tandem/desk"
	"tandem/directory"
)

// CountPossessions counts what belongs to a person.
func (tx *Tx) CountPossessions(ctx context.Context, id directory.UserID) (p desk.Possessions, err error) {
	_, err = tx.queryRow(ctx, `SELECT (SELECT COUNT(*) FROM ticket WHERE requester_id = $1 AND status <> 'deleted'),
		(SELECT COUNT(*) FROM ticket_cc WHERE person_id = $1), (SELECT COUNT(*) FROM comment WHERE author_id = $1),
		(SELECT COUNT(*) FROM ticket WHERE assignee_id = $1 AND status <> 'deleted')`,
		[]any{int64(id)}, &p.Requested, &p.Copied, &p.Comments, &p.Assigned)
	return p, err
}

// Comments and tickets of person $1 that came by mail from the address $2.
const (
	commentsByAddress = `SELECT comment.id FROM comment JOIN mail ON mail.id = comment.mail_id
		WHERE comment.author_id = $1 AND mail.direction = 'in' AND mail.from_email = $2`
	ticketsByAddress = `SELECT ticket.id FROM ticket JOIN comment ON comment.ticket_id = ticket.id
			AND comment.id = (SELECT MIN(id) FROM comment AS first WHERE first.ticket_id = ticket.id)
		JOIN mail ON mail.id = comment.mail_id
		WHERE ticket.requester_id = $1 AND mail.direction = 'in' AND mail.from_email = $2`
)

// mergedEmail stands in the row of a person who was merged: it is no address, so nobody is found by it.
func mergedEmail(id directory.UserID) string { return fmt.Sprintf("merged:%d", id) }

// MergePeople writes down what it moves, for UndoMerge.
func (tx *Tx) MergePeople(ctx context.Context, m *desk.Merge) error {
	tx.stamp(&m.At)
	if _, err := tx.queryRow(ctx, "INSERT INTO person_merge (person_id, email, into_id, tags, at) VALUES ($1, $2, $3, $4, $5) RETURNING id",
		[]any{int64(m.Person), m.Email, int64(m.Into), list(m.Tags), millis(m.At)}, &m.ID); err != nil {
		return fmt.Errorf("note the merge: %w", err)
	}
	loser, winner, merge := int64(m.Person), int64(m.Into), int64(m.ID)
	for _, step := range []struct {
		what string
		args []any
	}{
		{"INSERT INTO person_merge_item SELECT CAST($1 AS BIGINT), 'requested', id FROM ticket WHERE requester_id = $2", []any{merge, loser}},
		{"INSERT INTO person_merge_item SELECT CAST($1 AS BIGINT), 'submitted', id FROM ticket WHERE submitter_id = $2", []any{merge, loser}},
		{"INSERT INTO person_merge_item SELECT CAST($1 AS BIGINT), 'authored', id FROM comment WHERE author_id = $2", []any{merge, loser}},
		{"INSERT INTO person_merge_item SELECT CAST($1 AS BIGINT), 'identity', id FROM person_identity WHERE person_id = $2", []any{merge, loser}},
		// Both in copy: one stays. The others are given over.
		{`INSERT INTO person_merge_item SELECT CAST($1 AS BIGINT), CASE WHEN EXISTS (SELECT 1 FROM ticket_cc AS other
			WHERE other.ticket_id = ticket_cc.ticket_id AND other.person_id = $3) THEN 'copied_both' ELSE 'copied' END, ticket_id
			FROM ticket_cc WHERE person_id = $2`, []any{merge, loser, winner}},
		{"DELETE FROM ticket_cc WHERE person_id = $2 AND ticket_id IN (SELECT item_id FROM person_merge_item WHERE merge_id = $1 AND kind = 'copied_both')", []any{merge, loser}},
		{"UPDATE ticket_cc SET person_id = $1 WHERE person_id = $2", []any{winner, loser}},
		{"UPDATE ticket SET requester_id = $1 WHERE requester_id = $2", []any{winner, loser}},
		{"UPDATE ticket SET submitter_id = $1 WHERE submitter_id = $2", []any{winner, loser}},
		{"UPDATE comment SET author_id = $1 WHERE author_id = $2", []any{winner, loser}},
		{"UPDATE person_identity SET person_id = $1 WHERE person_id = $2", []any{winner, loser}},
		{`INSERT INTO person_merge_item SELECT CAST($1 AS BIGINT), CASE WHEN EXISTS (SELECT 1 FROM membership AS other
			WHERE other.organization_id = membership.organization_id AND other.person_id = $3) THEN 'member_both' ELSE 'member' END, organization_id
			FROM membership WHERE person_id = $2 AND organization_id <> 0`, []any{merge, loser, winner}},
		{`INSERT INTO membership (person_id, organization_id, team_id, created_at) SELECT CAST($1 AS BIGINT), organization_id, 0, created_at
			FROM membership WHERE person_id = $2 AND organization_id <> 0 ORDER BY id ON CONFLICT DO NOTHING`, []any{winner, loser}},
		{"DELETE FROM membership WHERE person_id = $1", []any{loser}},
		{`UPDATE person SET organization_id = (SELECT other.organization_id FROM person AS other WHERE other.id = $2)
			WHERE id = $1 AND organization_id = 0`, []any{winner, loser}},
		// Values of custom fields are copied where the other one has none.
		{`INSERT INTO person_merge_item SELECT DISTINCT CAST($1 AS BIGINT), 'field', v.field_id FROM field_value AS v WHERE v.owner = 'user' AND v.owner_id = $2
			AND NOT EXISTS (SELECT 1 FROM field_value AS w WHERE w.owner = 'user' AND w.owner_id = $3 AND w.field_id = v.field_id)`, []any{merge, loser, winner}},
		{`INSERT INTO field_value (owner, owner_id, field_id, place, value, folded, number)
			SELECT owner, CAST($1 AS BIGINT), field_id, place, value, folded, number FROM field_value WHERE owner = 'user' AND owner_id = $2
			AND field_id IN (SELECT item_id FROM person_merge_item WHERE merge_id = $3 AND kind = 'field')`, []any{winner, loser, merge}},
		{"INSERT INTO person_merge_item SELECT CAST($1 AS BIGINT), 'followed', id FROM person WHERE merged_into = $2", []any{merge, loser}},
		{"UPDATE person SET merged_into = $1 WHERE merged_into = $2", []any{winner, loser}},
		{"UPDATE person SET merged_into = $1, email = $3 WHERE id = $2", []any{winner, loser, mergedEmail(m.Person)}},
	} {
		if _, err := tx.exec(ctx, step.what, step.args...); err != nil {
			return fmt.Errorf("merge person %d into %d: %w", m.Person, m.Into, err)
		}
	}
	tx.retext(personText, loser)
	return tx.retextPerson(ctx, m.Into)
}

// FindMergeByIdentity returns nil when no merge that stands has moved it.
func (tx *Tx) FindMergeByIdentity(ctx context.Context, id directory.IdentityID) (*desk.Merge, error) {
	m := new(desk.Merge)
	var tags string
	var at int64
	found, err := tx.queryRow(ctx, `SELECT m.id, m.person_id, m.email, m.into_id, m.tags, m.at FROM person_merge AS m
		JOIN person_merge_item AS i ON i.merge_id = m.id AND i.kind = 'identity' AND i.item_id = $1
		WHERE m.undone_at = 0 ORDER BY m.id DESC LIMIT 1`, []any{int64(id)}, &m.ID, &m.Person, &m.Email, &m.Into, &tags, &at)
	if err != nil || !found {
		return nil, err
	}
	m.Tags, m.At = texts(tags), instant(at)
	return m, nil
}

// UndoMerge gives back what the merge moved and is still the other one's.
func (tx *Tx) UndoMerge(ctx context.Context, m *desk.Merge) error {
	loser, winner, merge := int64(m.Person), int64(m.Into), int64(m.ID)
	const items = "(SELECT item_id FROM person_merge_item WHERE merge_id = $3 AND kind = "
	for _, what := range []string{
		"UPDATE ticket SET requester_id = $1 WHERE requester_id = $2 AND id IN " + items + "'requested')",
		"UPDATE ticket SET submitter_id = $1 WHERE submitter_id = $2 AND id IN " + items + "'submitted')",
		"UPDATE comment SET author_id = $1 WHERE author_id = $2 AND id IN " + items + "'authored')",
		"UPDATE person_identity SET person_id = $1 WHERE person_id = $2 AND id IN " + items + "'identity')",
		"UPDATE person SET merged_into = $1 WHERE merged_into = $2 AND id IN " + items + "'followed')",
		"UPDATE ticket_cc SET person_id = $1 WHERE person_id = $2 AND ticket_id IN " + items + "'copied')",
		`INSERT INTO membership (person_id, organization_id, team_id, created_at) SELECT CAST($1 AS BIGINT), organization_id, 0, created_at
			FROM membership WHERE person_id = $2 AND organization_id IN (SELECT item_id FROM person_merge_item
			WHERE merge_id = $3 AND kind IN ('member', 'member_both')) ORDER BY id ON CONFLICT DO NOTHING`,
		`DELETE FROM membership WHERE person_id = $2 AND person_id <> $1 AND organization_id IN ` + items + `'member')`,
		// Copied values go, unless they have been changed since.
		`DELETE FROM field_value WHERE owner = 'user' AND owner_id = $2 AND field_id IN ` + items + `'field')
			AND EXISTS (SELECT 1 FROM field_value AS v WHERE v.owner = 'user' AND v.owner_id = $1 AND v.field_id = field_value.field_id AND v.value = field_value.value)`,
		// Each keeps a default among what is left to them.
		`UPDATE person SET organization_id = COALESCE((SELECT m.organization_id FROM membership AS m
			WHERE m.person_id = person.id AND m.organization_id <> 0 ORDER BY m.id LIMIT 1), 0)
			WHERE id IN ($1, $2) AND $3 = $3 AND NOT EXISTS (SELECT 1 FROM membership AS m
			WHERE m.person_id = person.id AND m.organization_id <> 0 AND m.organization_id = person.organization_id)`,
		"INSERT INTO ticket_cc (ticket_id, person_id) SELECT ticket_id, CAST($1 AS BIGINT) FROM ticket_cc WHERE person_id = $2 AND ticket_id IN " + items + "'copied_both') ON CONFLICT DO NOTHING",
	} {
		if _, err := tx.exec(ctx, what, loser, winner, merge); err != nil {
			return fmt.Errorf("undo the merge of person %d: %w", m.Person, err)
		}
	}
	if _, err := tx.exec(ctx, "UPDATE person SET merged_into = 0, email = $1 WHERE id = $2", cmp.Or(m.Email, noEmail+rand.Text()), loser); err != nil {
		return fmt.Errorf("undo the merge of person %d: %w", m.Person, err)
	}
	var undone time.Time
	tx.stamp(&undone)
	if _, err := tx.exec(ctx, "UPDATE person_merge SET undone_at = $1 WHERE id = $2", millis(undone), merge); err != nil {
		return fmt.Errorf("note that the merge is undone: %w", err)
	}
	identities, err := tx.ListIdentities(ctx, m.Person)
	if err != nil {
		return err
	}
	for _, i := range identities {
		if i.Kind == directory.EmailIdentity {
			if err := tx.MoveByAddress(ctx, m.Into, m.Person, i.Value); err != nil {
				return err
			}
		}
	}
	if err := tx.retextPerson(ctx, m.Into); err != nil {
		return err
	}
	return tx.retextPerson(ctx, m.Person)
}

// MoveByAddress gives what came by mail from an address to another person.
func (tx *Tx) MoveByAddress(ctx context.Context, from, to directory.UserID, email string) error {
	for _, what := range []string{
		"UPDATE ticket SET submitter_id = $3 WHERE submitter_id = $1 AND id IN (" + ticketsByAddress + ")",
		"UPDATE ticket SET requester_id = $3 WHERE id IN (" + ticketsByAddress + ")",
		"UPDATE comment SET author_id = $3 WHERE id IN (" + commentsByAddress + ")",
	} {
		if _, err := tx.exec(ctx, what, int64(from), email, int64(to)); err != nil {
			return fmt.Errorf("move what came from %s: %w", email, err)
		}
	}
	return tx.retextPerson(ctx, to)
}
