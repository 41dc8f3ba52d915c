package store_test

import (
	"slices"
	"strings"
	"testing"

	"tandem/store"
	"tandem/store/storetest"
)

// What is deleted for good must be gone: a table that refers to tickets is
// either purged with the ticket, or somebody has said here why it is not.
func TestEveryTableOfATicketIsPurgedWithIt(t *testing.T) {
	otherwise := map[string]string{
		"draft":          "removed one by one, since drafts keep uploads",
		"mail":           "the ledger keeps the row; package email empties it",
		"notification":   "removed by package email with the mail",
		"trigger_firing": "keeps two numbers and is forgotten after a month",
	}
	db := storetest.OpenSQLite(t)
	columns := read(t, db, func(tx *store.Tx) ([]string, error) { return tx.ColumnsNamed(t.Context(), "ticket_id") })
	if !slices.Contains(columns, "comment.ticket_id") {
		t.Fatalf("columns that refer to tickets: %v", columns)
	}
	purged := strings.Join(store.PurgedRows, "\n")
	for _, column := range columns {
		table, _, _ := strings.Cut(column, ".")
		if otherwise[table] == "" && !strings.Contains(purged, "DELETE FROM "+table+" WHERE ticket_id = $1") {
			t.Errorf("table %s keeps rows of a ticket that was deleted for good", table)
		}
	}
}

func TestSolvedTicketsAreFoundByIndex(t *testing.T) {
	db := storetest.OpenSQLite(t)
	plan := read(t, db, func(tx *store.Tx) (string, error) {
		return tx.Explain(t.Context(), strings.NewReplacer("solved_at <= ?", "solved_at <= 5", "LIMIT ?", "LIMIT 50").Replace(store.SolvedBefore))
	})
	if !strings.Contains(plan, "ticket_closing (status=? AND solved_at<?)") || strings.Contains(plan, "TEMP B-TREE") {
		t.Errorf("the plan is\n%s", plan)
	}
}
