package store_test

import (
	"strings"
	"testing"
	"time"

	"tandem/desk"
	"tandem/directory"
	"tandem/store"
	"tandem/store/storetest"
)

// A page of a list must come out of an index in its order: a list that reads or
// sorts the whole table is quick in every test and slow with a million tickets.
func TestListsOfTicketsComeOutOfAnIndex(t *testing.T) {
	db := storetest.OpenSQLite(t)
	unsolved := []desk.Status{desk.New, desk.Open, desk.Pending, desk.Hold}
	at := &desk.Position{Key: "1700000000000", ID: 7}
	for name, test := range map[string]struct {
		f     desk.TicketFilter
		index string
	}{
		"all":            {desk.TicketFilter{}, "ticket_updated"},
		"all, next page": {desk.TicketFilter{After: at}, "ticket_updated (updated_at<"},
		"page before":    {desk.TicketFilter{Before: at}, "ticket_updated (updated_at>"},
		"status":         {desk.TicketFilter{Statuses: unsolved[:1]}, "ticket_status (status=?"},
		"statuses":       {desk.TicketFilter{Statuses: unsolved, After: at}, "ticket_status (status=? AND updated_at<"},
		"mine":           {desk.TicketFilter{Assignee: 1, Statuses: unsolved}, "ticket_assignee (assignee_id=? AND status=?"},
		"unassigned":     {desk.TicketFilter{Unassigned: true, Statuses: unsolved}, "ticket_assignee (assignee_id=? AND status=?"},
		"requester":      {desk.TicketFilter{Requester: 1}, "ticket_requester (requester_id=?"},
		"by creation":    {desk.TicketFilter{Sort: desk.SortCreated, After: at}, "ticket_created (created_at>"},
		"by number":      {desk.TicketFilter{Sort: desk.SortID, After: at}, "INTEGER PRIMARY KEY (rowid>"},
		"by status":      {desk.TicketFilter{Sort: desk.SortStatus, After: &desk.Position{Key: "open", ID: 7}}, "ticket_status_rank (status_rank>"},
		"by priority":    {desk.TicketFilter{Sort: desk.SortPriority, Descending: true, After: &desk.Position{Key: "low", ID: 7}}, "ticket_priority_rank (priority_rank<"},
		"by subject":     {desk.TicketFilter{Sort: desk.SortSubject, After: &desk.Position{Key: "a", ID: 7}}, "ticket_folded (folded>"},
		"external id":    {desk.TicketFilter{ExternalID: "x"}, "ticket_external (external_id=?)"},
	} {
		test.f.Limit = 50
		plan := read(t, db, func(tx *store.Tx) (string, error) { return tx.ExplainTickets(t.Context(), test.f) })
		if !strings.Contains(plan, test.index) {
			t.Errorf("%s does not use %s:\n%s", name, test.index, plan)
		}
	}
}

