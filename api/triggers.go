package api

import (
	"context"
	"net/http"

	"tandem/access"
	"tandem/desk"
	"tandem/problem"
)

func (s *server) triggerRoutes() {
	const tag = "triggers"
	route(s, op{on: "GET /triggers", id: "list_triggers", says: "List triggers in their order", tag: tag, may: agents}, s.listTriggers)
	route(s, op{on: "GET /triggers/active", id: "list_active_triggers", says: "List the triggers that are switched on", tag: tag, may: agents}, s.listActiveTriggers)
	route(s, op{on: "GET /triggers/search", id: "search_triggers", says: "Find triggers by their title", tag: tag, may: agents}, s.searchTriggers)
	route(s, op{on: "GET /triggers/definitions", id: "trigger_definitions", says: "What conditions can look at, and what triggers can do", tag: tag, may: agents}, s.triggerDefinitions)
	route(s, op{on: "GET /triggers/{id}", id: "show_trigger", says: "Show a trigger", tag: tag, may: agents}, s.showTrigger)
	route(s, op{on: "POST /triggers", id: "create_trigger", says: "Add a trigger", tag: tag, may: admins, status: http.StatusCreated}, s.createTrigger)
	route(s, op{on: "PUT /triggers/reorder", id: "reorder_triggers", says: "Put triggers into an order", tag: tag, may: admins}, s.reorderTriggers)
	route(s, op{on: "PUT /triggers/update_many", id: "update_many_triggers", says: "Move, or switch on and off, several triggers", tag: tag, may: admins}, s.updateManyTriggers)
	route(s, op{on: "PUT /triggers/{id}", id: "update_trigger", says: "Change a trigger", tag: tag, may: admins}, s.updateTrigger)
	route(s, op{on: "DELETE /triggers/destroy_many", id: "delete_many_triggers", says: "Delete several triggers", tag: tag, may: admins}, s.deleteManyTriggers)
	route(s, op{on: "DELETE /triggers/{id}", id: "delete_trigger", says: "Delete a trigger", tag: tag, may: admins}, s.deleteTrigger)
	route(s, op{on: "POST /triggers/test", id: "test_triggers", says: "See what each trigger would do, and why; nothing is written", tag: tag, may: admins}, s.testTriggers)
}

// Trigger is a trigger as the API shows it.
type Trigger struct {
	ID          int64             `json:"id"`
	URL         string            `json:"url"`
	Title       string            `json:"title"`
	RawTitle    string            `json:"raw_title"`
	Description *string           `json:"description"`
	Active      bool              `json:"active"`
	Position    int               `json:"position" doc:"1 is looked at first"`
	Default     bool              `json:"default" doc:"Came with Tandem"`
	CategoryID  *string           `json:"category_id" doc:"Always null"`
	Conditions  TriggerConditions `json:"conditions"`
	Actions     []TriggerAction   `json:"actions"`
	Usage7d     int               `json:"usage_7d" doc:"How often it fired in the last 7 days"`
	Broken      []TriggerFault    `json:"broken" doc:"What it names that is no longer there; it does nothing until that is mended"`
	CreatedAt   instant           `json:"created_at"`
	UpdatedAt   instant           `json:"updated_at"`
}

// TriggerConditions are met when all of all are, and one of any unless there is none.
type TriggerConditions struct {
	All []TriggerCondition `json:"all"`
	Any []TriggerCondition `json:"any"`
}

// TriggerCondition compares one field with a value.
type TriggerCondition struct {
	Field    string `json:"field"`
	Operator string `json:"operator"`
	Value    string `json:"value"`
}

// TriggerAction is one thing that a trigger does.
type TriggerAction struct {
	Field string    `json:"field"`
	Value oneOrMany `json:"value"`
}

// TriggerFault is what is wrong with one input of a trigger.
type TriggerFault struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
	Name    string `json:"name,omitempty" doc:"Of what is gone, where it is known"`
}

func encodeTrigger(q *request, v *desk.TriggerView) Trigger {
	return Trigger{
		ID: int64(v.ID), URL: q.link("/triggers/%d.json", v.ID), Title: v.Title, RawTitle: v.Title, Description: orNull(v.Description),
		Active: v.Active, Position: v.Position, Default: v.Shipped,
		Conditions: encodeConditions(v.Conditions), Actions: each(v.Actions, encodeAction), Usage7d: v.Fired, Broken: each(v.Broken, encodeFault),
		CreatedAt: instant(v.CreatedAt), UpdatedAt: instant(v.UpdatedAt),
	}
}

