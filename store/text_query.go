package store

import (
	"context"
	"fmt"
	"slices"

	"tandem/desk"
	"tandem/text"
)

// phrase is a term as the index has it: words that stand in a row.
type phrase struct {
	words  []string
	prefix bool // the last word may go on
	in     desk.TextPart
	not    bool
}

// phrases gives those of terms that have words; punctuation alone finds nothing and excludes nothing.
func phrases(terms []desk.TextTerm) (all []phrase) {
	for _, t := range terms {
		if p := phraseOf(t); len(p.words) > 0 {
			all = append(all, p)
		}
	}
	return all
}

// phraseOf cuts a term as texts are cut. The last character of a run of pairs
// is followed by another one in most texts: where it belongs to a pair that is
// looked for anyway it is left out, and alone it is the beginning of pairs.
func phraseOf(t desk.TextTerm) phrase {
	p := phrase{prefix: t.Prefix, in: t.In, not: t.Not}
	var last, before text.Word
	for w := range text.Words(cleanText(t.Text)) {
		p.words = append(p.words, w.Text)
		before, last = last, w
	}
	if last.Last {
		p.prefix = true
		if before.Pair && !before.Last {
			p.words, p.prefix = p.words[:len(p.words)-1], false
		}
	}
	return p
}

// wanted tells whether one of the terms is to be there: without one the index finds nothing.
func wanted(terms []desk.TextTerm) bool {
	for _, p := range phrases(terms) {
		if !p.not {
			return true
		}
	}
	return false
}

// textBound is up to how many texts with some words are looked at together.
// Words that more texts have say so little that the list is walked in its order
// instead, and each ticket is asked: the page is full soon.
const textBound = 5000

// textSource is how tickets with words are found.
type textSource struct {
	few   bool       // the tickets are a short list, whatever else is asked of them
	many  bool       // they are most easily found one by one
	table string     // what to read from
	args  []any      // of the table
	where conditions // what else to ask of each ticket
}

// restrict adds the condition and gives what to read from, whose arguments come first.
func (s textSource) restrict(c *conditions) string {
	c.texts = append(c.texts, s.where.texts...)
	c.args = slices.Concat(s.args, c.args, s.where.args)
	return s.table
}

// ticketsWith chooses how the tickets that have the terms are found.
func (tx *Tx) ticketsWith(ctx context.Context, terms []desk.TextTerm) (textSource, error) {
	if len(phrases(terms)) == 0 {
		return textSource{table: "ticket"}, nil
	}
	id := tx.db.textID()
	if !wanted(terms) {
		return tx.ticketsWithout(terms), nil
	}
	condition, given := tx.db.matching(ticketText, terms)
	found := fmt.Sprintf("SELECT %s FROM ticket_text WHERE %s LIMIT %d", id, condition, textBound+1)
	var n int
	if err := tx.bun.NewRaw("SELECT COUNT(*) FROM ("+found+") AS found", given).Scan(ctx, &n); err != nil {
		return textSource{}, fmt.Errorf("look into the index of words: %w", tx.db.explain(err))
	}
	if n > textBound {
		s := textSource{many: true, table: "ticket"}
		s.where.add("(SELECT 1 FROM ticket_text WHERE "+condition+" AND "+id+" = ticket.id) = 1", given)
		return s, nil
	}
	return textSource{
		few: true, args: []any{given},
		table: fmt.Sprintf("(SELECT * FROM ticket WHERE id IN (%s) LIMIT %d) AS ticket", found, textBound+1),
	}, nil
}

// ticketsWithout asks of each ticket that it has none of the terms.
func (tx *Tx) ticketsWithout(terms []desk.TextTerm) textSource {
	s := textSource{many: true, table: "ticket"}
	for _, t := range terms {
		t.Not = false
		if condition, given := tx.db.matching(ticketText, []desk.TextTerm{t}); wanted([]desk.TextTerm{t}) {
			s.where.add("NOT EXISTS (SELECT 1 FROM ticket_text WHERE "+condition+" AND "+tx.db.textID()+" = ticket.id)", given)
		}
	}
	return s
}
