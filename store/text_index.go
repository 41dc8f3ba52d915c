package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"tandem/desk"
	"tandem/directory"
	"tandem/job"
	"tandem/text"
)

// indexed is a text in the index of words: all that is searched in a ticket or
// a person.
type indexed struct {
	kind string // ticketText or personText
	id   int64
}

// The kinds of texts; each has a table, and rows in text_due.
const (
	ticketText = "ticket"
	personText = "person"
)

func compareIndexed(a, b indexed) int {
	return cmp.Or(strings.Compare(a.kind, b.kind), cmp.Compare(a.id, b.id))
}

// Limits of what one ticket brings into the index. Beyond 16,383 places
// Postgres no longer tells where a word stands. What is cut off is the oldest.
const (
	maxIndexedWords = 16_000
	maxCommentWords = 4_000
	maxDetailWords  = 2_000
	retextAtOnce    = 50 // tickets that a transaction indexes itself
)

// document is what is indexed of one ticket or person: the texts of each part, in
// the order of columns and weights.
type document [len(text.Parts)][]string

// retext notes that what is searched in a ticket or person has changed, or is
// gone. The transaction indexes it before it commits.
func (tx *Tx) retext(kind string, id int64) {
	if tx.texts == nil {
		tx.texts = make(map[indexed]bool)
	}
	tx.texts[indexed{kind, id}] = true
}

// retextMany is retext for all tickets or people that the query selects. Many
// are left to a job.
func (tx *Tx) retextMany(ctx context.Context, kind, query string, args ...any) error {
	var ids []int64
	err := tx.bun.NewRaw(query+fmt.Sprintf(" LIMIT %d", retextAtOnce+1), args...).Scan(ctx, &ids)
	if err != nil {
		return fmt.Errorf("texts to index: %w", tx.db.explain(err))
	}
	if len(ids) <= retextAtOnce {
		for _, id := range ids {
			tx.retext(kind, id)
		}
		return nil
	}
	note := "INSERT INTO text_due (kind, id) SELECT '" + kind + "', id FROM (" + query + ") AS due WHERE TRUE ON CONFLICT DO NOTHING"
	if _, err := tx.bun.NewRaw(note, args...).Exec(ctx); err != nil {
		return fmt.Errorf("note tickets to index: %w", tx.db.explain(err))
	}
	_, err = job.Insert(ctx, tx, desk.IndexTexts{}, job.Options{UniqueKey: "all"})
	return err
}

// retextPerson is retext for a person, and for the tickets that the person asked for.
func (tx *Tx) retextPerson(ctx context.Context, id directory.UserID) error {
	tx.retext(personText, int64(id))
	return tx.retextMany(ctx, ticketText, "SELECT id FROM ticket WHERE requester_id = ?", int64(id))
}

// indexTexts indexes what the transaction has changed.
func (tx *Tx) indexTexts(ctx context.Context) error {
	changed := make([]indexed, 0, len(tx.texts))
	for t := range tx.texts {
		changed = append(changed, t)
	}
	tx.texts = nil
	return tx.index(ctx, changed)
}

// index writes the documents of texts, in order, so that two transactions do
// not wait for each other.
func (tx *Tx) index(ctx context.Context, texts []indexed) error {
	slices.SortFunc(texts, compareIndexed)
	ids := map[string][]int64{}
	for _, t := range texts {
		ids[t.kind] = append(ids[t.kind], t.id)
	}
	documents := map[indexed]*document{}
	if err := tx.readTicketTexts(ctx, ids[ticketText], documents); err != nil {
		return fmt.Errorf("read texts of tickets: %w", tx.db.explain(err))
	}
	if err := tx.readPersonTexts(ctx, ids[personText], documents); err != nil {
		return fmt.Errorf("read texts of people: %w", tx.db.explain(err))
	}
	for _, t := range texts {
		if err := tx.db.writeDocument(ctx, tx, t, documents[t]); err != nil {
			return fmt.Errorf("index %s %d: %w", t.kind, t.id, tx.db.explain(err))
		}
	}
	return nil
}

