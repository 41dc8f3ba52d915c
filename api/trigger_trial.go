package api

import (
	"context"

	"tandem/access"
	"tandem/desk"
)

// TriggerTestBody says with what triggers are tested: a ticket, a mail of the
// ledger, or a raw mail.
type TriggerTestBody struct {
	TicketID   int64  `json:"ticket_id,omitempty"`
	UpdateType string `json:"update_type,omitempty" enum:"Create,Change" doc:"Of a ticket: as if it were new (when absent, too), or its last change again"`
	MailID     int64  `json:"mail_id,omitempty"`
	Mail       string `json:"mail,omitempty" doc:"The raw source of a mail"`
}

type testTriggersIn struct {
	Body struct {
		Test TriggerTestBody `json:"test"`
	}
}

// TriggerTest is what the triggers would do.
type TriggerTest struct {
	UpdateType string         `json:"update_type" enum:"Create,Change"`
	TicketID   *int64         `json:"ticket_id" doc:"null: the mail would open a ticket"`
	Subject    string         `json:"subject"`
	Suspended  *string        `json:"suspended" doc:"Cause for which the mail would be suspended first; null: it would not"`
	Changes    []AuditEvent   `json:"changes" doc:"What all triggers together would change"`
	Triggers   []TriggerTrial `json:"triggers" doc:"In their order"`
}

// TriggerTrial is what one trigger would do, and why.
type TriggerTrial struct {
	ID     int64            `json:"id"`
	Title  string           `json:"title"`
	Active bool             `json:"active"`
	Order  *int             `json:"order" doc:"1: it would fire first; null: it would not fire"`
	Met    bool             `json:"met" doc:"Its conditions are met: when it fired, or else at the end"`
	All    []TriggerVerdict `json:"all"`
	Any    []TriggerVerdict `json:"any"`
	Broken []TriggerFault   `json:"broken"`
	Events []AuditEvent     `json:"events" doc:"What it would do"`
	Notes  []string         `json:"notes" doc:"Internal notes that it would add"`
}

// TriggerVerdict is what became of one condition.
type TriggerVerdict struct {
	TriggerCondition
	Met bool   `json:"met"`
	Saw string `json:"saw" doc:"The value at that time"`
	Was string `json:"was" doc:"The value before the change"`
}

func encodeVerdict(v desk.Verdict) TriggerVerdict {
	return TriggerVerdict{TriggerCondition: encodeCondition(v.Condition), Met: v.Met, Saw: v.Saw, Was: v.Was}
}

func encodeTrial(t *desk.TriggerTrial) TriggerTrial {
	return TriggerTrial{
		ID: int64(t.ID), Title: t.Title, Active: t.Active, Order: orNull(t.Order), Met: t.Met,
		All: each(t.All, encodeVerdict), Any: each(t.Any, encodeVerdict), Broken: each(t.Broken, encodeFault),
		Events: encodeEvents(0, t.Events), Notes: some(t.Notes),
	}
}

type testTriggersOut struct {
	Body struct {
		Test TriggerTest `json:"test"`
	}
}

func (s *server) testTriggers(ctx context.Context, by access.Actor, in *testTriggersIn) (*testTriggersOut, error) {
	b := in.Body.Test
	trial, err := s.desk.Rehearse(ctx, by, desk.Rehearsal{
		Ticket: desk.TicketID(b.TicketID), Change: b.UpdateType == "Change", MailID: b.MailID, Mail: b.Mail,
	})
	if err != nil {
		return nil, err
	}
	out := new(testTriggersOut)
	out.Body.Test = TriggerTest{
		UpdateType: "Change", TicketID: orNull(int64(trial.Before.ID)), Subject: trial.Before.Subject, Suspended: orNull(trial.Suspended),
		Changes: encodeEvents(0, trial.Changes()), Triggers: each(trial.Triggers, encodeTrial),
	}
	if trial.Created {
		out.Body.Test.UpdateType = "Create"
	}
	return out, nil
}