// Views are lists and counts of a few among a million. Their tickets come from
// the index of what they are anchored by; sorting those few is fine, walking
// through all of them in the wanted order is not.
func TestViewsAreReadByTheIndexOfTheirAnchor(t *testing.T) {
	db := storetest.OpenSQLite(t)
	unsolved := []desk.Status{desk.New, desk.Open, desk.Pending, desk.Hold}
	match := func(field string, values ...string) desk.Where {
		return desk.Where{All: []desk.Match{{Field: field, Values: values}}}
	}
	fieldIs := asking(directory.FieldCondition{Field: 1001, Type: directory.DropdownField, Operator: directory.FieldIs, Value: "kettle"})
	solvedSince := desk.Where{All: []desk.Match{{Field: "solved_at", From: noon}}}
	for name, test := range map[string]struct {
		f           desk.TicketFilter
		list, count string
	}{
		"mine":               {desk.TicketFilter{Statuses: unsolved, Where: match("assignee_id", "7")}, "ticket_assignee (assignee_id=? AND status=?", "ticket_assignee (assignee_id=? AND status=?"},
		"of a team":          {desk.TicketFilter{Statuses: unsolved, Where: match("group_id", "7")}, "ticket_team (team_id=? AND status=?", "ticket_team (team_id=? AND status=?"},
		"urgent, by status":  {desk.TicketFilter{Statuses: unsolved, Where: match("priority", "urgent"), Sort: desk.SortStatus}, "ticket_status (status=?", "ticket_status (status=?"},
		"oldest first":       {desk.TicketFilter{Statuses: unsolved, Where: match("priority", "urgent"), Sort: desk.SortCreated}, "ticket_status (status=?", "ticket_status (status=?"},
		"in groups":          {desk.TicketFilter{Statuses: unsolved, Where: match("via_id", "email"), Group: desk.SortAssignee}, "ticket_status (status=?", "ticket_status (status=?"},
		"tag":                {desk.TicketFilter{Where: match("current_tags", "vip")}, "ticket_tag_tag (tag=?", "ticket_tag_tag (tag=?"},
		"tag, unsolved":      {desk.TicketFilter{Statuses: unsolved, Where: match("current_tags", "vip")}, "ticket_status (status=?", "ticket_status (status=?"},
		"requester":          {desk.TicketFilter{Where: match("requester_id", "7")}, "ticket_requester (requester_id=?", "ticket_requester (requester_id=?"},
		"flagged":            {desk.TicketFilter{Where: match("flagged", "true")}, "comment_flagged", "comment_flagged"},
		"failed deliveries":  {desk.TicketFilter{Where: match("delivery_failed", "true")}, "mail_state (state=?)", "mail_state (state=?)"},
		"solved since":       {desk.TicketFilter{Statuses: []desk.Status{desk.Solved, desk.Closed}, Where: solvedSince, Sort: desk.SortSolved}, "ticket_solved (solved_at>?", "ticket_solved (solved_at>?"},
		"lately solved":      {desk.TicketFilter{Statuses: []desk.Status{desk.Solved, desk.Closed}, Where: solvedSince}, "ticket_status (status=? AND updated_at>?", "ticket_status (status=? AND updated_at>?"},
		"due, any status":    {desk.TicketFilter{Where: desk.Where{All: []desk.Match{{Field: "until_due_date", From: noon, Until: noon.Add(time.Hour)}}}}, "ticket_due (due_at>?", "ticket_due (due_at>?"},
		"tasks":              {desk.TicketFilter{Where: match("type", "task")}, "ticket_type (type=?", "ticket_type (type=?"},
		"field, unsolved":    {desk.TicketFilter{Statuses: unsolved, Where: fieldIs}, "ticket_status (status=?", "ticket_status (status=?"},
		"field":              {desk.TicketFilter{Where: fieldIs}, "field_value_text (field_id=? AND folded=?", "field_value_text (field_id=? AND folded=?"},
		"all solved, by day": {desk.TicketFilter{Statuses: []desk.Status{desk.Solved, desk.Closed}, Where: match("priority", "low")}, "ticket_status (status=?", "ticket_status (status=?"},
	} {
		test.f.Limit = 50
		plan := read(t, db, func(tx *store.Tx) (string, error) { return tx.ExplainTickets(t.Context(), test.f) })
		if !strings.Contains(plan, test.list) {
			t.Errorf("list of %s does not use %s:\n%s", name, test.list, plan)
		}
		plan = read(t, db, func(tx *store.Tx) (string, error) { return tx.ExplainCount(t.Context(), test.f) })
		if !strings.Contains(plan, test.count) {
			t.Errorf("count of %s does not use %s:\n%s", name, test.count, plan)
		}
	}
}

