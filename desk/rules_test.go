package desk_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/desk"
	"tandem/directory"
	"tandem/problem"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestStatusTransitions(t *testing.T) {
	for _, test := range []struct {
		from, to desk.Status
		code     string // of the refusal; empty: allowed
	}{
		{desk.New, desk.Open, ""},
		{desk.New, desk.Solved, ""},
		{desk.New, desk.New, ""},
		{desk.Open, desk.Pending, ""},
		{desk.Open, desk.New, "status_new"},
		{desk.Solved, desk.Open, ""},
		{desk.Solved, desk.Closed, ""},
		{desk.Closed, desk.Open, "ticket_closed"},
		{desk.Closed, desk.Closed, ""},
		{desk.Open, "lost", "unknown_status"},
	} {
		ticket := &desk.Ticket{ID: 7, Status: test.from}
		err := ticket.Transition(test.to, noon)
		if got := codeOf(err); got != test.code {
			t.Errorf("%s to %s: got %q, want %q", test.from, test.to, got, test.code)
		}
		if err == nil && ticket.Status != test.to {
			t.Errorf("%s to %s: is %s", test.from, test.to, ticket.Status)
		}
	}
}

func TestSolvedTicketRemembersWhen(t *testing.T) {
	ticket := &desk.Ticket{Status: desk.Open}
	move := func(to desk.Status, at, want time.Time) {
		t.Helper()
		if err := ticket.Transition(to, at); err != nil {
			t.Fatal(err)
		}
		if !ticket.SolvedAt.Equal(want) {
			t.Errorf("%s: solved at %v, want %v", to, ticket.SolvedAt, want)
		}
	}
	move(desk.Solved, noon, noon)
	move(desk.Open, noon.Add(time.Hour), time.Time{})
	move(desk.Solved, noon.Add(2*time.Hour), noon.Add(2*time.Hour))
	move(desk.Closed, noon.Add(3*time.Hour), noon.Add(2*time.Hour))
}

