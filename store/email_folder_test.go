package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandem/email"
	"tandem/store"
	"tandem/store/storetest"
)

func TestReadFoldersKeepTheirCursors(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		support, sales := connect(t, db, "support@contoso.example"), connect(t, db, "sales@contoso.example")
		save := func(id email.ConnectionID, f email.ReadFolder) {
			t.Helper()
			update(t, db, func(tx *store.Tx) error { return tx.SaveReadFolder(t.Context(), id, &f) })
		}
		want := func(what string, id email.ConnectionID, folders ...*email.ReadFolder) {
			t.Helper()
			got := read(t, db, func(tx *store.Tx) ([]*email.ReadFolder, error) { return tx.ListReadFolders(t.Context(), id) })
			if diff := cmp.Diff(folders, got); diff != "" && len(folders)+len(got) > 0 {
				t.Errorf("%s (-want +got)\n%s", what, diff)
			}
		}
		orders := email.ReadFolder{ID: "AAMk1", Path: "Inbox / Orders", Cursor: "https://graph.example/delta?1"}
		bills := email.ReadFolder{ID: "AAMk2", Path: "Inbox / Bills"}
		save(support.ID, orders)
		save(support.ID, bills)
		save(sales.ID, orders) // ids of two mailboxes may be alike
		want("by path", support.ID, &bills, &orders)

		orders.Path, orders.Cursor = "Inbox / Old orders", "https://graph.example/delta?2"
		save(support.ID, orders)
		want("after a change", support.ID, &bills, &orders)

		update(t, db, func(tx *store.Tx) error { return tx.DeleteReadFolder(t.Context(), support.ID, bills.ID) })
		want("without one", support.ID, &orders)
		update(t, db, func(tx *store.Tx) error { return tx.DeleteReadFolders(t.Context(), support.ID) })
		want("without any", support.ID)
		if got := read(t, db, func(tx *store.Tx) ([]*email.ReadFolder, error) { return tx.ListReadFolders(t.Context(), sales.ID) }); len(got) != 1 {
			t.Errorf("the other mailbox has %d folders left, want 1", len(got))
		}
	})
}

func TestAliasesComeBackWithTheirAddress(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		c := connect(t, db, "team@contoso.example")
		a := &email.SupportAddress{Email: c.Email, BrandID: h.brand.ID, ConnectionID: c.ID, Aliases: []string{"hello@contoso.example", "hi@contoso.example"}, CreatedAt: noon, UpdatedAt: noon}
		update(t, db, func(tx *store.Tx) error { return tx.InsertSupportAddress(t.Context(), a) })
		for _, aliases := range [][]string{a.Aliases, {"hello@contoso.example"}, nil} {
			a.Aliases = aliases
			update(t, db, func(tx *store.Tx) error { return tx.UpdateSupportAddress(t.Context(), a) })
			got := read(t, db, func(tx *store.Tx) (*email.SupportAddress, error) { return tx.GetSupportAddress(t.Context(), a.ID) })
			if diff := cmp.Diff(a, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		}
	})
}
