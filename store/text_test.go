package store_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tandem/desk"
	"tandem/store"
	"tandem/store/storetest"
	"tandem/text"
)

// terms are words that a text has; each may go on, but numbers.
func terms(words string) (all []text.Term) {
	for _, word := range strings.Fields(words) {
		all = append(all, text.Term{Text: word, Prefix: strings.Trim(word, "#0123456789") != ""})
	}
	return all
}

// say adds a ticket with a subject and comments.
func (h *house) say(t testing.TB, n int, subject string, comments ...string) desk.TicketID {
	t.Helper()
	ticket := h.ticket(n)
	ticket.Subject = subject
	update(t, h.DB, func(tx *store.Tx) error {
		if err := tx.InsertTicket(t.Context(), ticket); err != nil {
			return err
		}
		for _, text := range comments {
			c := &desk.Comment{TicketID: ticket.ID, AuthorID: h.requester.ID, Public: true, Text: text, Via: desk.ByEmail, CreatedAt: noon}
			if err := tx.InsertComment(t.Context(), c); err != nil {
				return err
			}
		}
		return nil
	})
	return ticket.ID
}

func TestWordsAreFoundInEveryLanguage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		japanese := h.say(t, 1, "返品について", "商品の交換をお願いします。\n東京都千代田区のﾌﾟﾘﾝﾀｰです。関\n西支店にも連絡済み。ｉＰｈｏｎｅ15ケース")
		portuguese := h.say(t, 2, "Devolução de mercadoria", "Não recebi a informação sobre o CAFÉ da manhã")
		german := h.say(t, 3, "Rückgabe in der Hauptstraße", "Die Größe passt nicht: 42-A")
		english := h.say(t, 4, "Printer on fire", "The red car is parked. See https://example.com/order_123?x=1")
		for query, want := range map[string][]desk.TicketID{
			"返品": {japanese}, "交換": {japanese}, "東京": {japanese}, "京都": {japanese}, "千代田区": {japanese}, "品": {japanese}, "す": {japanese},
			"換品": nil, "東都": nil, "プリンター": {japanese}, "ﾌﾟﾘﾝﾀｰ": {japanese}, "リンタ": {japanese}, "フリンター": nil, "関西": {japanese},
			"iphone15ケース": {japanese}, "ＩＰＨＯＮＥ": {japanese}, "15ケ": nil, "iphone15ケ": {japanese},
			"devolucao": {portuguese}, "DEVOLUÇÃO": {portuguese}, "informação": {portuguese}, "cafe": {portuguese}, "nao": {portuguese},
			"strasse": nil, "hauptstrasse": {german}, "HAUPTSTRAßE": {german}, "grosse": {german}, "ruckgabe": {german}, "42-a": {german}, "42 b": nil,
			"printer": {english}, "print": {english}, "rinter": nil, "red car": {english}, "car red": nil, "order_123": {english}, "https://example.com": {english},
			"ana": {english, german, portuguese, japanese}, "ana@example.com": {english, german, portuguese, japanese}, "fire the": nil,
		} {
			got := h.list(t, desk.TicketFilter{Text: []text.Term{{Text: query, Prefix: true}}})
			if !slices.Equal(got, want) {
				t.Errorf("%q finds %v, want %v", query, got, want)
			}
		}
		for _, test := range []struct {
			terms []text.Term
			want  []desk.TicketID
		}{
			{[]text.Term{{Text: "print"}}, nil},
			{[]text.Term{{Text: "red"}, {Text: "fire"}}, []desk.TicketID{english}},
			{[]text.Term{{Text: "fire", In: text.Said}}, nil},
			{[]text.Term{{Text: "fire", In: text.Title}}, []desk.TicketID{english}},
			{[]text.Term{{Text: "example.com"}, {Text: "printer", Not: true}}, []desk.TicketID{german, portuguese, japanese}},
			{[]text.Term{{Text: "返品", Not: true}}, []desk.TicketID{english, german, portuguese}},
			{[]text.Term{{Text: "返品", Not: true, In: text.Said}}, []desk.TicketID{english, german, portuguese, japanese}},
			{[]text.Term{{Text: "!?"}}, []desk.TicketID{english, german, portuguese, japanese}},
			{[]text.Term{{Text: "!?"}, {Text: "fire"}}, []desk.TicketID{english}},
		} {
			if got := h.list(t, desk.TicketFilter{Text: test.terms}); !slices.Equal(got, test.want) {
				t.Errorf("%+v finds %v, want %v", test.terms, got, test.want)
			}
		}
	})
}

// holds tells whether a text has a term, as somebody would look with their own
// eyes: pairs of characters are found anywhere, words at their beginning.
func holds(text string, term text.Term) bool {
	text, word := strings.ToLower(text), strings.ToLower(term.Text)
	for i := 0; i+len(word) <= len(text); i++ {
		if !strings.HasPrefix(text[i:], word) {
			continue
		}
		letter := func(b byte) bool { return b >= 'a' && b <= 'z' }
		if letter(word[0]) && i > 0 && letter(text[i-1]) {
			continue
		}
		end := i + len(word)
		if (!term.Prefix || term.Not) && end < len(text) && letter(word[len(word)-1]) && letter(text[end]) {
			continue
		}
		return true
	}
	return false
}

