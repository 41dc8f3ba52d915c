package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/store"
	"tandem/store/storetest"
)

func TestTicketsOlderThanMetricsAreMeasured(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		service := desk.NewService(store.For[desk.Tx](db), nil, desk.Options{})
		var agent access.Actor
		var requester *directory.User
		update(t, db, func(tx *store.Tx) error {
			requester = &directory.User{Name: "Aiko", Email: "aiko@fabrikam.example", Role: directory.EndUser}
			worker := &directory.User{Name: "Bruno", Email: "bruno@contoso.example", Role: directory.Agent}
			for _, add := range []func() error{
				func() error { return tx.InsertBrand(t.Context(), &directory.Brand{Name: "Contoso", Default: true}) },
				func() error { return tx.InsertUser(t.Context(), requester) },
				func() error { return tx.InsertUser(t.Context(), worker) },
			} {
				if err := add(); err != nil {
					return err
				}
			}
			agent = access.Actor{UserID: worker.ID, Name: worker.Name, Role: worker.Role}
			return nil
		})
		var ids []desk.TicketID
		for range 120 { // more than one transaction measures
			ticket, _, err := service.Create(t.Context(), agent, desk.Request{
				Subject: "From before the upgrade", Requester: desk.Person{ID: requester.ID}, Comment: desk.Draft{Text: "Hello", Public: true},
			})
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, ticket.ID)
		}
		kept, err := service.MetricsOf(t.Context(), agent, ids)
		if err != nil {
			t.Fatal(err)
		}
		update(t, db, func(tx *store.Tx) error { return tx.ForgetMetrics(t.Context()) })
		if err := service.MeasureAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		made, err := service.MetricsOf(t.Context(), agent, ids)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(kept, made); diff != "" || len(made) != len(ids) {
			t.Errorf("%d metrics made (-kept +made):\n%s", len(made), diff)
		}
	})
}

// A report reads what falls into its period out of one index, and nothing of the table.
func TestReportsAreCountedFromIndexesAlone(t *testing.T) {
	db := storetest.OpenSQLite(t)
	at := time.UnixMilli(1_700_000_000_000)
	spans := []desk.Span{{From: at, To: at.Add(time.Hour)}, {From: at.Add(time.Hour), To: at.Add(2 * time.Hour)}}
	for name, test := range map[string]struct {
		count desk.MetricsCount
		index string
	}{
		"created":          {desk.MetricsCount{Moment: desk.WhenCreated}, "COVERING INDEX ticket_metric_created (created_at>? AND created_at<?)"},
		"solved":           {desk.MetricsCount{Moment: desk.WhenSolved}, "COVERING INDEX ticket_metric_solved (solved_at>? AND solved_at<?)"},
		"backlog":          {desk.MetricsCount{Moment: desk.WhenUnsolved}, "COVERING INDEX ticket_metric_unsolved (created_at>? AND created_at<?)"},
		"created by team":  {desk.MetricsCount{Moment: desk.WhenCreated, By: desk.OfTeam}, "COVERING INDEX ticket_metric_created (created_at>? AND created_at<?)"},
		"solved by agent":  {desk.MetricsCount{Moment: desk.WhenSolved, By: desk.OfAgent}, "COVERING INDEX ticket_metric_solved (solved_at>? AND solved_at<?)"},
		"backlog of brand": {desk.MetricsCount{Moment: desk.WhenUnsolved, By: desk.OfAddress, ReportFilter: desk.ReportFilter{Brand: 1}}, "COVERING INDEX ticket_metric_unsolved (created_at>? AND created_at<?)"},
	} {
		test.count.Spans = spans
		plan := read(t, db, func(tx *store.Tx) (string, error) { return tx.ExplainMetrics(t.Context(), test.count) })
		if !strings.Contains(plan, test.index) {
			t.Errorf("%s does not use %s:\n%s", name, test.index, plan)
		}
	}
	unmeasured := read(t, db, func(tx *store.Tx) (string, error) {
		return tx.Explain(t.Context(), "SELECT id FROM ticket WHERE id > 5 AND NOT EXISTS (SELECT 1 FROM ticket_metric WHERE ticket_metric.id = ticket.id) ORDER BY id LIMIT 5")
	})
	if strings.Contains(unmeasured, "TEMP B-TREE") {
		t.Errorf("tickets without metrics are sorted:\n%s", unmeasured)
	}
}
