package store_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"tandem/desk"
	"tandem/store"
	"tandem/text"
)

// vocabulary makes comments as busy desks have them: few words are in nearly
// all of them, most are rare. Some are Japanese, some Portuguese.
type vocabulary struct {
	random *rand.Rand
	zipf   *rand.Zipf
}

func newVocabulary() *vocabulary {
	random := rand.New(rand.NewPCG(1, 2))
	return &vocabulary{random, rand.NewZipf(random, 1.1, 8, 60_000)}
}

var japanese = []string{"返品", "交換", "請求書", "領収書", "配送", "注文", "確認", "商品", "お問い合わせ", "ありがとうございます", "株式会社", "東京都", "ログイン", "パスワード", "キャンセル", "プリンター"}

func (v *vocabulary) comment() string {
	var b strings.Builder
	if v.random.IntN(4) == 0 {
		for range 25 {
			b.WriteString(japanese[v.random.IntN(len(japanese))])
			b.WriteRune([]rune("はがをにで。、\n")[v.random.IntN(8)])
			b.WriteRune(rune(0x4e00 + v.zipf.Uint64()%3000))
		}
		return b.String()
	}
	for range 60 {
		fmt.Fprintf(&b, "%s ", word(v.zipf.Uint64()))
	}
	return b.String()
}

// word is the n-th word of a language without meaning.
func word(n uint64) string {
	syllables := []string{"ba", "ce", "di", "fo", "gu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "zu", "ção"}
	w := ""
	for n += 16; n > 0; n /= 16 {
		w += syllables[n%16]
	}
	return w
}

// BenchmarkSearch measures what a page of search results asks of TANDEM_BENCH_TICKETS
// tickets (100,000 unless told) with three comments each.
func BenchmarkSearch(b *testing.B) {
	n := 100_000
	if text := os.Getenv("TANDEM_BENCH_TICKETS"); text != "" {
		n, _ = strconv.Atoi(text)
	}
	eachBench(b, func(b *testing.B, db *store.DB) {
		h := furnish(b, db)
		update(b, db, func(tx *store.Tx) error { return tx.FillTickets(b.Context(), n, int64(h.brand.ID)) })
		v := newVocabulary()
		for first := 1; first <= n; first += 1000 {
			update(b, db, func(tx *store.Tx) error {
				return tx.FillComments(b.Context(), int64(first), int64(min(first+999, n)), 3, func() string {
					text := v.comment()
					if v.random.IntN(n/2) == 0 {
						text += " unobtainium 稀覯書"
					}
					return text
				})
			})
		}
		b.Run("Index", func(b *testing.B) {
			for b.Loop() {
				if done := indexSome(b, db); done == 0 {
					break
				}
			}
		})
		for indexSome(b, db) > 0 {
		}
		if err := db.Analyze(b.Context()); err != nil {
			b.Fatal(err)
		}
		unsolved := []desk.Status{desk.New, desk.Open, desk.Pending, desk.Hold}
		for name, f := range map[string]desk.TicketFilter{
			"Rare":            {Text: terms("unobtainium")},
			"RareJapanese":    {Text: terms("稀覯")},
			"TwoJapanese":     {Text: terms("返品")},
			"ThreeJapanese":   {Text: terms("請求書")},
			"OneJapanese":     {Text: terms("稀")},
			"Common":          {Text: terms(word(3))},
			"CommonUnsolved":  {Text: terms(word(3)), Statuses: unsolved},
			"CommonMine":      {Text: terms(word(3)), Assignee: 7, Statuses: unsolved},
			"CommonByCreated": {Text: terms(word(3)), Sort: desk.SortCreated, Descending: true},
			"TwoCommon":       {Text: terms(word(3) + " " + word(40))},
			"CommonAndRare":   {Text: terms(word(3) + " unobtainium")},
			"Middling":        {Text: terms(word(900))},
			"TwoLetters":      {Text: terms("fo")},
			"Phrase":          {Text: []text.Term{{Text: word(3) + " " + word(5)}}},
			"RarePhrase":      {Text: []text.Term{{Text: word(3) + " unobtainium"}}},
			"CommonNotCommon": {Text: []text.Term{{Text: word(3)}, {Text: word(4), Not: true}}},
			"Not":             {Text: []text.Term{{Text: word(3), Not: true}}},
			"Requester":       {Text: terms("customer4711")},
		} {
			f.Limit = 25
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					h.page(b, f)
				}
			})
		}
	})
}

func indexSome(b *testing.B, db *store.DB) (done int) {
	update(b, db, func(tx *store.Tx) (err error) {
		done, err = tx.IndexTexts(b.Context(), 100)
		return err
	})
	return done
}
