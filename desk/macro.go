package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/directory"
)

// MacroID identifies a macro.
type MacroID int64

// MaxMacros bounds the shared macros, and those of one person.
const MaxMacros = 5000

// categoryMark parts the levels of a macro's title: "Billing::Refund".
const categoryMark = "::"

// Macro is what agents do again and again to tickets, done at once: it sets
// properties and begins a comment. Nothing is saved until the agent submits it.
type Macro struct {
	ID          MacroID
	Title       string
	Description string
	Active      bool
	Position    int // among the shared ones, or among those of the owner; 1 comes first
	Audience
	Actions   []Action
	SavedBy   directory.UserID // 0: Tandem itself
	CreatedAt time.Time
	UpdatedAt time.Time
}

// MacroTx stores macros.
type MacroTx interface {
	ListMacros(context.Context) ([]*Macro, error) // by position
	GetMacro(context.Context, MacroID) (*Macro, error)
	InsertMacro(context.Context, *Macro) error // sets ID
	UpdateMacro(context.Context, *Macro) error
	DeleteMacro(context.Context, MacroID) error
}

func (m *Macro) rank() *int    { return &m.Position }
func (m *Macro) among() string { return number(m.Owner) }

// Category is what stands before the last part of the title; empty when it has one part.
func (m *Macro) Category() string {
	i := strings.LastIndex(m.Title, categoryMark)
	return m.Title[:max(i, 0)]
}

// MacroDraft is the comment that a macro begins.
type MacroDraft struct {
	Text   string // empty: none, or HTML only
	HTML   string // sanitised; empty: text only
	Public *bool  // nil: as the agent has it
}

// macroActions are all that macros can do, under Zendesk's names ("Actions reference").
var macroActions = repertoire(slices.Concat(propertyActions, []*action{
	{Definition{Field: "subject", Group: "ticket", Input: InputText}, setSubject},
	{Definition{Field: "comment_value", Group: "message", Input: InputText}, draftText},
	{Definition{Field: "comment_value_html", Group: "message", Input: InputHTML}, draftHTML},
	{Definition{Field: "comment_mode_is_public", Group: "message", Input: InputList, Values: yesNo}, draftMode},
}))

// MacroDefinitions describe what macros can do.
func MacroDefinitions() []Definition { return macroActions.definitions() }

func (m *Macro) tidy() {
	parts := strings.Split(oneLine(clean(m.Title)), categoryMark)
	for i, part := range parts {
		parts[i] = strings.TrimSpace(part)
	}
	m.Title, m.Description = strings.Join(parts, categoryMark), strings.TrimSpace(clean(m.Description))
	macroActions.tidy(m.Actions)
}

// Validate says everything that is wrong with a macro, each with the input at
// fault. Whether the people and things exist that it names is another question;
// see brokenMacro.
func (m *Macro) Validate(fields ...*directory.Field) error {
	var f faults
	f.names(m.Title, m.Description, "macro")
	switch n := len(m.Actions); {
	case n == 0:
		f.add("actions", "actions_missing", "A macro needs an action.")
	case n > MaxActions:
		f.add("actions", "too_many", "A macro has at most %d actions.", MaxActions)
	}
	for i, a := range m.Actions {
		f.action(fmt.Sprintf("actions.%d", i), a, macroActions, fields)
	}
	return f.refuse("macro")
}

// brokenMacro tells what a macro names that is no longer there.
func (s *Service) brokenMacro(ctx context.Context, tx Tx, m *Macro) (faults, error) {
	fields, err := s.ticketFields(ctx, tx)
	if err != nil {
		return nil, err
	}
	var f faults
	if err := f.brokenActions(ctx, tx, m.Actions, macroActions, fields); err != nil {
		return nil, err
	}
	return f, m.Audience.broken(ctx, tx, &f)
}