// On PostgreSQL, which plans by what it knows of the data, no view looks through
// the whole table.
func TestViewsScanNoTableOnPostgres(t *testing.T) {
	db := storetest.Open(t, storetest.PostgresURL(t), store.Options{})
	h := furnish(t, db)
	update(t, db, func(tx *store.Tx) error { return tx.FillTickets(t.Context(), 20_000, int64(h.brand.ID)) })
	if err := db.Analyze(t.Context()); err != nil {
		t.Fatal(err)
	}
	unsolved := []desk.Status{desk.New, desk.Open, desk.Pending, desk.Hold}
	match := func(field string, values ...string) desk.Where {
		return desk.Where{All: []desk.Match{{Field: field, Values: values}}}
	}
	for name, f := range map[string]desk.TicketFilter{
		"mine":              {Statuses: unsolved, Where: match("assignee_id", "7")},
		"unassigned":        {Statuses: unsolved, Where: match("assignee_id", "")},
		"urgent, by status": {Statuses: unsolved, Where: match("priority", "urgent"), Sort: desk.SortStatus},
		"oldest first":      {Statuses: unsolved, Where: match("via_id", "email"), Sort: desk.SortCreated},
		"in groups":         {Statuses: unsolved, Where: match("via_id", "email"), Group: desk.SortAssignee},
		"tag":               {Where: match("current_tags", "vip")},
		"requester":         {Where: match("requester_id", "7")},
		"flagged":           {Where: match("flagged", "true")},
		"failed deliveries": {Where: match("delivery_failed", "true")},
	} {
		f.Limit = 50
		for what, explain := range map[string]func(*store.Tx) (string, error){
			"list":  func(tx *store.Tx) (string, error) { return tx.ExplainTickets(t.Context(), f) },
			"count": func(tx *store.Tx) (string, error) { return tx.ExplainCount(t.Context(), f) },
		} {
			if plan := read(t, db, explain); strings.Contains(plan, "Seq Scan on ticket ") {
				t.Errorf("%s of %s:\n%s", what, name, plan)
			} else if strings.Contains(plan, "Filter: (priority") {
				t.Errorf("%s of %s looks at tickets for a priority that the index has:\n%s", what, name, plan)
			}
		}
	}
}

// The mail channel asks these for every mail, and with every turn of its loops.
func TestLedgerIsReadByIndex(t *testing.T) {
	db := storetest.OpenSQLite(t)
	for query, index := range map[string]string{
		"SELECT * FROM mail WHERE connection_id = 1 AND microsoft_id <> '' AND microsoft_id IN ('a', 'b')":                   "mail_microsoft (connection_id=? AND microsoft_id=?)",
		"SELECT * FROM mail WHERE " + strings.NewReplacer("$1", "1", "$2", "'key'").Replace(store.Original):                  "mail_original (connection_id=? AND dedupe_key=?)",
		"SELECT * FROM mail WHERE connection_id = 1 AND state = 'noticed' AND next_attempt_at <= 5 ORDER BY received_at, id": "mail_unfetched (connection_id=?)",
		"SELECT * FROM mail WHERE connection_id = 1 AND " + store.Unfiled + " ORDER BY id":                                   "mail_unfiled (connection_id=?)",
		"SELECT * FROM mail WHERE direction = 'out' AND comment_id <> 0 AND comment_id IN (1, 2)":                            "mail_outgoing (comment_id=?)",
		"SELECT id FROM job WHERE state = 'waiting' AND run_at <= 5 ORDER BY run_at, id LIMIT 5":                             "job_state (state=? AND run_at<?)",
		"SELECT MIN(run_at) FROM job WHERE state = 'waiting' AND run_at > 5":                                                 "job_state (state=? AND run_at>?)",
		"SELECT id FROM job WHERE state = 'running' AND lease_until <= 5":                                                    "job_state (state=?)",
	} {
		plan := read(t, db, func(tx *store.Tx) (string, error) { return tx.Explain(t.Context(), query) })
		if !strings.Contains(plan, index) || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s\ndoes not use %s alone:\n%s", query, index, plan)
		}
	}
}
