package email

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tandem/directory"
	"tandem/problem"
)

// signInWithin is how long a sign-in at Microsoft may take.
const signInWithin = 30 * time.Minute

// Request is one run of the wizard: an administrator asked to connect (or
// reconnect) a mailbox and was sent to Microsoft. Its state is unguessable and
// redeemed once.
type Request struct {
	State       string            `json:"-"` // what travels through the browser; only its hash is stored
	Verifier    string            `json:"verifier"`
	Nonce       string            `json:"nonce"`
	RedirectURL string            `json:"redirect_url"`
	RequestedBy directory.UserID  `json:"requested_by"`
	BrandID     directory.BrandID `json:"brand_id"`
	Intended    string            `json:"intended,omitempty"`  // the mailbox that is meant; empty: whichever signs in
	Reconnect   ConnectionID      `json:"reconnect,omitempty"` // the connection to renew; 0: a new one
	Import      bool              `json:"import"`
	Redeemed    bool              `json:"redeemed"` // the code came back; it cannot come twice
	Outcome     RequestOutcome    `json:"outcome"`
	Grant       *storedGrant      `json:"grant,omitempty"` // kept while the question about another account is open
	AddressID   AddressID         `json:"address_id,omitempty"`
	Problem     *RequestProblem   `json:"problem,omitempty"`

	replaced *Connection // before the sign-in, when its notifications are to be ended the old way
}

// RequestOutcome is how far the wizard has come.
type RequestOutcome string

// The outcomes.
const (
	RequestPending      RequestOutcome = "pending"
	RequestConnected    RequestOutcome = "connected"
	RequestOtherAccount RequestOutcome = "other_account" // somebody else signed in: is that mailbox meant?
	RequestFailed       RequestOutcome = "failed"
)

// storedGrant is a Grant whose secret is written out: the whole request is sealed in the store.
type storedGrant struct {
	TenantID     string   `json:"tenant_id"`
	UserID       string   `json:"user_id"`
	Email        string   `json:"email"`
	Name         string   `json:"name"`
	RefreshToken string   `json:"refresh_token"`
	Scopes       []string `json:"scopes"`

	Ahead time.Duration `json:"ahead,omitempty"`
}

// RequestProblem is why a run of the wizard failed.
type RequestProblem struct {
	Code    string            `json:"code"`
	Message string            `json:"message"`
	Side    string            `json:"side"`
	Remedy  string            `json:"remedy"`
	Args    map[string]string `json:"args,omitempty"`
}

// Actual is the mailbox that was signed in to, while the question is open
// whether it is meant; empty otherwise.
func (r *Request) Actual() string {
	if r.Grant == nil {
		return ""
	}
	return r.Grant.Email
}

// SignInTx stores sign-ins at Microsoft under way. The data is sealed by the
// store; state is hashed by the caller.
type SignInTx interface {
	InsertSignIn(ctx context.Context, stateHash string, data []byte, expires time.Time) error
	// GetSignIn returns the data, or problem.NotFound when there is none or it has expired.
	GetSignIn(ctx context.Context, stateHash string) ([]byte, error)
	// UpdateSignIn replaces the data.
	UpdateSignIn(ctx context.Context, stateHash string, data []byte) error
	DeleteExpiredSignIns(ctx context.Context, now time.Time) error
}

func (s *Connections) saveNew(ctx context.Context, tx Tx, r *Request) error {
	if err := tx.DeleteExpiredSignIns(ctx, s.now()); err != nil {
		return err
	}
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode a sign-in: %w", err)
	}
	return tx.InsertSignIn(ctx, stateHash(r.State), data, s.now().Add(signInWithin))
}

func saveRequest(ctx context.Context, tx Tx, r *Request) error {
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode a sign-in: %w", err)
	}
	return tx.UpdateSignIn(ctx, stateHash(r.State), data)
}

func loadRequest(ctx context.Context, tx Tx, state string) (*Request, error) {
	data, err := tx.GetSignIn(ctx, stateHash(state))
	if problem.KindOf(err) == problem.NotFound || (err == nil && len(data) == 0) {
		return nil, problem.New(problem.NotFound, "sign_in_unknown", "Tandem knows nothing of this sign-in, or it took longer than 30 minutes.").
			On(problem.Yours, "Start again.")
	}
	if err != nil {
		return nil, err
	}
	r := &Request{State: state}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, errors.Join(errors.New("decode a sign-in"), err)
	}
	return r, nil
}

func stateHash(state string) string {
	sum := sha256.Sum256([]byte(state))
	return hex.EncodeToString(sum[:])
}
