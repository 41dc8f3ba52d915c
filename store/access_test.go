package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/access"
	"tandem/directory"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
)

func TestPasswordIsReplaced(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		hash := func() string {
			return read(t, db, func(tx *store.Tx) (string, error) { return tx.GetPasswordHash(t.Context(), h.agent.ID) })
		}
		if got := hash(); got != "" {
			t.Errorf("hash of somebody without a password is %q", got)
		}
		for _, want := range []string{"$argon2id$1", "$argon2id$2"} {
			update(t, db, func(tx *store.Tx) error { return tx.SetPasswordHash(t.Context(), h.agent.ID, want, noon) })
			if got := hash(); got != want {
				t.Errorf("hash is %q, want %q", got, want)
			}
		}
	})
}

func TestAPITokens(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		first := &access.APIToken{Name: "import", Hash: "hash-1", Hint: "abcd", CreatedBy: h.agent.ID, CreatedAt: noon}
		second := &access.APIToken{Name: "export", Hash: "hash-2", Hint: "efgh", CreatedBy: h.agent.ID, CreatedAt: noon}
		update(t, db, func(tx *store.Tx) error {
			if err := tx.InsertAPIToken(t.Context(), first); err != nil {
				return err
			}
			return tx.InsertAPIToken(t.Context(), second)
		})
		update(t, db, func(tx *store.Tx) error { return tx.TouchAPIToken(t.Context(), first.ID, noon.Add(time.Minute)) })
		first.LastUsedAt = noon.Add(time.Minute)
		got := read(t, db, func(tx *store.Tx) (*access.APIToken, error) { return tx.FindAPIToken(t.Context(), "hash-1") })
		if diff := cmp.Diff(first, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		all := read(t, db, func(tx *store.Tx) ([]*access.APIToken, error) { return tx.ListAPITokens(t.Context()) })
		if diff := cmp.Diff([]*access.APIToken{second, first}, all); diff != "" {
			t.Errorf("list (-want +got)\n%s", diff)
		}
		update(t, db, func(tx *store.Tx) error { return tx.DeleteAPIToken(t.Context(), first.ID) })
		if got := read(t, db, func(tx *store.Tx) (*access.APIToken, error) { return tx.FindAPIToken(t.Context(), "hash-1") }); got != nil {
			t.Errorf("a deleted token is still found: %v", got)
		}
		err := db.Update(t.Context(), func(tx *store.Tx) error { return tx.DeleteAPIToken(t.Context(), first.ID) })
		wantKind(t, err, problem.NotFound)
	})
}

func TestSetupLinkIsUsedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		link := access.SetupLink{Hash: "hash", ExpiresAt: noon.Add(time.Hour)}
		update(t, db, func(tx *store.Tx) error { return tx.InsertSetupLink(t.Context(), link) })
		used := make(chan error, 4)
		var wg sync.WaitGroup
		for range cap(used) {
			wg.Go(func() {
				used <- db.Update(t.Context(), func(tx *store.Tx) error { return tx.UseSetupLink(t.Context(), "hash", noon) })
			})
		}
		wg.Wait()
		close(used)
		succeeded := 0
		for err := range used {
			if err == nil {
				succeeded++
			} else {
				wantKind(t, err, problem.Conflict)
			}
		}
		if succeeded != 1 {
			t.Errorf("the link was used %d times", succeeded)
		}
		link.UsedAt = noon
		got := read(t, db, func(tx *store.Tx) (*access.SetupLink, error) { return tx.GetSetupLink(t.Context(), "hash") })
		if diff := cmp.Diff(&link, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if got := read(t, db, func(tx *store.Tx) (*access.SetupLink, error) { return tx.GetSetupLink(t.Context(), "other") }); got != nil {
			t.Errorf("found a link that nobody made: %v", got)
		}
	})
}

// Two administrators take each other's role at the same time: each counts first, and one of them must see one only.
func TestLastAdministratorStays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		admins := []*directory.User{
			{Name: "A", Email: "a@contoso.example", Role: directory.Admin},
			{Name: "B", Email: "b@contoso.example", Role: directory.Admin},
			{Name: "C", Email: "c@contoso.example", Role: directory.Admin, Suspended: true},
		}
		update(t, db, func(tx *store.Tx) error {
			for _, u := range admins {
				if err := tx.InsertUser(t.Context(), u); err != nil {
					return err
				}
			}
			return nil
		})
		var wg sync.WaitGroup
		for _, u := range admins[:2] {
			wg.Go(func() {
				err := db.Update(t.Context(), func(tx *store.Tx) error {
					n, err := tx.CountAdmins(t.Context())
					if err != nil || n < 2 {
						return err
					}
					u.Role = directory.Agent
					return tx.UpdateUser(t.Context(), u)
				})
				if err != nil {
					t.Errorf("demote: %v", err)
				}
			})
		}
		wg.Wait()
		if n := read(t, db, func(tx *store.Tx) (int, error) { return tx.CountAdmins(t.Context()) }); n != 1 {
			t.Errorf("%d administrators are left, want 1", n)
		}
	})
}

func TestLoginThrottle(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		throttle := func() access.Throttle {
			return read(t, db, func(tx *store.Tx) (access.Throttle, error) {
				return tx.GetLoginThrottle(t.Context(), "account:ana@example.com")
			})
		}
		want := access.Throttle{Subject: "account:ana@example.com"}
		if diff := cmp.Diff(want, throttle()); diff != "" {
			t.Errorf("unknown (-want +got)\n%s", diff)
		}
		for failures := range 3 {
			want.Failures, want.WindowStart, want.LockedUntil = failures, noon, noon.Add(time.Minute)
			update(t, db, func(tx *store.Tx) error { return tx.SetLoginThrottle(t.Context(), want) })
			if diff := cmp.Diff(want, throttle()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		}
	})
}