func encodeConditions(c desk.Conditions) TriggerConditions {
	return TriggerConditions{All: each(c.All, encodeCondition), Any: each(c.Any, encodeCondition)}
}

func encodeCondition(c desk.Condition) TriggerCondition {
	return TriggerCondition{Field: c.Field, Operator: string(c.Operator), Value: c.Value}
}

func encodeAction(a desk.Action) TriggerAction { return TriggerAction{Field: a.Field, Value: a.Value} }

func encodeFault(d problem.Detail) TriggerFault {
	return TriggerFault{Field: d.Field, Code: d.Code, Message: d.Message, Name: d.Name}
}

type listTriggersIn struct {
	Active string `query:"active" enum:"true,false" doc:"Only those that are, or are not, switched on"`
	ListKeptIn
}

type searchTriggersIn struct {
	Query  string `query:"query" maxLength:"200" doc:"Part of the title"`
	Active string `query:"active" enum:"true,false"`
	ListKeptIn
}

type triggersOut struct {
	Body struct {
		Triggers []Trigger `json:"triggers"`
		OffsetMeta
		CursorMeta
	}
}

func activeFilter(text string) *bool {
	if text == "" {
		return nil
	}
	return new(text == "true")
}

func (s *server) listTriggers(ctx context.Context, by access.Actor, in *listTriggersIn) (*triggersOut, error) {
	return s.shownTriggers(ctx, by, desk.TriggerFilter{Active: activeFilter(in.Active)}, in.ListKeptIn)
}

func (s *server) listActiveTriggers(ctx context.Context, by access.Actor, in *ListKeptIn) (*triggersOut, error) {
	return s.shownTriggers(ctx, by, desk.TriggerFilter{Active: activeFilter("true")}, *in)
}

func (s *server) searchTriggers(ctx context.Context, by access.Actor, in *searchTriggersIn) (*triggersOut, error) {
	return s.shownTriggers(ctx, by, desk.TriggerFilter{Active: activeFilter(in.Active), Search: in.Query}, in.ListKeptIn)
}

// shownTriggers answers with all of them in their order, which is what matters, unless a page is asked for.
func (s *server) shownTriggers(ctx context.Context, by access.Actor, f desk.TriggerFilter, in ListKeptIn) (*triggersOut, error) {
	views, err := s.desk.Triggers(ctx, by, f)
	if err != nil {
		return nil, err
	}
	q, out := requestOf(ctx), new(triggersOut)
	out.Body.Triggers, err = pageOfKept(q, in, each(views, encoder(q, encodeTrigger)), func(t Trigger) kept { return kept{t.ID, t.Title, t.CreatedAt, t.UpdatedAt} }, &out.Body.OffsetMeta, &out.Body.CursorMeta)
	return out, err
}

type triggerIn struct {
	ID int64 `path:"id"`
}

type triggerOut struct {
	Body struct {
		Trigger Trigger `json:"trigger"`
	}
}

func shownTrigger(ctx context.Context, v *desk.TriggerView, err error) (*triggerOut, error) {
	return respond(ctx, err, func(q *request, out *triggerOut) { out.Body.Trigger = encodeTrigger(q, v) })
}

func (s *server) showTrigger(ctx context.Context, by access.Actor, in *triggerIn) (*triggerOut, error) {
	v, err := s.desk.Trigger(ctx, by, desk.TriggerID(in.ID))
	return shownTrigger(ctx, v, err)
}

// TriggerBody is what an administrator sets at a trigger; what is absent stays.
type TriggerBody struct {
	NamedBody
	RuleBody
	Actions *[]ActionBody `json:"actions,omitempty"`
}

// NamedBody is what can be set at views, macros and triggers alike.
type NamedBody struct {
	Title       *string          `json:"title,omitempty"`
	Description optional[string] `json:"description,omitzero"`
	Active      *bool            `json:"active,omitempty"`
	Position    *int             `json:"position,omitempty" minimum:"0"`
}

// RuleBody are the conditions of a view or a trigger, in either way in which Zendesk's clients write them.
type RuleBody struct {
	Conditions *ConditionsBody `json:"conditions,omitempty"`
	All        []ConditionBody `json:"all,omitempty" doc:"Another way to give conditions.all"`
	Any        []ConditionBody `json:"any,omitempty" doc:"Another way to give conditions.any"`
}

