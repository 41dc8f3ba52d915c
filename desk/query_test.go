package desk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/problem"
)

func TestQueriesSayWhatCannotBeUnderstood(t *testing.T) {
	for query, code := range map[string]string{
		"statsu:open":             "query_property_unknown",
		"-priorty>low":            "query_property_unknown",
		"status:":                 "query_value",
		"type:article":            "query_value",
		"sort:up":                 "query_value",
		"order_by:mood":           "query_value",
		"via>email":               "query_value",
		strings.Repeat("x ", 61):  "query_too_many_terms",
		strings.Repeat("x", 4001): "query_too_long",
	} {
		_, err := desk.ParseQuery(query)
		if p := problem.As(err); p == nil || p.Code != code {
			t.Errorf("%.20q: %v, want %s", query, err, code)
		}
	}
	_, err := desk.ParseQuery("statsu:open")
	if p := problem.As(err); p == nil || !strings.Contains(p.Remedy, "status") {
		t.Errorf("no suggestion: %+v", err)
	}
	for _, query := range []string{"", "Re: hello", "https://example.com/a?b=c", "12:30", `"unbalanced`, `status:"open`, "-", "--", ":", "<>", `""`, "*", "a\x00b", "\xff", "- -x", "「返品」", "名前：山田"} {
		if _, err := desk.ParseQuery(query); err != nil {
			t.Errorf("%q: %v", query, err)
		}
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, seed := range []string{`type:ticket status<solved -tags:"a b" "red car" created>3days`, `custom_field_7:x* "`, "status：open 返品"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := desk.ParseQuery(s)
		if (q == nil) == (err == nil) || err != nil && problem.As(err) == nil {
			t.Errorf("%q: %v, %v", s, q, err)
		}
	})
}

// found gives the names of the tickets that a query finds, in their order.
func (w *world) found(by access.Actor, query string, names map[desk.TicketID]string) string {
	w.t.Helper()
	result, err := w.desk.Search(w.t.Context(), by, desk.SearchRequest{Query: query, Types: []desk.ResultType{desk.TicketResult}, Limit: 50})
	if err != nil {
		w.t.Fatalf("%q: %v", query, err)
	}
	var found []string
	for _, f := range result.Found {
		found = append(found, names[f.Ticket.ID])
	}
	if result.Count() != len(found) {
		w.t.Errorf("%q counts %d, finds %d", query, result.Count(), len(found))
	}
	return strings.Join(found, " ")
}

func TestSearchUnderstandsZendesksLanguage(t *testing.T) {
	each(t, func(w *world) {
		names := make(map[desk.TicketID]string)
		open := func(name string, n desk.NewTicket) *desk.Ticket {
			if n.RequesterID == 0 {
				n.RequesterID = w.requester.ID
			}
			n.Via = desk.ByEmail
			var made *desk.Ticket
			w.update(func(tx desk.Tx) (err error) {
				made, _, err = w.desk.Open(t.Context(), tx, n)
				return err
			})
			names[made.ID] = name
			w.clock.pass(24 * time.Hour)
			return made
		}
		say := func(text string) desk.NewComment { return desk.NewComment{Text: text, Public: true} }
		// noon is 22 November 2026, 12:00 UTC; each ticket is a day later.
		a := open("a", desk.NewTicket{Subject: "返品の件", Priority: desk.High, Tags: []string{"vip", "returns"}, ExternalID: "ERP-7", Comment: say("The red car is broken")})
		open("b", desk.NewTicket{Subject: "Red shoes", AssigneeID: w.agent.UserID, Comment: say("too small")})
		open("c", desk.NewTicket{Subject: "Invoice", RequesterID: w.stranger.ID, Tags: []string{"billing"}, Status: desk.Pending, Comment: say("請求書をください、red")})
		open("d", desk.NewTicket{Subject: "Solved already", Status: desk.Solved, Priority: desk.Urgent, CCs: []directory.UserID{w.stranger.ID}, Comment: say("nothing")})
		for query, want := range map[string]string{
			"red": "b c a", "type:ticket red": "b c a", "RED -shoes": "c a", `"red car"`: "a", `-"red car" red`: "b c", "subject:red": "b", "comment:red": "c a",
			"返品": "a", "請求": "c", "status:open": "b", "status<pending": "b a", "status<=pending": "c b a", "status>pending": "d", "-status:solved": "c b a",
			"status:open status:pending": "c b", "status:open,pending": "c b", "priority>normal": "d a", "priority:none": "c b", "priority:high": "a",
			"assignee:me": "b", "assignee:none -status:solved": "c a", "assignee:ana@contoso.example": "b", "assignee:nobody@contoso.example": "",
			"requester:sam": "c", "requester:sam@elsewhere.example": "c", `requester:"Sam Stranger"`: "c", "-requester:sam": "d b a", "cc:sam": "d",
			"tags:vip": "a", "tags:vip tags:billing": "c a", "-tags:vip": "d c b", "tags:vi": "", "-red": "d", "tags:none": "d b", "-tags:none": "c a", "external_id:ERP-7": "a", "via:email": "d c b a", "via:api": "",
			"created:2026-11-22": "a", "created>2026-11-23": "d c", "created>=2026-11-23": "d c b", "created<2026-11-23": "a", "created:2026-11": "d c b a", "created:2025": "",
			"created>=2026-11-23 created<=2026-11-24": "c b", "created>36hours": "d", "created<3days": "a", "created:2days": "d c", "solved>2026-01-01": "d",
			"has_attachment:true": "", "has_attachment:false": "d c b a", "order_by:created sort:asc": "a b c d", "red order_by:created sort:asc": "a b c",
			"order_by:priority sort:desc": "d a c b", "#" + number(a.ID): "a", "id:" + number(a.ID): "a", "type:user red": "", "role:agent": "", "red*": "b c a", "sho": "", "sho*": "b",
			"shoe": "b", "%": "d c b a", "' OR 1=1 --": "", `") OR title : ("`: "", "NOT": "", "NEAR(red car)": "", "a\x00b": "", "red \x00": "b c a", `red "`: "b c a",
		} {
			if got := w.found(w.agent, query, names); got != want {
				t.Errorf("%q finds %q, want %q", query, got, want)
			}
		}
		if _, err := w.desk.Search(t.Context(), access.Actor{UserID: w.requester.ID, Role: directory.EndUser}, desk.SearchRequest{Query: "red"}); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("a requester searches: %v", err)
		}
	})
}

