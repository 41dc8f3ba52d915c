package access

import (
	"context"
	"fmt"
	"time"
)

// RemoveExpired removes what sign-ins leave behind and nobody needs any more.
// A schedule asks for it every hour.
type RemoveExpired struct{}

// Kind names the job.
func (RemoveExpired) Kind() string { return "access.remove_expired" }

// expiredLinkLife is how long a link that has expired is kept: whoever opens it
// is told that it is too old, and later that there is no such link, which is the same.
const expiredLinkLife = 24 * time.Hour

// RemoveExpired works a RemoveExpired job. Counts of failed sign-ins go when
// neither their window nor a lock lasts, known addresses when they no longer
// count as known, remembered answers when they are no longer given, and links a day after they could have been used.
func (s *Service) RemoveExpired(ctx context.Context) error {
	now := s.now()
	err := s.store.Update(ctx, func(tx Tx) error {
		if err := tx.DeleteLoginThrottles(ctx, now.Add(-throttleWindow), now.Add(-knownAddressTime), now); err != nil {
			return err
		}
		if err := tx.DeleteAnswers(ctx, now.Add(-answerLife)); err != nil {
			return err
		}
		return tx.DeleteSetupLinks(ctx, now.Add(-expiredLinkLife))
	})
	if err != nil {
		return fmt.Errorf("remove what has expired of sign-ins: %w", err)
	}
	return nil
}
