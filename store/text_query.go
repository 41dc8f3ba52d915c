package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"tandem/desk"
	"tandem/text"
)

// phrase is a term as the index has it: words that stand in a row.
type phrase struct {
	words  []string
	prefix bool // the last word may go on
	wild   bool // and does so in any case
	in     text.Part
	not    bool
}

// phrases gives those of terms that have words; punctuation alone finds nothing and excludes nothing.
func phrases(terms []text.Term) (all []phrase) {
	for _, t := range terms {
		if p := phraseOf(t); len(p.words) > 0 {
			all = append(all, p)
		}
	}
	return all
}

func phraseOf(t text.Term) phrase {
	t.Text = cleanText(t.Text)
	p := phrase{in: t.In, not: t.Not}
	t.Prefix = t.Prefix && !t.Not // what is excluded is the word itself
	p.words, p.prefix = t.Phrase()
	p.wild = p.prefix && !t.Prefix || t.Wild
	return p
}

// textBound is up to how many texts with some words are looked at together.
// Words that more texts have say so little that the list is walked in its order
// instead, and each ticket is asked: the page is full soon.
const textBound = 5000

// textSource is how tickets or people with some terms are found.
type textSource struct {
	few   bool       // they are a short list, whatever else is asked of them
	many  bool       // there are more; they are found by asking one by one
	ids   string     // the query for the ids of few, or of the newest of many; empty: there is none
	given any        // its argument
	where conditions // of many: what to ask of each
}

// newest is only the newest of many.
func (s textSource) newest() textSource {
	s.few, s.many = s.ids != "", s.ids == "" && s.many
	return s
}

// from adds the condition and gives what to read from, whose arguments come first.
func (s textSource) from(table string, c *conditions) string {
	if s.few {
		c.args = slices.Concat([]any{s.given}, c.args)
		return fmt.Sprintf("(SELECT * FROM %s WHERE id IN (%s) LIMIT %d) AS %s", table, s.ids, textBound, table)
	}
	c.texts = append(c.texts, s.where.texts...)
	c.args = append(c.args, s.where.args...)
	return table
}

// having chooses how what has the terms is found.
func (tx *Tx) having(ctx context.Context, kind string, terms []text.Term) (s textSource, err error) {
	all := phrases(terms)
	if len(all) == 0 {
		return s, nil
	}
	if !slices.ContainsFunc(all, func(p phrase) bool { return !p.not }) {
		return tx.lacking(kind, all), nil
	}
	exact := slices.Clone(all)
	for i := range exact {
		exact[i].prefix = exact[i].wild
	}
	goesOn := func(p phrase) bool { return p.prefix }
	condition, given := tx.db.matching(kind, exact)
	guess, err := tx.db.guessTexts(ctx, tx, kind, condition, given)
	if err != nil {
		return s, err
	}
	n := guess
	if guess <= commonTexts || compound(exact) {
		if n, err = tx.countTexts(ctx, kind, condition, given); err != nil {
			return s, err
		}
	}
	id, most := tx.db.textID(), desk.MaxFound+1 // one more than are shown, so that counts know
	if n > textBound && !slices.ContainsFunc(exact, goesOn) {
		s.many = true
		s.where.add(fmt.Sprintf("(SELECT 1 FROM %s_text WHERE %s AND %s = %s.id) = 1", kind, condition, id, kind), given)
	} else {
		// Beginnings of words cannot be asked for one by one. Of very many texts
		// that have them the newest are looked at.
		s.few, most = true, textBound
		if _, begun := tx.db.matching(kind, all); begun != given {
			given = begun
			if guess, err = tx.db.guessTexts(ctx, tx, kind, condition, given); err != nil {
				return s, err
			}
		}
	}
	s.given = given
	hits := tx.db.hits(guess > commonTexts && (n > textBound || slices.ContainsFunc(all, goesOn)))
	s.ids = fmt.Sprintf("WITH hits AS %s (SELECT %s AS id FROM %s_text WHERE %s) SELECT id FROM hits ORDER BY id DESC LIMIT %d", hits, id, kind, condition, most)
	return s, nil
}

// commonTexts is how many texts have a word that is found more quickly by walking
// through the newest than by collecting all that have it: of a million texts, a
// thousand with such a word are met among the newest 50,000.
const commonTexts = 4 * textBound

// compound tells whether more than one word is asked for: how often words stand
// together is not known from how often each does.
func compound(all []phrase) bool {
	return len(all) > 1 || len(all[0].words) > 1 || all[0].in != ""
}