func TestSearchFindsPeopleAndDaysOfTheSearchersZone(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		w.update(func(tx desk.Tx) error {
			u, err := tx.GetUser(t.Context(), w.agent.UserID)
			if err != nil {
				return err
			}
			u.TimeZone = "Pacific/Kiritimati" // 14 hours ahead
			return tx.UpdateUser(t.Context(), u)
		})
		names := map[desk.TicketID]string{ticket.ID: "it"}
		if got := w.found(w.agent, "created:2026-11-23", names); got != "it" {
			t.Errorf("a day in the searcher's zone finds %q", got)
		}
		if got := w.found(w.admin, "created:2026-11-23", names); got != "" {
			t.Errorf("a day in UTC finds %q", got)
		}
		result, err := w.desk.Search(t.Context(), w.agent, desk.SearchRequest{Query: "aik", Limit: 10})
		w.must(err)
		if len(result.Found) == 0 || result.Found[len(result.Found)-1].User == nil || result.Found[len(result.Found)-1].User.Name != "Aiko Tanaka" {
			t.Errorf("found %+v", result.Found)
		}
	})
}

func TestSearchKnowsOrganizationsAndTeams(t *testing.T) {
	each(t, func(w *world) {
		ctx := t.Context()
		made := w.organization("Fabrikam Kitchens", "fabrikam.example")
		w.organization("Tailspin Toys")
		ticket := w.mailIn()
		names := map[desk.TicketID]string{ticket.ID: "it"}
		for query, want := range map[string]string{
			`organization:"Fabrikam Kitchens"`: "it", "organization:fabri": "it", "organization:" + number(made.ID): "it", "organization:tailspin": "", "organization:none": "",
			"-organization:fabri": "", "-organization:tailspin": "it", "organization:fabri status:new": "it",
		} {
			if got := w.found(w.agent, query, names); got != want {
				t.Errorf("%q finds %q, want %q", query, got, want)
			}
		}
		for query, want := range map[string]string{
			"type:organization kitchens": "Fabrikam Kitchens", "type:organization": "Fabrikam Kitchens, Tailspin Toys", "type:organization fabrikam.example": "Fabrikam Kitchens",
			"type:organization -toys": "Fabrikam Kitchens", "type:organization name:tail": "Tailspin Toys", "type:organization status:new": "", "type:user organization:fabri": "Aiko Tanaka",
			"type:user organization:tailspin": "", "type:organization nobody": "",
		} {
			result, err := w.desk.Search(ctx, w.agent, desk.SearchRequest{Query: query, Limit: 10})
			w.must(err)
			var found []string
			for _, f := range result.Found {
				switch {
				case f.Organization != nil:
					found = append(found, f.Organization.Name)
				case f.Team != nil:
					found = append(found, f.Team.Name)
				case f.User != nil:
					found = append(found, f.User.Name)
				}
			}
			if got := strings.Join(found, ", "); got != want || result.Count() != len(found) {
				t.Errorf("%q finds %q and counts %d, want %q", query, got, result.Count(), want)
			}
		}
	})
}