func (b RuleBody) conditions() *desk.Conditions {
	if b.Conditions == nil && b.All == nil && b.Any == nil {
		return nil
	}
	given := value(b.Conditions)
	return &desk.Conditions{
		All: each(append(given.All, b.All...), ConditionBody.condition),
		Any: each(append(given.Any, b.Any...), ConditionBody.condition),
	}
}

// ConditionsBody are conditions as a client writes them.
type ConditionsBody struct {
	All []ConditionBody `json:"all,omitempty"`
	Any []ConditionBody `json:"any,omitempty"`
}

// ConditionBody is a condition as a client writes it.
type ConditionBody struct {
	Field    string    `json:"field"`
	Operator string    `json:"operator,omitempty" default:"is"`
	Value    looseText `json:"value,omitempty"`
}

// ActionBody is an action as a client writes it.
type ActionBody struct {
	Field string     `json:"field"`
	Value looseTexts `json:"value,omitempty"`
}

func (b TriggerBody) change() desk.TriggerChange {
	return desk.TriggerChange{
		Title: b.Title, Description: b.Description.pointer(), Active: b.Active, Position: b.Position,
		Conditions: b.conditions(), Actions: actionsOf(b.Actions),
	}
}

func actionsOf(bodies *[]ActionBody) *[]desk.Action {
	if bodies == nil {
		return nil
	}
	return new(each(*bodies, func(a ActionBody) desk.Action { return desk.Action{Field: a.Field, Value: a.Value} }))
}

func (c ConditionBody) condition() desk.Condition {
	return desk.Condition{Field: c.Field, Operator: desk.Operator(c.Operator), Value: string(c.Value)}
}

type createTriggerIn struct {
	Body struct {
		Trigger TriggerBody `json:"trigger"`
	}
}

func (s *server) createTrigger(ctx context.Context, by access.Actor, in *createTriggerIn) (*triggerOut, error) {
	v, err := s.desk.CreateTrigger(ctx, by, in.Body.Trigger.change())
	return shownTrigger(ctx, v, err)
}

type updateTriggerIn struct {
	ID   int64 `path:"id"`
	Body struct {
		Trigger TriggerBody `json:"trigger"`
	}
}

func (s *server) updateTrigger(ctx context.Context, by access.Actor, in *updateTriggerIn) (*triggerOut, error) {
	v, err := s.desk.ChangeTrigger(ctx, by, desk.TriggerID(in.ID), in.Body.Trigger.change())
	return shownTrigger(ctx, v, err)
}

func (s *server) deleteTrigger(ctx context.Context, by access.Actor, in *triggerIn) (*none, error) {
	return nil, s.desk.DeleteTriggers(ctx, by, desk.TriggerID(in.ID))
}

type deleteManyTriggersIn struct {
	IDs []int64 `query:"ids" maxItems:"100"`
}

func (s *server) deleteManyTriggers(ctx context.Context, by access.Actor, in *deleteManyTriggersIn) (*none, error) {
	return nil, s.desk.DeleteTriggers(ctx, by, ids[desk.TriggerID](in.IDs)...)
}

type reorderTriggersIn struct {
	Body struct {
		IDs []int64 `json:"trigger_ids" doc:"In the new order; those left out follow in theirs"`
	}
}

func (s *server) reorderTriggers(ctx context.Context, by access.Actor, in *reorderTriggersIn) (*triggersOut, error) {
	if err := s.desk.ReorderTriggers(ctx, by, ids[desk.TriggerID](in.Body.IDs)); err != nil {
		return nil, err
	}
	return s.shownTriggers(ctx, by, desk.TriggerFilter{}, ListKeptIn{})
}

type updateManyTriggersIn struct {
	Body struct {
		Triggers []struct {
			ID       int64 `json:"id"`
			Active   *bool `json:"active,omitempty"`
			Position *int  `json:"position,omitempty" minimum:"0"`
		} `json:"triggers" maxItems:"100"`
	}
}

func (s *server) updateManyTriggers(ctx context.Context, by access.Actor, in *updateManyTriggersIn) (*triggersOut, error) {
	changes := make(map[desk.TriggerID]desk.TriggerChange)
	for _, t := range in.Body.Triggers {
		changes[desk.TriggerID(t.ID)] = desk.TriggerChange{Active: t.Active, Position: t.Position}
	}
	if err := s.desk.ChangeTriggers(ctx, by, changes); err != nil {
		return nil, err
	}
	return s.shownTriggers(ctx, by, desk.TriggerFilter{}, ListKeptIn{})
}
