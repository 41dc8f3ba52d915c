package email_test

import (
	"fmt"
	"testing"

	"tandem/desk"
	"tandem/email"
	"tandem/job"
	"tandem/store"
	"tandem/store/storetest"
)

func TestReplyWhoseJobHasEndedFailsVisibly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSending(t, db, support)
		waits, stranded := s.reply("This one waits."), s.reply("This one is stranded.")
		s.cancelJobOf(stranded.ID, db)
		check(t, s.sender.TendReplies(t.Context()))
		if m := s.outgoing(waits.ID); m.State != email.Waiting || m.ErrorCode != "" {
			t.Errorf("the reply that has its job is %s (%s)", m.State, m.ErrorCode)
		}
		if m := s.outgoing(stranded.ID); m.State != email.Failed || m.ErrorCode != "sending_given_up" {
			t.Errorf("the stranded reply is %s (%s), want it failed with the reason", m.State, m.ErrorCode)
		}

		check(t, s.sender.Retry(t.Context(), s.actor(), stranded.ID))
		check(t, s.sender.TendReplies(t.Context()))
		if m := s.outgoing(stranded.ID); m.State != email.Waiting {
			t.Errorf("tried again it is %s, want it waiting with a job", m.State)
		}
	})
}

func TestReplyThatWaitsForItsConnectionIsNotStranded(t *testing.T) {
	db := openSQLite(t, store.Options{})
	s := newSending(t, db, support)
	s.setConnected(false)
	c := s.reply("Later.")
	check(t, s.sender.Deliver(t.Context(), c.ID, false))
	s.cancelJobOf(c.ID, db)
	check(t, s.sender.TendReplies(t.Context()))
	if m := s.outgoing(c.ID); m.State != email.Waiting || m.ErrorCode != "address_disconnected" {
		t.Errorf("the mail is %s (%s), want it waiting for its connection", m.State, m.ErrorCode)
	}
}

// cancelJobOf cancels the delivery of a comment, as an administrator may.
func (s *sending) cancelJobOf(id desk.CommentID, db *store.DB) {
	s.t.Helper()
	jobs := job.NewService(store.For[job.StoreTx](db), s.clock.Now)
	all, err := jobs.List(s.t.Context(), job.Filter{Kind: desk.DeliverReply{}.Kind()})
	check(s.t, err)
	for _, j := range all {
		if j.UniqueKey == fmt.Sprint("comment:", id) {
			_, err := jobs.Cancel(s.t.Context(), j.ID)
			check(s.t, err)
		}
	}
}