func TestSearchFindsTypesAndWhatIsDue(t *testing.T) {
	each(t, func(w *world) {
		problem, report, late, soon := w.mailIn().ID, w.mailIn().ID, w.mailIn().ID, w.mailIn().ID
		names := map[desk.TicketID]string{problem: "problem", report: "report", late: "late", soon: "soon", w.mailIn().ID: "mail"}
		w.must(w.classify(problem, desk.Change{Type: ref(desk.Problem)}))
		w.must(w.classify(report, desk.Change{Type: ref(desk.Incident), ProblemID: &problem}))
		w.must(w.classify(late, desk.Change{Type: ref(desk.Task), DueAt: ref(noon.Add(-time.Hour))}))
		w.must(w.classify(soon, desk.Change{Type: ref(desk.Task), DueAt: ref(noon.Add(24 * time.Hour))}))
		for query, want := range map[string]string{
			"ticket_type:problem": "problem", "ticket_type:none": "mail", "ticket_type:problem,incident": "problem report", "-ticket_type:task": "mail problem report",
			"ticket_type:task due_date>2026-11-22": "soon", "due_date<=2026-11-22": "late", "due_date>=2026-11-22": "late soon", "due_date:2026-11-23": "soon",
			"due_date:tomorrow": "soon", "due_at:today": "late", "due_date<1hour": "", "due_date<30minutes": "late", "-due_date:tomorrow": "late mail problem report",
			"ticket_type:task order_by:due_date sort:asc": "late soon", "order_by:ticket_type sort:asc ticket_type:task,problem": "late problem soon",
		} {
			got := strings.Fields(w.found(w.agent, query, names))
			slices.Sort(got)
			if strings.Join(got, " ") != want {
				t.Errorf("%q finds %q, want %q", query, got, want)
			}
		}
		if got := w.found(w.agent, "order_by:due_date sort:asc -ticket_type:none,problem", names); got != "late soon report" {
			t.Errorf("by when they are due: %s", got)
		}
		_, err := w.desk.Search(t.Context(), w.agent, desk.SearchRequest{Query: "ticket_type:wish"})
		w.refused(err, "query_value")
	})
}

// Tickets are found by how their option is called now, and by each word of a tag.
func TestSearchFindsTagsByWordAndRenamedOptions(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		names := map[desk.TicketID]string{ticket.ID: "it"}
		product := w.product(desk.FieldChange{})
		w.must(w.setField(ticket.ID, product, "kettle"))
		_, _, err := w.desk.Update(t.Context(), w.agent, ticket.ID, desk.Change{Tags: &[]string{"kettle", "refund_promised-today"}})
		w.must(err)
		options := slices.Clone(product.Options)
		options[1].Name = "Samovar"
		_, err = w.desk.ChangeField(t.Context(), w.admin, directory.TicketFields, product.ID, desk.FieldChange{Options: &options})
		w.must(err)
		for query, want := range map[string]string{
			"samovar": "it", "fieldvalue:samovar": "it", "refund_promised-today": "it", "promised": "it", "tags:refund_promised-today": "it", "tags:promised": "", "kettle": "it",
		} {
			if got := w.found(w.agent, query, names); got != want {
				t.Errorf("%q finds %q, want %q", query, got, want)
			}
		}
	})
}

// What changes is found as it is, at once, and no longer as it was.
func TestSearchFollowsChanges(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		names := map[desk.TicketID]string{ticket.ID: "it"}
		wants := func(query, want string) {
			t.Helper()
			if got := w.found(w.agent, query, names); got != want {
				t.Errorf("%q finds %q, want %q", query, got, want)
			}
		}
		subject := "Zeppelin"
		_, _, err := w.desk.Update(t.Context(), w.agent, ticket.ID, desk.Change{Subject: &subject, Tags: &[]string{"aerial"}})
		w.must(err)
		wants("zeppelin", "it")
		wants("aerial", "it")
		wants("subject:"+ticket.Subject, "")
		_, reply, err := w.desk.Reply(t.Context(), w.agent, ticket.ID, desk.Draft{Text: "A hippopotamus"})
		w.must(err)
		wants("hippopotamus", "it")
		_, err = w.desk.CancelDelivery(t.Context(), w.agent, ticket.ID, reply.ID)
		w.must(err)
		wants("hippopotamus", "")
		w.update(func(tx desk.Tx) error {
			u, err := tx.GetUser(t.Context(), w.requester.ID)
			if err != nil {
				return err
			}
			u.Name = "Penelope"
			return tx.UpdateUser(t.Context(), u)
		})
		wants("penelope", "it")
		wants("tanaka", "")
		_, err = w.desk.Merge(t.Context(), w.agent, w.requester.ID, w.stranger.ID)
		w.must(err)
		wants("penelope", "")
		wants("stranger", "it")
		wants("aiko@fabrikam.example", "it") // which is one of Sam's addresses now
	})
}

func number[T ~int64](n T) string { return fmt.Sprint(int64(n)) }