func TestWhatSignInsLeaveBehindIsRemoved(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		throttles := []access.Throttle{
			{Subject: "account:over", Failures: 3, WindowStart: noon.Add(-time.Hour)},
			{Subject: "account:counting", Failures: 3, WindowStart: noon.Add(-time.Minute)},
			{Subject: "account:locked", Failures: 3, WindowStart: noon.Add(-time.Hour), LockedUntil: noon.Add(time.Minute)},
			{Subject: "known:lately", Failures: 3, WindowStart: noon.Add(-time.Hour)},
			{Subject: "known:long ago", Failures: 3, WindowStart: noon.Add(-48 * time.Hour)},
		}
		links := []access.SetupLink{{Hash: "old", ExpiresAt: noon.Add(-48 * time.Hour)}, {Hash: "new", ExpiresAt: noon}}
		update(t, db, func(tx *store.Tx) error {
			var failed []error
			for _, throttle := range throttles {
				failed = append(failed, tx.SetLoginThrottle(t.Context(), throttle))
			}
			for _, link := range links {
				failed = append(failed, tx.InsertSetupLink(t.Context(), link))
			}
			return errors.Join(failed...)
		})
		update(t, db, func(tx *store.Tx) error {
			return errors.Join(
				tx.DeleteLoginThrottles(t.Context(), noon.Add(-15*time.Minute), noon.Add(-24*time.Hour), noon),
				tx.DeleteSetupLinks(t.Context(), noon.Add(-24*time.Hour)))
		})
		for i, left := range []bool{false, true, true, true, false} {
			got := read(t, db, func(tx *store.Tx) (access.Throttle, error) {
				return tx.GetLoginThrottle(t.Context(), throttles[i].Subject)
			})
			if (got.Failures > 0) != left {
				t.Errorf("%s is left: %t, want %t", got.Subject, !left, left)
			}
		}
		for i, left := range []bool{false, true} {
			got := read(t, db, func(tx *store.Tx) (*access.SetupLink, error) { return tx.GetSetupLink(t.Context(), links[i].Hash) })
			if (got != nil) != left {
				t.Errorf("the %s link is left: %t, want %t", links[i].Hash, !left, left)
			}
		}
	})
}

func TestAuditTrailIsFilteredAndPaged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		entry := func(object string, subject int64) access.AuditEntry {
			return access.AuditEntry{
				At: noon, ActorID: 1, Actor: "Admin", Address: "192.0.2.1", Action: object + ".changed",
				Object: object, Subject: subject, Label: "x", Before: `{"a":1}`, After: `{"a":2}`,
			}
		}
		update(t, db, func(tx *store.Tx) error {
			for _, e := range []access.AuditEntry{entry("user", 1), entry("connection", 1), entry("user", 2), entry("user", 1)} {
				if err := tx.InsertAudit(t.Context(), e); err != nil {
					return err
				}
			}
			return nil
		})
		f := access.AuditFilter{Object: "user", Subject: 1, Limit: 1, Offset: 1}
		got := read(t, db, func(tx *store.Tx) ([]access.AuditEntry, error) { return tx.ListAudit(t.Context(), f) })
		want := entry("user", 1)
		want.ID = 1
		if diff := cmp.Diff([]access.AuditEntry{want}, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if n := read(t, db, func(tx *store.Tx) (int, error) { return tx.CountAudit(t.Context(), f) }); n != 2 {
			t.Errorf("counted %d entries, want 2", n)
		}
	})
}

func TestBrowserSessions(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		now := noon
		db := storetest.Open(t, url, store.Options{Now: func() time.Time { return now }})
		sessions := store.NewSessionStore(db)
		commit := func(token, data string, expiry time.Time) {
			t.Helper()
			if err := sessions.CommitCtx(t.Context(), token, []byte(data), expiry); err != nil {
				t.Fatal(err)
			}
		}
		want := func(token, data string) {
			t.Helper()
			got, found, err := sessions.FindCtx(t.Context(), token)
			if err != nil || found != (data != "") || string(got) != data {
				t.Errorf("session %s: %q, %v, %v; want %q", token, got, found, err, data)
			}
		}
		commit("long", "one", noon.Add(time.Hour))
		commit("long", "two\x00\xff", noon.Add(time.Hour))
		commit("short", "three", noon.Add(time.Minute))
		want("long", "two\x00\xff")
		want("short", "three")
		want("unknown", "")

		now = noon.Add(2 * time.Minute)
		want("short", "")
		commit("new", "four", noon.Add(time.Hour))
		var rows, plain int
		row := rawSQL(t, url).QueryRow("SELECT COUNT(*), COUNT(CASE WHEN token IN ('long', 'new') THEN 1 END) FROM browser_session")
		if err := row.Scan(&rows, &plain); err != nil || rows != 2 || plain != 0 {
			t.Errorf("%d sessions are stored, %d under their token (%v); want 2 and 0", rows, plain, err)
		}
		for range 2 {
			if err := sessions.DeleteCtx(t.Context(), "long"); err != nil {
				t.Fatal(err)
			}
		}
		want("long", "")
	})
}