// countTexts counts the texts with a condition, up to textBound + 1.
func (tx *Tx) countTexts(ctx context.Context, kind, condition string, given any) (n int, err error) {
	query := fmt.Sprintf("WITH hits AS %s (SELECT 1 FROM %s_text WHERE %s) SELECT COUNT(*) FROM (SELECT 1 FROM hits LIMIT %d) AS found",
		tx.db.hits(false), kind, condition, textBound+1)
	if err := tx.bun.NewRaw(query, given).Scan(ctx, &n); err != nil {
		return 0, fmt.Errorf("look into the index of words: %w", tx.db.explain(err))
	}
	return n, nil
}

// lacking asks of each text that it has none of the phrases.
func (tx *Tx) lacking(kind string, all []phrase) textSource {
	s := textSource{many: true}
	for _, p := range all {
		p.not, p.prefix = false, p.wild
		condition, given := tx.db.matching(kind, []phrase{p})
		s.where.add(fmt.Sprintf("NOT EXISTS (SELECT 1 FROM %s_text WHERE %s AND %s = %s.id)", kind, condition, tx.db.textID(), kind), given)
	}
	return s
}

// FindTickets lists a page of what was searched for, and counts all of it: up to
// desk.MaxFound + 1 where very many have the words.
func (tx *Tx) FindTickets(ctx context.Context, f desk.TicketFilter) ([]*desk.Ticket, int, error) {
	source, err := tx.having(ctx, ticketText, f.Text)
	if err != nil {
		return nil, 0, err
	}
	var ids []int64
	var count int
	if f.Sort == desk.SortRelevance && (source.few || source.many) {
		ids, count, err = tx.byRelevance(ctx, f, source)
	} else if count, err = tx.countFound(ctx, f, source); err == nil {
		ids, err = tx.ticketIDs(ctx, f, source)
	}
	if err != nil {
		return nil, 0, err
	}
	tickets, err := tx.ticketsInOrder(ctx, ids)
	if len(tickets) > 0 {
		count = max(count, f.Offset+len(tickets))
	}
	return tickets, count, err
}

// byRelevance finds one page of tickets, and how many there are: first those that
// have the words in their subject, then as the newest change. When very many have
// the words, the newest are looked at, unless too few of them are what the filter
// asks for.
func (tx *Tx) byRelevance(ctx context.Context, f desk.TicketFilter, source textSource) (ids []int64, count int, err error) {
	var found []foundTicket
	if newest := source.newest(); newest.few {
		if found, err = tx.foundTickets(ctx, f, newest); err != nil {
			return nil, 0, err
		}
	}
	count = len(found)
	if source.many && count <= desk.MaxFound {
		if count, err = tx.countFound(ctx, f, source); err != nil {
			return nil, 0, err
		}
	}
	if source.many && len(found) < f.Offset+f.Limit {
		f.Sort, f.Descending = desk.SortUpdated, true
		ids, err = tx.ticketIDs(ctx, f, source)
		return ids, count, err
	}
	rank(found, f.Text)
	slices.SortFunc(found, func(a, b foundTicket) int {
		return cmp.Or(b.rank-a.rank, cmp.Compare(b.UpdatedAt, a.UpdatedAt), cmp.Compare(b.ID, a.ID))
	})
	for _, t := range found[min(f.Offset, len(found)):min(f.Offset+f.Limit, len(found))] {
		ids = append(ids, t.ID)
	}
	return ids, count, nil
}

// foundTicket is as much of a ticket as tells how well it answers a search.
type foundTicket struct {
	ID        int64
	Subject   string
	UpdatedAt int64
	rank      int
}

// foundTickets finds all tickets of a source that the filter asks for.
func (tx *Tx) foundTickets(ctx context.Context, f desk.TicketFilter, source textSource) (found []foundTicket, err error) {
	c, err := ticketFilter(f)
	if err != nil {
		return nil, err
	}
	query := "SELECT id, subject, updated_at FROM " + source.from("ticket", c) + c.where()
	if err := tx.bun.NewRaw(query, c.args...).Scan(ctx, &found); err != nil {
		return nil, fmt.Errorf("list tickets: %w", tx.db.explain(err))
	}
	return found, nil
}

// rank ranks tickets that have the terms by whether these are their number (2),
// stand in their subject (1), or elsewhere (0).
func rank(found []foundTicket, terms []text.Term) {
	terms = slices.DeleteFunc(slices.Clone(terms), func(t text.Term) bool { return t.Not || t.In != "" })
	var numbers []string
	for _, t := range terms {
		if words, _ := t.Phrase(); len(words) == 1 {
			numbers = append(numbers, words[0])
		}
	}
	for i, t := range found {
		switch {
		case slices.Contains(numbers, strconv.FormatInt(t.ID, 10)):
			found[i].rank = 2
		case len(terms) > 0 && text.Has(t.Subject, terms):
			found[i].rank = 1
		}
	}
}
