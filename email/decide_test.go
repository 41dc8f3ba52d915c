package email

import (
	"errors"
	"slices"
	"testing"
	"time"

	"tandem/desk"
	"tandem/directory"
	"tandem/email/eml"
	"tandem/problem"
)

func TestDecide(t *testing.T) {
	requester := &directory.User{ID: 1, Email: "ana@client.example", Role: directory.EndUser}
	copied := &directory.User{ID: 2, Email: "bob@client.example", Role: directory.EndUser}
	stranger := &directory.User{ID: 3, Email: "eve@evil.example", Role: directory.EndUser}
	agent := &directory.User{ID: 4, Email: "agent1@contoso.example", Role: directory.Agent}
	suspended := &directory.User{ID: 5, Email: "agent2@contoso.example", Role: directory.Agent, Suspended: true}
	ticket := func(s desk.Status) *desk.Ticket {
		return &desk.Ticket{ID: 7, Status: s, RequesterID: 1, CCs: []directory.UserID{2}, Recipient: "support@contoso.example"}
	}
	refers := func(t *desk.Ticket) []thread { return []thread{{ticket: t, rule: ruleReferences}} }
	guessed := func(t *desk.Ticket) []thread {
		return []thread{{ticket: t, rule: ruleAnsweredFirst, guess: true}}
	}
	for _, test := range []struct {
		name   string
		s      situation
		action action
		rule   string
	}{
		{"nothing is known", situation{}, openTicket, ruleNewTicket},
		{"seen before", situation{original: &Mail{ID: 9}, threads: refers(ticket(desk.Open))}, dropDuplicate, ruleDuplicate},
		{"ours comes back", situation{fromUs: true, marked: true}, dropOurs, ruleOurs},
		{"somebody copies our mark", situation{marked: true}, openTicket, ruleNewTicket},
		{"ours, but a person wrote it", situation{fromUs: true}, suspend, ruleSuspended},
		{"ours, but a form sent it", situation{fromUs: true, screening: screening{form: true}}, openTicket, ruleNewTicket},
		{"requester answers", situation{sender: requester, threads: refers(ticket(desk.Pending))}, addComment, ruleReferences},
		{"requester answers a solved ticket", situation{sender: requester, threads: refers(ticket(desk.Solved))}, addComment, ruleReferences},
		{"requester answers a closed ticket", situation{sender: requester, threads: refers(ticket(desk.Closed))}, openFollowUp, ruleFollowUp},
		{"person in copy answers", situation{sender: copied, threads: refers(ticket(desk.Open))}, addComment, ruleReferences},
		{"agent answers", situation{sender: agent, threads: refers(ticket(desk.Open))}, addComment, ruleReferences},
		{"suspended agent answers", situation{sender: suspended, threads: refers(ticket(desk.Open))}, suspend, ruleSuspended},
		{"stranger answers", situation{sender: stranger, threads: refers(ticket(desk.Open))}, addFlagged, ruleReferences},
		{"unknown stranger answers", situation{threads: refers(ticket(desk.Open))}, addFlagged, ruleReferences},
		{"stranger answers a closed ticket", situation{sender: stranger, threads: refers(ticket(desk.Closed))}, openTicket, ruleNewTicket},
		{"parent comes after its answer", situation{sender: requester, threads: guessed(ticket(desk.Open))}, addComment, ruleAnsweredFirst},
		{"stranger's mail that was referred to", situation{sender: stranger, threads: guessed(ticket(desk.Open))}, openTicket, ruleNewTicket},
		{"the other mailbox gets it too", situation{
			sender: requester, threads: refers(ticket(desk.Open)), otherBoxes: []string{"support@contoso.example"},
		}, openTicket, ruleNewTicket},
		{"it is in the ticket already", situation{
			sender: requester, threads: refers(ticket(desk.Open)), copies: []desk.TicketID{7},
		}, dropDuplicate, ruleCopy},
		{"the second candidate counts", situation{
			sender: requester, otherBoxes: []string{"sales@contoso.example"},
			threads: append([]thread{{ticket: &desk.Ticket{ID: 8, Recipient: "sales@contoso.example"}}}, refers(ticket(desk.Open))...),
		}, addComment, ruleReferences},
	} {
		t.Run(test.name, func(t *testing.T) {
			if d := decide(test.s); d.action != test.action || d.rule != test.rule {
				t.Errorf("decided %d by %s, want %d by %s", d.action, d.rule, test.action, test.rule)
			}
		})
	}
}

func TestTicketsOfTheSameMailAreSiblingsOnce(t *testing.T) {
	d := decide(situation{
		copies: []desk.TicketID{8, 7}, otherBoxes: []string{"support@contoso.example"},
		threads: []thread{{ticket: &desk.Ticket{ID: 7, Recipient: "support@contoso.example"}}},
	})
	if !slices.Equal(d.siblings, []desk.TicketID{7, 8}) {
		t.Errorf("siblings %v, want 7 and 8", d.siblings)
	}
}