func TestWhatACommentDoesToItsTicket(t *testing.T) {
	const requester, agent, colleague directory.UserID = 1, 2, 3
	roles := map[directory.UserID]directory.Role{requester: directory.EndUser, agent: directory.Agent, 4: directory.EndUser}
	type state struct {
		Status   desk.Status
		Assignee directory.UserID
		Replied  bool
	}
	for _, test := range []struct {
		name     string
		status   desk.Status
		assignee directory.UserID
		author   directory.UserID
		note     bool
		want     state
	}{
		{"requester on new", desk.New, 0, requester, false, state{desk.New, 0, false}},
		{"requester on open", desk.Open, colleague, requester, false, state{desk.Open, colleague, false}},
		{"requester on pending", desk.Pending, colleague, requester, false, state{desk.Open, colleague, false}},
		{"requester on hold", desk.Hold, colleague, requester, false, state{desk.Open, colleague, false}},
		{"requester on solved", desk.Solved, colleague, requester, false, state{desk.Open, colleague, false}},
		{"somebody in copy on solved", desk.Solved, colleague, 4, false, state{desk.Open, colleague, false}},
		{"agent takes an unassigned ticket", desk.New, 0, agent, false, state{desk.Open, agent, true}},
		{"agent helps out", desk.Pending, colleague, agent, false, state{desk.Pending, colleague, true}},
		{"agent's note", desk.New, 0, agent, true, state{desk.New, 0, false}},
		{"stranger's note on solved", desk.Solved, 0, 4, true, state{desk.Solved, 0, false}},
	} {
		t.Run(test.name, func(t *testing.T) {
			ticket := &desk.Ticket{Status: test.status, RequesterID: requester, AssigneeID: test.assignee}
			comment := &desk.Comment{AuthorID: test.author, Public: !test.note, CreatedAt: noon}
			ticket.Hear(comment, &directory.User{ID: test.author, Role: roles[test.author]})
			got := state{ticket.Status, ticket.AssigneeID, !ticket.FirstReplyAt.IsZero()}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAgentsOwnRequestIsNoReply(t *testing.T) {
	ticket := &desk.Ticket{Status: desk.Solved, RequesterID: 2}
	ticket.Hear(&desk.Comment{AuthorID: 2, Public: true, CreatedAt: noon}, &directory.User{ID: 2, Role: directory.Agent})
	if ticket.Status != desk.Open || ticket.AssigneeID != 0 || !ticket.FirstReplyAt.IsZero() {
		t.Errorf("got %s, assignee %d, first reply %v; want it open, nobody's, without a reply", ticket.Status, ticket.AssigneeID, ticket.FirstReplyAt)
	}
}

func TestWhoReadsAPublicComment(t *testing.T) {
	ticket := &desk.Ticket{RequesterID: 1, CCs: []directory.UserID{5, 2, 5}}
	comment := &desk.Comment{AuthorID: 2, Public: true, CCs: []directory.UserID{6, 1}}
	if diff := cmp.Diff([]directory.UserID{1, 5, 6}, ticket.Readers(comment)); diff != "" {
		t.Error(diff)
	}
	agent := &directory.User{ID: 2, Role: directory.Agent}
	if !ticket.Leaves(comment, agent) {
		t.Error("an agent's public comment does not leave")
	}
	if ticket.Leaves(&desk.Comment{AuthorID: 2}, agent) {
		t.Error("a note leaves")
	}
	if ticket.Leaves(&desk.Comment{AuthorID: 1, Public: true}, &directory.User{ID: 1, Role: directory.EndUser}) {
		t.Error("the requester's own words come back to the people in copy")
	}
	own := &desk.Ticket{RequesterID: 2}
	if own.Leaves(&desk.Comment{AuthorID: 2, Public: true}, agent) {
		t.Error("an agent's comment on the own request leaves, though nobody else reads it")
	}
}

func TestTagsAreNormalized(t *testing.T) {
	got := desk.NormalizeTags([]string{" VIP ", "vip", "", "Neue Kunden", "bad\x00tag"})
	if diff := cmp.Diff([]string{"vip", "neue_kunden", "badtag"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestLimitsOfATicket(t *testing.T) {
	ticket := &desk.Ticket{RequesterID: 1}
	var crowd []directory.UserID
	for id := range directory.UserID(desk.MaxCCs + 2) {
		crowd = append(crowd, id+1) // the requester is among them and does not count
	}
	for name, err := range map[string]error{
		"subject_too_long": ticket.SetSubject(strings.Repeat("x", desk.MaxSubject+1)),
		"unknown_priority": ticket.SetPriority("asap"),
		"too_many_ccs":     ticket.SetCCs(crowd),
	} {
		if got := codeOf(err); got != name {
			t.Errorf("got %q, want %q", got, name)
		}
	}
	if err := ticket.SetCCs(crowd[:desk.MaxCCs+1]); err != nil {
		t.Errorf("as many as fit: %v", err)
	}
}

func TestFileNamesAreMadeHarmless(t *testing.T) {
	for name, want := range map[string]string{
		"report.pdf":                      "report.pdf",
		"../../etc/passwd":                "passwd",
		`C:\Users\me\invoice.doc`:         "invoice.doc",
		"..":                              "file",
		"":                                "file",
		"a\x00b\r\nc.txt":                 "abc.txt",
		"photo\u202Egpj.exe":              "photogpj.exe", // shown reversed it would end in jpg
		".htaccess":                       "htaccess",
		"見積書.xlsx":                        "見積書.xlsx",
		strings.Repeat("あ", 500) + ".pdf": strings.Repeat("あ", 196) + ".pdf",
	} {
		if got := desk.FileName(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestUntoldContentTypeIsJudgedByTheBeginning(t *testing.T) {
	png := []byte("\x89PNG\r\n\x1a\n")
	for _, test := range []struct{ told, want string }{
		{"", "image/png"},
		{"application/octet-stream", "image/png"},
		{"text/html; charset=utf-8", "text/html"},
		{"nonsense", "image/png"},
	} {
		if got := desk.ContentType(test.told, png); got != test.want {
			t.Errorf("%q: got %q, want %q", test.told, got, test.want)
		}
	}
}

func codeOf(err error) string {
	if p := problem.As(err); p != nil {
		return p.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}
