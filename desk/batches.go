package desk

import (
	"context"
	"time"
)

// batchSize is how many tickets one transaction of a job works on: agents who
// work meanwhile wait for no more.
const batchSize = 50

// inBatches works a job that nobody waits for, a transaction with each batch,
// until one has fewer tickets than it may. A batch is told the last ticket of the
// one before and gives the tickets it worked on. What was done stays done when
// the job is interrupted. Between two batches as much time passes as one took, so
// that half of it is the agents'.
func (s *Service) inBatches(ctx context.Context, batch func(tx Tx, after TicketID) ([]TicketID, error)) error {
	for after := TicketID(0); ; {
		begin := time.Now()
		var done []TicketID
		err := s.store.Update(ctx, func(tx Tx) (err error) {
			done, err = batch(tx, after)
			return err
		})
		if err != nil || len(done) < batchSize {
			return err
		}
		after = done[len(done)-1]
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Since(begin)):
		}
	}
}