// IndexTexts indexes up to limit of the texts that were noted, the newest
// first, and tells how many.
func (tx *Tx) IndexTexts(ctx context.Context, limit int) (int, error) {
	for _, kind := range []string{personText, ticketText} {
		var ids []int64
		due := "SELECT id FROM text_due WHERE kind = ? ORDER BY id DESC LIMIT ?"
		if err := tx.bun.NewRaw(due, kind, limit).Scan(ctx, &ids); err != nil {
			return 0, fmt.Errorf("texts to index: %w", tx.db.explain(err))
		}
		if len(ids) == 0 {
			continue
		}
		// Nobody changes them between our reading and our commit.
		slices.Sort(ids)
		lock := "SELECT id FROM " + kind + " WHERE id IN (?) ORDER BY id" + tx.db.rowLock()
		if _, err := tx.bun.NewRaw(lock, bun.List(ids)).Exec(ctx); err != nil {
			return 0, fmt.Errorf("lock texts to index: %w", tx.db.explain(err))
		}
		texts := make([]indexed, len(ids))
		for i, id := range ids {
			texts[i] = indexed{kind, id}
		}
		if len(ids) == limit { // and more wait
			if err := tx.db.gatherTexts(ctx, tx); err != nil {
				return 0, fmt.Errorf("gather texts: %w", tx.db.explain(err))
			}
		}
		if err := tx.index(ctx, texts); err != nil {
			return 0, err
		}
		done := tx.bun.NewRaw("DELETE FROM text_due WHERE kind = ? AND id IN (?)", kind, bun.List(ids))
		if _, err := done.Exec(ctx); err != nil {
			return 0, fmt.Errorf("note indexed texts: %w", tx.db.explain(err))
		}
		return len(ids), nil
	}
	return 0, nil
}

// MergeTexts does a step of bringing the pieces of the index together.
func (tx *Tx) MergeTexts(ctx context.Context, begin bool) (more bool, err error) {
	for _, kind := range []string{personText, ticketText} {
		rest, err := tx.db.mergeTexts(ctx, tx, kind, begin)
		if err != nil {
			return false, fmt.Errorf("merge the index of %s texts: %w", kind, tx.db.explain(err))
		}
		more = more || rest
	}
	return more, nil
}

// CountUnindexed tells how many texts wait for the index.
func (tx *Tx) CountUnindexed(ctx context.Context) (n int, err error) {
	_, err = tx.queryRow(ctx, "SELECT COUNT(*) FROM text_due", nil, &n)
	return n, err
}

// sameTicketTexts finds a ticket whose own searched texts are these.
const sameTicketTexts = `SELECT id FROM ticket WHERE id = $1 AND subject = $2 AND tags = $3 AND external_id = $4 AND requester_id = $5
	AND (status = 'deleted') = ($6 = 'deleted')`

// retextIfChanged indexes a ticket that is about to be updated when that changes what is searched.
func (tx *Tx) retextIfChanged(ctx context.Context, id int64, r ticketRow) error {
	var found int64
	same, err := tx.queryRow(ctx, sameTicketTexts, []any{id, r.Subject, r.Tags, r.ExternalID, r.RequesterID, r.Status}, &found)
	if err == nil && !same {
		tx.retext(ticketText, id)
	}
	return err
}

func (d *document) add(part text.Part, texts ...string) {
	i := slices.Index(text.Parts[:], part)
	d[i] = append(d[i], texts...)
}

// readTicketTexts reads what is searched in tickets. One that is gone or deleted has no document.
func (tx *Tx) readTicketTexts(ctx context.Context, ids []int64, into map[indexed]*document) error {
	if len(ids) == 0 {
		return nil
	}
	var tickets []ticketRow
	if err := tx.bun.NewSelect().Model(&tickets).Column("id", "subject", "tags", "external_id", "requester_id").
		Where("id IN (?) AND status <> 'deleted'", bun.List(ids)).Scan(ctx); err != nil {
		return err
	}
	for i := range tickets {
		t := &tickets[i]
		tags, err := unlist[string](t.Tags)
		if err != nil {
			return err
		}
		d := new(document)
		d.add(text.Title, t.Subject)
		d.add(text.Details, append(tags, t.ExternalID, strconv.FormatInt(t.ID, 10))...)
		into[indexed{ticketText, t.ID}] = d
	}
	for _, source := range []struct {
		part  text.Part
		query string
	}{
		{text.People, "SELECT ticket.id, person.name FROM ticket JOIN person ON person.id = requester_id WHERE ticket.id IN (?)"},
		{text.People, `SELECT ticket.id, value FROM ticket JOIN person_identity ON person_id = requester_id
			WHERE ticket.id IN (?) ORDER BY ticket.id, person_identity.id`},
		{text.Details, fieldTexts("ticket")},
		{text.Details, `SELECT ticket_id, file_name FROM comment JOIN attachment ON comment_id = comment.id
			WHERE ticket_id IN (?) AND NOT inline ORDER BY ticket_id, attachment.id DESC`},
		{text.Said, "SELECT ticket_id, text FROM comment WHERE ticket_id IN (?) ORDER BY ticket_id, created_at DESC, id DESC"},
	} {
		if err := tx.readTexts(ctx, ticketText, source.part, source.query, ids, into); err != nil {
			return err
		}
	}
	return nil
}