func TestJudge(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	down := problem.New(problem.Unavailable, "microsoft_unavailable", "")
	for _, test := range []struct {
		name     string
		attempts int
		age      time.Duration
		step     string
		err      error
		state    MailState
		stops    bool
		wait     time.Duration
	}{
		{"gone", 0, 0, stepFetch, problem.New(problem.NotFound, "not_at_microsoft", ""), Gone, false, 2 * time.Second},
		{"not found while deciding", 0, 0, stepDecide, problem.New(problem.NotFound, "user_not_found", ""), Noticed, false, 2 * time.Second},
		{"throttled", 0, 0, stepFetch, problem.New(problem.Unavailable, "microsoft_throttled", "").After(time.Minute), Noticed, true, time.Minute},
		{"signed out", 3, 0, stepFetch, problem.New(problem.Unauthenticated, "grant_revoked", ""), Noticed, true, 0},
		{"disk full", 3, 0, stepFetch, &storageError{errors.New("disk full")}, Noticed, true, 0},
		{"down, first", 0, 0, stepFetch, down, Noticed, false, 2 * time.Second},
		{"down, fourth", 3, 0, stepFetch, down, Noticed, false, 250 * time.Second},
		{"down for hours", 9, 5 * time.Hour, stepFetch, down, Noticed, false, time.Hour},
		{"down for days", 9, 25 * time.Hour, stepFetch, down, Quarantined, false, 0},
		{"cut, fifth", 4, 0, stepFetch, problem.New(problem.Unavailable, codeCut, ""), Noticed, false, 1250 * time.Second},
		{"cut, sixth", 5, 0, stepFetch, problem.New(problem.Unavailable, codeCut, ""), Quarantined, false, 0},
		{"no mail, second", 1, 0, stepParse, eml.ErrNotMail, Noticed, false, 10 * time.Second},
		{"no mail, third", 2, 0, stepParse, eml.ErrNotMail, Quarantined, false, 0},
		{"too large", 0, 0, stepFetch, eml.ErrTooLarge, Quarantined, false, 0},
		{"no sender", 0, 0, stepDecide, errNoSender(), Quarantined, false, 0},
		{"our own fault, sixth", 5, 0, stepDecide, errors.New("unexpected"), Quarantined, false, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := judge(&Mail{Attempts: test.attempts, NoticedAt: now.Add(-test.age)}, test.step, test.err, now)
			if v.state != test.state || (v.stop != nil) != test.stops {
				t.Errorf("becomes %s, stops %v; want %s, %v", v.state, v.stop != nil, test.state, test.stops)
			}
			if wait := max(0, v.retry.Sub(now)); v.state == Noticed && wait != test.wait {
				t.Errorf("tried again after %v, want %v", wait, test.wait)
			}
			if v.problem.Code == "" || v.problem.Side == "" {
				t.Errorf("the problem says too little: %+v", v.problem)
			}
		})
	}
}

func TestTroubleOf(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	throttled := problem.New(problem.Unavailable, "microsoft_throttled", "").After(time.Second)
	down := problem.New(problem.Unavailable, "microsoft_unavailable", "")
	denied := problem.New(problem.Forbidden, "permission_missing", "").On(problem.Admin, "Reconnect.")
	for _, test := range []struct {
		name     string
		err      error
		failures int
		wait     time.Duration
		shown    string
	}{
		{"throttled", throttled, 1, time.Second, ""},
		{"throttled for 1 s again and again", throttled, 8, 128 * time.Second, ""},
		{"throttled for ever", throttled, 40, 15 * time.Minute, ""},
		{"a hiccup", down, 1, 2 * time.Second, ""},
		{"an outage", down, 3, 8 * time.Second, "microsoft_unavailable"},
		{"a long outage", down, 30, time.Minute, "microsoft_unavailable"},
		{"denied", denied, 1, time.Minute, "permission_missing"},
		{"denied for hours", denied, 30, 15 * time.Minute, "permission_missing"},
		{"disk full", &storageError{errors.New("disk full")}, 1, 5 * time.Second, codeStorage},
	} {
		t.Run(test.name, func(t *testing.T) {
			trouble := troubleOf(test.err, test.failures, now)
			if wait := trouble.until.Sub(now); wait != test.wait {
				t.Errorf("waits %v, want %v", wait, test.wait)
			}
			if shown := trouble.problem; (shown == nil) != (test.shown == "") || (shown != nil && shown.Code != test.shown) {
				t.Errorf("shows %v, want %q", shown, test.shown)
			}
		})
	}
}
