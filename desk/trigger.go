package desk

import (
	"context"
	"time"

	"tandem/directory"
)

// TriggerID identifies a trigger.
type TriggerID int64

// Limits of triggers.
const (
	MaxTriggers     = 7000     // as many as Zendesk lets be active
	MaxTriggerTitle = 200      // characters
	MaxTriggerText  = 2000     // characters of the description
	MaxConditions   = 100      // of one trigger
	MaxActions      = 50       // of one trigger
	MaxTriggerValue = 64 << 10 // bytes of one value
)

// Trigger is a rule that acts when a ticket is created or changed: when the
// conditions are met, the actions are done, in the same transaction.
//
// Triggers are looked at in the order of their positions. After one has fired
// and changed the ticket, all are looked at again from the first; each fires at
// most once for a change, so that every change comes to an end. What was brought
// in from before (Imported) causes nothing.
type Trigger struct {
	ID          TriggerID
	Title       string
	Description string
	Active      bool
	Position    int  // 1 is looked at first
	Shipped     bool // came with Tandem
	Conditions  Conditions
	Actions     []Action
	SavedBy     directory.UserID // who saved it last, in whose name its notes are; 0: Tandem itself
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Conditions are met when all of All are, and one of Any unless there is none.
type Conditions struct {
	All []Condition `json:"all"`
	Any []Condition `json:"any"`
}

// Condition compares one field with a value.
type Condition struct {
	Field    string   `json:"field"`
	Operator Operator `json:"operator"`
	Value    string   `json:"value"`
}

// Action is one thing that a trigger does. Most take one value; a mail takes
// whom it goes to, subject and text.
type Action struct {
	Field string   `json:"field"`
	Value []string `json:"value"`
}

// TriggerTx stores triggers and how often they fire.
type TriggerTx interface {
	// ListTriggers gives all, in the order in which they are looked at.
	ListTriggers(context.Context) ([]*Trigger, error)
	GetTrigger(context.Context, TriggerID) (*Trigger, error)
	InsertTrigger(context.Context, *Trigger) error // sets ID
	UpdateTrigger(context.Context, *Trigger) error
	DeleteTrigger(context.Context, TriggerID) error
	// TriggerRevision changes whenever a trigger does; 0: there never was one.
	TriggerRevision(context.Context) (int64, error)
	// RaiseTriggerRevision says that triggers have changed. In an Update nobody
	// else changes them until that ends.
	RaiseTriggerRevision(context.Context) error

	InsertFiring(ctx context.Context, id TriggerID, ticket TicketID, at time.Time) error
	CountFirings(ctx context.Context, since time.Time) (map[TriggerID]int, error)
	DeleteFirings(ctx context.Context, before time.Time) error
}

// Notice is a mail that a trigger writes.
type Notice struct {
	Ticket  TicketID
	To      []Person
	Subject string
	Text    string
	HTML    string    // empty: made of Text
	Auto    bool      // it answers what its recipient has just written
	Key     string    // unique
	At      time.Time // when it leaves; zero: at once
}
