package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/email"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
)

func TestForwardingComesBackAsStored(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := connectForwarding(t, db, "support@contoso.example")
		f := &email.Forward{ConnectionID: c.ID, Secret: "first", State: email.ForwardWaiting}
		update(t, db, func(tx *store.Tx) error { return tx.InsertForward(t.Context(), f) })
		f.Secret, f.Former, f.FormerUntil, f.State, f.Token = "second", "first", noon, email.ForwardFailed, "token"
		f.AskedAt, f.VerifiedAt, f.ReceivedAt, f.ClosesAt = noon, noon, noon, noon
		update(t, db, func(tx *store.Tx) error { return tx.UpdateForward(t.Context(), f) })

		for how, find := range map[string]func(*store.Tx) (*email.Forward, error){
			"by connection": func(tx *store.Tx) (*email.Forward, error) { return tx.FindForward(t.Context(), c.ID) },
			"by secret":     func(tx *store.Tx) (*email.Forward, error) { return tx.FindForwardBySecret(t.Context(), "second", noon) },
			"by the former one": func(tx *store.Tx) (*email.Forward, error) {
				return tx.FindForwardBySecret(t.Context(), "first", noon.Add(-time.Second))
			},
			"by address": func(tx *store.Tx) (*email.Forward, error) {
				return tx.FindForwardOf(t.Context(), "support@contoso.example")
			},
			"in a list": func(tx *store.Tx) (*email.Forward, error) {
				all, err := tx.ListForwards(t.Context())
				if err != nil || len(all) != 1 {
					return nil, err
				}
				return all[0], nil
			},
		} {
			if diff := cmp.Diff(f, read(t, db, find)); diff != "" {
				t.Errorf("%s (-want +got)\n%s", how, diff)
			}
		}
		for what, find := range map[string]func(*store.Tx) (*email.Forward, error){
			"a guess":          func(tx *store.Tx) (*email.Forward, error) { return tx.FindForwardBySecret(t.Context(), "third", noon) },
			"no secret at all": func(tx *store.Tx) (*email.Forward, error) { return tx.FindForwardBySecret(t.Context(), "", noon) },
			"the former secret when its time is up": func(tx *store.Tx) (*email.Forward, error) {
				return tx.FindForwardBySecret(t.Context(), "first", noon)
			},
			"another address": func(tx *store.Tx) (*email.Forward, error) {
				return tx.FindForwardOf(t.Context(), "sales@contoso.example")
			},
		} {
			if found := read(t, db, find); found != nil {
				t.Errorf("%s finds %+v", what, found)
			}
		}
		err := db.Update(t.Context(), func(tx *store.Tx) error {
			return tx.UpdateForward(t.Context(), &email.Forward{ConnectionID: 999})
		})
		wantKind(t, err, problem.NotFound)
	})
}

// connectForwarding adds a connection by which the mail of an address is forwarded.
func connectForwarding(t testing.TB, db *store.DB, address string) *email.Connection {
	t.Helper()
	c := &email.Connection{Kind: email.Forwarding, State: email.Connected, Email: address, UserID: "forwarding:" + address}
	update(t, db, func(tx *store.Tx) error { return tx.InsertConnection(t.Context(), c) })
	return c
}

func TestContentOfAForwardedMailIsKnownAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c, other := connectForwarding(t, db, "support@contoso.example"), connectForwarding(t, db, "sales@contoso.example")
		update(t, db, func(tx *store.Tx) error {
			return tx.InsertEnvelope(t.Context(), c.ID, 7, email.Envelope{From: "ana@client.example", Peer: "192.0.2.1", Content: "hash", ReceivedAt: noon})
		})
		for _, test := range []struct {
			id      email.ConnectionID
			content string
			known   bool
		}{{c.ID, "hash", true}, {c.ID, "another", false}, {other.ID, "hash", false}} {
			known := read(t, db, func(tx *store.Tx) (bool, error) { return tx.HasEnvelope(t.Context(), test.id, test.content) })
			if known != test.known {
				t.Errorf("content %q at connection %d is known: %t", test.content, test.id, known)
			}
		}
	})
}

func TestRoutesOfOneAddressKnowEachOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		mailbox, stranger := connect(t, db, "support@contoso.example"), connect(t, db, "sales@contoso.example")
		forwarding := connectForwarding(t, db, "support@contoso.example")
		elsewhere := connect(t, db, "desk@contoso.example")
		elsewhere.Serves = "support@contoso.example"
		update(t, db, func(tx *store.Tx) error { return tx.UpdateConnection(t.Context(), elsewhere) })
		for id, want := range map[email.ConnectionID][]email.ConnectionID{
			mailbox.ID: {forwarding.ID, elsewhere.ID}, forwarding.ID: {mailbox.ID, elsewhere.ID}, stranger.ID: nil,
		} {
			got := read(t, db, func(tx *store.Tx) ([]email.ConnectionID, error) { return tx.ListRoutes(t.Context(), id) })
			if !slices.Equal(got, want) {
				t.Errorf("the other routes of %d are %v, want %v", id, got, want)
			}
		}
	})
}