// readPersonTexts reads what is searched in people. Who was merged into another one has no document.
func (tx *Tx) readPersonTexts(ctx context.Context, ids []int64, into map[indexed]*document) error {
	if len(ids) == 0 {
		return nil
	}
	var people []personRow
	if err := tx.bun.NewSelect().Model(&people).Column("id", "name").
		Where("id IN (?) AND merged_into = 0", bun.List(ids)).Scan(ctx); err != nil {
		return err
	}
	for _, p := range people {
		d := new(document)
		d.add(text.Title, p.Name)
		into[indexed{personText, p.ID}] = d
	}
	addresses := "SELECT person_id, value FROM person_identity WHERE person_id IN (?) ORDER BY person_id, id"
	if err := tx.readTexts(ctx, personText, text.People, addresses, ids, into); err != nil {
		return err
	}
	return tx.readTexts(ctx, personText, text.Details, fieldTexts("user"), ids, into)
}

// fieldTexts selects the values of custom fields; of options the names as well.
func fieldTexts(owner string) string {
	return `SELECT owner_id, value || ' ' || COALESCE((SELECT name FROM custom_field_option AS o
			WHERE o.field_id = v.field_id AND o.value = v.value), '') FROM field_value AS v
		WHERE field_id NOT IN (SELECT id FROM custom_field WHERE concealed) AND owner = '` + owner + `' AND owner_id IN (?) ORDER BY owner_id, field_id, place`
}

// readTexts adds to documents what a query of ids and texts gives.
func (tx *Tx) readTexts(ctx context.Context, kind string, part text.Part, query string, ids []int64, into map[indexed]*document) error {
	rows, err := tx.bun.QueryContext(ctx, query, bun.List(ids))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var said string
		if err := rows.Scan(&id, &said); err != nil {
			return err
		}
		if d := into[indexed{kind, id}]; d != nil {
			d.add(part, said)
		}
	}
	return rows.Err()
}

// words gives the words of a document: those of each part, an empty one behind
// each text, so that no phrase goes on from one text into the next.
func (d *document) words() (parts [len(text.Parts)][]string) {
	total := 0
	for i, texts := range d {
		room := maxDetailWords
		if text.Parts[i] == text.Said {
			room = maxIndexedWords - total
		}
		for _, t := range texts {
			n := 0
			for w := range text.Words(t) {
				if n == min(maxCommentWords, room) {
					break
				}
				parts[i] = append(parts[i], w.Text)
				n++
			}
			room -= n
			parts[i] = append(parts[i], "")
		}
		total += len(parts[i])
	}
	return parts
}

// maxExcerpted is how much of a comment is looked through for where a word stands.
const maxExcerpted = 10_000

// ReadSaid gives the beginnings of what was said in tickets, the newest first.
func (tx *Tx) ReadSaid(ctx context.Context, ids []desk.TicketID, take func(desk.TicketID, string)) error {
	rows, err := tx.bun.QueryContext(ctx, `SELECT ticket_id, SUBSTR(text, 1, ?) FROM comment WHERE ticket_id IN (?)
		ORDER BY ticket_id, created_at DESC, id DESC`, maxExcerpted, bun.List(ids))
	if err != nil {
		return fmt.Errorf("read what was said: %w", tx.db.explain(err))
	}
	defer rows.Close()
	for rows.Next() {
		var id desk.TicketID
		var said string
		if err := rows.Scan(&id, &said); err != nil {
			return err
		}
		take(id, said)
	}
	return rows.Err()
}
