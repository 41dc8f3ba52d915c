package access

import (
	"context"
	"time"

	"tandem/directory"
	"tandem/problem"
)

// answerLife is how long an answer is given again (Zendesk: "Idempotency", two hours).
const answerLife = 2 * time.Hour

// Answer is what a program was answered. Who names a request with a key and
// sends it again, because the answer was lost on the way, gets the same answer
// and not a second record.
type Answer struct {
	By       directory.UserID
	Key      string
	Request  string // HashSecret of what was asked
	Status   int    // of HTTP; 0: the request is being worked on
	Location string
	Body     string
	At       time.Time
}

// AnswerTx stores answers.
type AnswerTx interface {
	// ClaimAnswer stores an answer unless there is one with its key that began
	// since, and returns that one; nil: the claim is ours. Of several claims at
	// a time one succeeds.
	ClaimAnswer(ctx context.Context, claim *Answer, since time.Time) (*Answer, error)
	SaveAnswer(context.Context, *Answer) error
	DeleteAnswer(ctx context.Context, by directory.UserID, key string) error
	DeleteAnswers(ctx context.Context, before time.Time) error
}

// ClaimAnswer begins a request that has a key. It gives the answer that it had
// before, nil when it is new: then SaveAnswer or DropAnswer must follow. The
// problem "request_under_way" says that nobody knows its answer yet.
func (s *Service) ClaimAnswer(ctx context.Context, by Actor, key, request string) (answer *Answer, err error) {
	claim := &Answer{By: by.UserID, Key: key, Request: HashSecret(request), At: s.now()}
	err = s.store.Update(ctx, func(tx Tx) error {
		answer, err = tx.ClaimAnswer(ctx, claim, s.now().Add(-answerLife))
		return err
	})
	switch {
	case err != nil || answer == nil:
		return nil, err
	case answer.Request != claim.Request:
		return nil, problem.New(problem.Invalid, "idempotency_key_reused", "The Idempotency-Key was used for another request.").
			On(problem.Yours, "Make a new key for each request.")
	case answer.Status == 0:
		return nil, problem.New(problem.Conflict, "request_under_way", "The same request is being worked on, or was interrupted.").
			On(problem.Yours, "Try again in a few seconds. If it stays, look whether the record exists, and use a new key.").After(2 * time.Second)
	}
	return answer, nil
}

// SaveAnswer keeps the answer of a request that was claimed.
func (s *Service) SaveAnswer(ctx context.Context, by Actor, a Answer) error {
	a.By, a.At = by.UserID, s.now()
	return s.store.Update(ctx, func(tx Tx) error { return tx.SaveAnswer(ctx, &a) })
}

// DropAnswer lets a request that changed nothing be tried again.
func (s *Service) DropAnswer(ctx context.Context, by Actor, key string) error {
	return s.store.Update(ctx, func(tx Tx) error { return tx.DeleteAnswer(ctx, by.UserID, key) })
}
