package desk

import (
	"context"

	"tandem/job"
)

// MaxFound is how many results a search shows, and up to which it counts words
// that very many tickets have.
const MaxFound = 1000

// TextIndexTx keeps the index of words. What changes is indexed by the
// transaction that changes it. What concerns too many tickets at once is noted
// instead, and [Service.IndexTexts] catches up.
type TextIndexTx interface {
	// IndexTexts indexes up to limit of the texts that were noted, and tells how many.
	IndexTexts(ctx context.Context, limit int) (int, error)
	// MergeTexts does a step of bringing the pieces of the index together, and
	// tells whether there is more to do. The first step begins anew.
	MergeTexts(ctx context.Context, begin bool) (more bool, err error)
	// CountUnindexed tells how many texts wait.
	CountUnindexed(context.Context) (int, error)
	// ReadSaid gives the beginnings of what was said in tickets, the newest first.
	ReadSaid(ctx context.Context, ids []TicketID, take func(TicketID, string)) error
}

// IndexTexts indexes what was too much for one transaction, and what was there
// before there was an index. It is queued with what causes it.
type IndexTexts struct{}

// Kind names the job.
func (IndexTexts) Kind() string { return "desk.index_texts" }

// indexBatch is how many texts one transaction indexes: other writers wait that long on SQLite.
const indexBatch = 100

// worthMerging is how many texts, indexed at once, leave the index in so many
// pieces that it is worth bringing them together.
const worthMerging = 10_000

// IndexTexts indexes texts that wait, in small transactions. Each keeps what it
// has done, so that it goes on where it was interrupted.
func (s *Service) IndexTexts(ctx context.Context) error {
	for done := 0; ; {
		n := 0
		err := s.store.Update(ctx, func(tx Tx) (err error) {
			if n, err = tx.IndexTexts(ctx, indexBatch); err != nil || n > 0 || done < worthMerging {
				return err
			}
			_, err = job.Insert(ctx, tx, MergeTexts{}, job.Options{UniqueKey: "all"})
			return err
		})
		if err != nil || n == 0 {
			return err
		}
		done += n
	}
}

// MergeTexts brings the pieces of the index of words together. Asking whether a
// ticket has a word takes the longer the more pieces there are.
type MergeTexts struct{}

// Kind names the job.
func (MergeTexts) Kind() string { return "desk.merge_texts" }

// MergeTexts works in small transactions. What is left of it when it is
// interrupted is done the next time.
func (s *Service) MergeTexts(ctx context.Context) error {
	for begin, more := true, true; more; begin = false {
		err := s.store.Update(ctx, func(tx Tx) (err error) {
			more, err = tx.MergeTexts(ctx, begin)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