// What the database finds is what a reader finds.
func TestTheIndexFindsWhatAReaderFinds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		syllable := rapid.SampledFrom([]string{"a", "B", "ab", "返", "品", "交", "ア", " ", ".", "ー"})
		texts := rapid.Custom(func(r *rapid.T) string { return strings.Join(rapid.SliceOfN(syllable, 1, 8).Draw(r, "text"), "") })
		terms := rapid.Custom(func(r *rapid.T) text.Term {
			words := rapid.SampledFrom([]string{"a", "ab", "aba", "返", "返品", "品交換", "品交", "アー", "交アー"})
			return text.Term{In: text.Title, Text: words.Draw(r, "word"), Prefix: rapid.Bool().Draw(r, "prefix"), Not: rapid.Bool().Draw(r, "not")}
		})
		n := 0
		rapid.Check(t, func(r *rapid.T) {
			update(t, db, func(tx *store.Tx) error { return tx.DeleteAllTickets(t.Context()) })
			said := map[desk.TicketID]string{}
			for _, text := range rapid.SliceOfN(texts, 1, 4).Draw(r, "tickets") {
				n++
				said[h.say(t, n, text)] = text
			}
			wanted := rapid.SliceOfN(terms, 1, 3).Draw(r, "terms")
			for id, text := range said {
				want := true
				for _, term := range wanted {
					want = want && holds(text, term) != term.Not
				}
				if got := slices.Contains(h.list(t, desk.TicketFilter{Text: wanted}), id); got != want {
					r.Fatalf("%+v finds %q: %v, want %v", wanted, text, got, want)
				}
			}
		})
	})
}

func TestTheIndexIsMergedIntoOnePiece(t *testing.T) {
	db := storetest.OpenSQLite(t)
	h := furnish(t, db)
	var all []desk.TicketID
	for n := range 7 {
		all = append(all, h.say(t, n, "Printer on fire"))
	}
	pieces := func() int {
		return read(t, db, func(tx *store.Tx) (int, error) { return tx.CountTextPieces(t.Context()) })
	}
	if n := pieces(); n < 2 {
		t.Fatalf("the index has %d pieces; there is nothing to merge", n)
	}
	for begin, more := true, true; more; begin = false {
		update(t, db, func(tx *store.Tx) (err error) {
			more, err = tx.MergeTexts(t.Context(), begin)
			return err
		})
	}
	if n := pieces(); n != 1 {
		t.Errorf("the index still has %d pieces", n)
	}
	if found := h.list(t, desk.TicketFilter{Text: terms("printer")}); len(found) != len(all) {
		t.Errorf("found %v of %v", found, all)
	}
}

// Few texts, many and very many are found in different ways, which must find the same.
func TestWordsOfFewManyAndVeryManyTickets(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const tickets = 24_000
		h := furnish(t, db)
		update(t, db, func(tx *store.Tx) error { return tx.FillTickets(t.Context(), tickets, int64(h.brand.ID)) })
		update(t, db, func(tx *store.Tx) error { return tx.FillTexts(t.Context()) })
		if err := db.Analyze(t.Context()); err != nil {
			t.Fatal(err)
		}
		every := func(n int64) func(desk.TicketID) bool { return func(id desk.TicketID) bool { return int64(id)%n == 0 } }
		for _, test := range []struct {
			terms []text.Term
			has   func(desk.TicketID) bool
			most  int // that are counted, and looked at
		}{
			{[]text.Term{{Text: "everywhere"}}, every(1), desk.MaxFound + 1},
			{[]text.Term{{Text: "often"}}, every(3), desk.MaxFound + 1},
			{[]text.Term{{Text: "seldom"}}, every(100), tickets},
			{[]text.Term{{Text: "everywhere"}, {Text: "often"}}, every(3), desk.MaxFound + 1},
			{[]text.Term{{Text: "everywhere"}, {Text: "seldom"}}, every(100), tickets},
			{[]text.Term{{Text: "often"}, {Text: "seldom"}}, every(300), tickets},
			{[]text.Term{{Text: "every", Prefix: true}}, every(1), 5000},
			{[]text.Term{{Text: "sel", Prefix: true}}, every(100), tickets},
			{[]text.Term{{Text: "nowhere"}}, every(tickets + 1), tickets},
		} {
			for _, statuses := range [][]desk.Status{nil, {desk.Solved}} {
				var want []desk.TicketID
				for id := desk.TicketID(tickets); id > 0; id-- {
					solved := id%50 == 4
					if test.has(id) && (statuses == nil || solved) && (test.most != 5000 || id > tickets-5000) {
						want = append(want, id)
					}
				}
				f := desk.TicketFilter{Text: test.terms, Statuses: statuses}
				n := read(t, db, func(tx *store.Tx) (int, error) { return tx.CountTickets(t.Context(), f) })
				if min(n, test.most) != min(len(want), test.most) {
					t.Errorf("%v in %v: counted %d, want %d", test.terms, statuses, n, len(want))
				}
				f.Limit, f.Offset, f.Descending = 20, 10, true
				want = want[min(f.Offset, len(want)):]
				want = want[:min(f.Limit, len(want))]
				if got := h.list(t, f); !slices.Equal(got, want) {
					t.Errorf("%v in %v: listed %v, want %v", test.terms, statuses, got, want)
				}
				for _, f.Sort = range []desk.Sort{desk.SortUpdated, desk.SortRelevance} {
					if got, count := h.find(t, f); !slices.Equal(got, want) || count != n {
						t.Errorf("%v in %v by %s: found %v of %d, want %v of %d", test.terms, statuses, f.Sort, got, count, want, n)
					}
				}
			}
		}
		f := desk.TicketFilter{Text: []text.Term{{Text: "question"}}, Sort: desk.SortRelevance, Limit: 3}
		if got, _ := h.find(t, f); !slices.Equal(got, []desk.TicketID{tickets, tickets - 100, tickets - 200}) {
			t.Errorf("found %v, want first those with the word in the subject", got)
		}
	})
}
