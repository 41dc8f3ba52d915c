package desk

import "context"

// MaxFound is how many results a search shows, and up to which it counts words
// that very many tickets have.
const MaxFound = 1000

// TextIndexTx keeps the index of words. What changes is indexed by the
// transaction that changes it. What concerns too many tickets at once is noted
// instead, and [Service.IndexTexts] catches up.
type TextIndexTx interface {
	// IndexTexts indexes up to limit of the texts that were noted, and tells how many.
	IndexTexts(ctx context.Context, limit int) (int, error)
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

// IndexTexts indexes texts that wait, in small transactions. Each keeps what it
// has done, so that it goes on where it was interrupted.
func (s *Service) IndexTexts(ctx context.Context) error {
	for {
		n := 0
		err := s.store.Update(ctx, func(tx Tx) (err error) {
			n, err = tx.IndexTexts(ctx, indexBatch)
			return err
		})
		if err != nil || n == 0 {
			return err
		}
	}
}
