package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/email"
	"tandem/store"
	"tandem/store/storetest"
)

func TestPolicyIsTheDefaultUntilItIsStored(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		get := func(tx *store.Tx) (email.Policy, error) { return tx.GetPolicy(t.Context()) }
		if diff := cmp.Diff(email.DefaultPolicy(), read(t, db, get)); diff != "" {
			t.Errorf("before (-want +got)\n%s", diff)
		}
		want := email.DefaultPolicy()
		want.Bulk, want.HourlyLimit, want.Digest, want.UpdatedAt = email.SuspendAllBulk, 3, false, noon
		for range 2 {
			update(t, db, func(tx *store.Tx) error { return tx.SetPolicy(t.Context(), want) })
		}
		if diff := cmp.Diff(want, read(t, db, get)); diff != "" {
			t.Errorf("after (-want +got)\n%s", diff)
		}
	})
}

func TestSenderIsOnAListOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		first := &email.SenderRule{List: email.AllowList, Pattern: "client.example", CreatedAt: noon}
		again, blocked := *first, *first
		again.Learned, blocked.List = true, email.BlockList
		update(t, db, func(tx *store.Tx) error {
			for rule, want := range map[*email.SenderRule]bool{first: true, &blocked: true} {
				if added, err := tx.InsertSenderRule(t.Context(), rule); err != nil || added != want {
					t.Errorf("added %v, %v", added, err)
				}
			}
			added, err := tx.InsertSenderRule(t.Context(), &again)
			if added || again.ID != first.ID || again.Learned {
				t.Errorf("added again: %v as %+v, want the entry that is there", added, again)
			}
			return err
		})
		found := read(t, db, func(tx *store.Tx) ([]*email.SenderRule, error) {
			return tx.FindSenderRules(t.Context(), []string{"ana@client.example", "client.example"})
		})
		if len(found) != 2 {
			t.Errorf("%d entries found, want both lists'", len(found))
		}
	})
}

// The reader asks these for every mail.
func TestWhatSuspendsIsReadByIndex(t *testing.T) {
	db := storetest.OpenSQLite(t)
	for query, index := range map[string]string{
		"SELECT COUNT(DISTINCT dedupe_key) FROM mail WHERE from_email = 'a' AND received_at > 1 AND received_at <= 2 AND direction = 'in' AND state IN ('ticketed', 'commented', 'flagged')": "mail_taken (from_email=? AND received_at>? AND received_at<?)",
		"SELECT * FROM mail WHERE state = 'suspended' AND decided_at < 5 ORDER BY id":                                                                                                        "mail_state (state=?)",
		"SELECT * FROM mail WHERE mark = 'x' AND mark <> '' AND direction = 'out'":                                                                                                           "mail_mark (mark=?)",
		"SELECT * FROM mail WHERE message_id = 'x' AND message_id <> '' AND direction = 'out'":                                                                                               "mail_sent_id (message_id=?)",
		"SELECT * FROM sender_rule WHERE pattern IN ('a', 'b')":                                                                                                                              "(pattern=?)",
	} {
		plan := read(t, db, func(tx *store.Tx) (string, error) { return tx.Explain(t.Context(), query) })
		if !strings.Contains(plan, index) {
			t.Errorf("%s\ndoes not use %s:\n%s", query, index, plan)
		}
	}
}

func TestCountTakenLeavesOutWhatDoesNotCount(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := connect(t, db, "support@contoso.example")
		row := func(key string, change func(*email.Mail)) {
			m := &email.Mail{
				ConnectionID: c.ID, Direction: email.Inbound, State: email.Ticketed, MicrosoftID: "AAMk" + key, DedupeKey: key,
				From: email.Party{Email: "ana@client.example"}, ReceivedAt: noon, NoticedAt: noon,
			}
			change(m)
			update(t, db, func(tx *store.Tx) error {
				_, err := tx.InsertMail(t.Context(), m)
				return err
			})
		}
		row("counts", func(*email.Mail) {})
		row("the very mail", func(*email.Mail) {})
		row("imported", func(m *email.Mail) { m.Imported = true })
		row("recovered", func(m *email.Mail) { m.Cause = email.CauseLoop })
		row("suspended", func(m *email.Mail) { m.State, m.Cause = email.Suspended, email.CauseLoop })
		row("an hour ago", func(m *email.Mail) { m.ReceivedAt = noon.Add(-time.Hour) })
		row("later", func(m *email.Mail) { m.ReceivedAt = noon.Add(time.Second) })
		row("another's", func(m *email.Mail) { m.From.Email = "bob@client.example" })
		n := read(t, db, func(tx *store.Tx) (int, error) {
			return tx.CountTaken(t.Context(), "ana@client.example", "the very mail", noon.Add(-time.Hour), noon)
		})
		if n != 1 {
			t.Errorf("%d mails counted, want 1", n)
		}
	})
}
