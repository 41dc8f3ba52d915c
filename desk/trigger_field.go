package desk

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"tandem/directory"
	"tandem/text"
)

// Operator names a comparison, as Zendesk's API does.
type Operator string

// The operators. Of words, Is means "contains these very words", and Includes
// "contains at least one of them".
const (
	Is             Operator = "is"
	IsNot          Operator = "is_not"
	Includes       Operator = "includes"
	IncludesNot    Operator = "not_includes"
	LessThan       Operator = "less_than"
	GreaterThan    Operator = "greater_than"
	Changed        Operator = "changed"
	NotChanged     Operator = "not_changed"
	ChangedTo      Operator = "value"
	ChangedFrom    Operator = "value_previous"
	NotChangedTo   Operator = "not_value"
	NotChangedFrom Operator = "not_value_previous"
	Before         Operator = "before" // a day
	After          Operator = "after"  // a day, or later
	Present        Operator = "present"
	NotPresent     Operator = "not_present"
)

// Alone tells whether the operator takes no value.
func (o Operator) Alone() bool {
	return o == Changed || o == NotChanged || o == Present || o == NotPresent
}

// Input says how the value of a condition or action is chosen.
type Input string

// The inputs.
const (
	InputList         Input = "list"         // one of the values
	InputAgent        Input = "agent"        // a person who works here, by id, or one of the values
	InputTeam         Input = "group"        // a team by id; empty: none
	InputBrand        Input = "brand"        // a brand by id
	InputOrganization Input = "organization" // an organization by id; empty: none
	InputPerson       Input = "person"       // anybody, by id, or one of the values
	InputSupport      Input = "support"      // a support address
	InputText         Input = "text"
	InputWords        Input = "words"
	InputTags         Input = "tags"
	InputNumber       Input = "number"
	InputDate         Input = "date"
	InputOptions      Input = "options" // any of the values, separated by blanks
	InputMail         Input = "mail"    // whom it goes to, subject, text
	InputHTML         Input = "html"    // rich text
	InputTime         Input = "time"    // hours that have passed since, or a day
)

// Somebody whom a value names by the part they play.
const (
	currentUser    = "current_user" // who makes the change, or looks at the view
	currentTeams   = "current_groups"
	theRequester   = "requester_id"
	theAssignee    = "assignee_id"
	requesterAndCC = "requester_and_ccs"
	allAgents      = "all_agents"
)

// Definition describes what a condition can look at, or what an action can do.
type Definition struct {
	Field     string
	Title     string // of a custom field; empty: the browser has a word for it
	Group     string // "ticket", "custom", "requester", "update", "mail" or "message"
	Input     Input
	Operators []Operator // of conditions
	Values    []string   // besides ids; in their order, which LessThan goes by
	Titles    []string   // of the values of a custom field
	Optional  bool       // the value may be empty: nobody, none
	custom    *directory.Field
}

// field is what a condition looks at. Triggers judge a change by it, views look
// for tickets by it; each has operators of its own.
type field struct {
	Definition
	rest   []Operator           // of tickets at rest, for views; nil: only triggers ask it
	anchor bool                 // it keeps a view from looking through every ticket there is
	now    func(*update) string // as it is
	was    func(*Ticket) string // as it was before the change; nil: it cannot change
	met    func(*condition, *update) bool
	tidy   func(string) string // brings a value into the form in which it is compared; nil: as it is
}

var (
	equality = []Operator{Is, IsNot}
	changes  = []Operator{Changed, ChangedTo, ChangedFrom, NotChanged, NotChangedTo, NotChangedFrom}
	wording  = []Operator{Includes, IncludesNot, Is, IsNot}
	ranked   = slices.Concat([]Operator{Is, IsNot, LessThan, GreaterThan}, changes)
	owned    = slices.Concat(equality, changes)
	ordered  = []Operator{Is, IsNot, LessThan, GreaterThan}
	elapsed  = []Operator{LessThan, GreaterThan, Before, After}
	tagging  = []Operator{Includes, IncludesNot}

	statusValues   = []string{string(New), string(Open), string(Pending), string(Hold), string(Solved), string(Closed)}
	priorityValues = []string{string(Low), string(Normal), string(High), string(Urgent)}
	typeValues     = []string{string(Question), string(Incident), string(Problem), string(Task)}
	channelValues  = []string{string(ByEmail), string(ByWeb), string(ByAPI)}
	roleValues     = []string{string(directory.EndUser), string(directory.Agent), string(directory.Admin)}
	yesNo          = []string{"true", "false"}
)

// conditionFields are what conditions can look at, in the order in which people
// choose among them. Names and values are Zendesk's where it has the field
// ("Conditions reference"); those of the mail, and the last two of the requester, are ours. Fields
// without operators of their own are for views alone.
var conditionFields = []*field{
	{Definition: Definition{Field: "status", Group: "ticket", Input: InputList, Operators: ranked, Values: statusValues}, rest: ordered, anchor: true,
		now: func(u *update) string { return string(u.ticket.Status) }, was: func(t *Ticket) string { return string(t.Status) }, met: compare},
	{Definition: Definition{Field: "priority", Group: "ticket", Input: InputList, Operators: ranked, Values: priorityValues, Optional: true}, rest: ordered,
		now: func(u *update) string { return string(u.ticket.Priority) }, was: func(t *Ticket) string { return string(t.Priority) }, met: compare},
	{Definition: Definition{Field: "type", Group: "ticket", Input: InputList, Operators: owned, Values: typeValues, Optional: true}, rest: equality, anchor: true,
		now: func(u *update) string { return string(u.ticket.Type) }, was: func(t *Ticket) string { return string(t.Type) }, met: compare},
	{Definition: Definition{Field: "assignee_id", Group: "ticket", Input: InputAgent, Operators: owned, Values: []string{currentUser, theRequester}, Optional: true}, rest: equality, anchor: true,
		now: func(u *update) string { return number(u.ticket.AssigneeID) }, was: func(t *Ticket) string { return number(t.AssigneeID) }, met: compare},
	{Definition: Definition{Field: "group_id", Group: "ticket", Input: InputTeam, Operators: owned, Optional: true}, rest: equality, anchor: true,
		now: func(u *update) string { return number(u.ticket.TeamID) }, was: func(t *Ticket) string { return number(t.TeamID) }, met: compare},
	{Definition: Definition{Field: "brand_id", Group: "ticket", Input: InputBrand, Operators: owned}, rest: equality,
		now: func(u *update) string { return number(u.ticket.BrandID) }, was: func(t *Ticket) string { return number(t.BrandID) }, met: compare},
	{Definition: Definition{Field: "subject_includes_word", Group: "ticket", Input: InputWords, Operators: wording}, rest: wording,
		now: func(u *update) string { return u.ticket.Subject }, met: findWords},
	{Definition: Definition{Field: "current_tags", Group: "ticket", Input: InputTags, Operators: tagging}, rest: tagging, anchor: true,
		now: func(u *update) string { return strings.Join(u.ticket.Tags, " ") }, met: findTags,
		tidy: func(v string) string { return strings.Join(NormalizeTags(splitTags(v)), " ") }},
	{Definition: Definition{Field: "via_id", Group: "ticket", Input: InputList, Operators: equality, Values: channelValues}, rest: equality,
		now: func(u *update) string { return string(u.ticket.Via) }, met: compare, tidy: channelOf},
	{Definition: Definition{Field: "recipient", Group: "ticket", Input: InputSupport, Operators: equality}, rest: equality,
		now: func(u *update) string { return u.ticket.Recipient }, met: compare, tidy: lower},
	{Definition: Definition{Field: "imported", Group: "ticket", Input: InputList, Operators: []Operator{Is}, Values: yesNo}, rest: []Operator{Is},
		now: func(u *update) string { return strconv.FormatBool(u.ticket.Imported) }, met: compare},

	{Definition: Definition{Field: "requester_id", Group: "requester", Input: InputPerson, Operators: equality, Values: []string{currentUser}}, rest: equality, anchor: true,
		now: func(u *update) string { return number(u.ticket.RequesterID) }, met: compare},
	{Definition: Definition{Field: "organization_id", Group: "requester", Input: InputOrganization, Operators: owned, Optional: true}, rest: equality, anchor: true,
		now: func(u *update) string { return number(u.ticket.OrganizationID) }, was: func(t *Ticket) string { return number(t.OrganizationID) }, met: compare},
	{Definition: Definition{Field: "requester_role", Group: "requester", Input: InputList, Operators: equality, Values: roleValues},
		now: func(u *update) string { return roleOf(u.requester) }, met: compare, tidy: zendeskRole},
	{Definition: Definition{Field: "requester_domain", Group: "requester", Input: InputText, Operators: equality},
		now: func(u *update) string { return domainOf(u.requester) }, met: compare, tidy: func(v string) string { return strings.TrimPrefix(lower(v), "@") }},

	{Definition: Definition{Field: "update_type", Group: "update", Input: InputList, Operators: []Operator{Is}, Values: []string{"Create", "Change"}},
		now: (*update).kind, met: compare},
	{Definition: Definition{Field: "role", Group: "update", Input: InputPerson, Operators: equality, Values: roleValues},
		now: func(u *update) string { return roleOf(u.author) }, met: compareAuthor, tidy: zendeskRole},
	{Definition: Definition{Field: "current_via_id", Group: "update", Input: InputList, Operators: equality, Values: channelValues},
		now: func(u *update) string { return string(u.via) }, met: compare, tidy: channelOf},
	{Definition: Definition{Field: "comment_is_public", Group: "update", Input: InputList, Operators: []Operator{Is}, Values: []string{"true", "false", "not_relevant"}},
		now: (*update).publicity, met: comparePublicity},
	{Definition: Definition{Field: "comment_includes_word", Group: "update", Input: InputWords, Operators: wording},
		now: (*update).said, met: findWords},
	{Definition: Definition{Field: "comment_author_role", Group: "update", Input: InputList, Operators: equality, Values: roleValues},
		now: func(u *update) string { return roleOf(u.commenter) }, met: compare, tidy: zendeskRole},
	{Definition: Definition{Field: "attachment", Group: "update", Input: InputList, Operators: []Operator{Is}, Values: []string{"present", "not_present"}},
		now: (*update).attached, met: compare},

	{Definition: Definition{Field: "mail_address", Group: "mail", Input: InputSupport, Operators: equality},
		now: func(u *update) string { return u.facts.Address }, met: compare, tidy: lower},
	{Definition: Definition{Field: "mail_authentication", Group: "mail", Input: InputList, Operators: equality, Values: []string{"pass", "fail", "none"}},
		now: func(u *update) string { return u.facts.Authentication }, met: compare},
	{Definition: Definition{Field: "mail_automatic", Group: "mail", Input: InputList, Operators: []Operator{Is}, Values: yesNo},
		now: func(u *update) string { return strconv.FormatBool(u.facts.Automatic) }, met: compare},
	{Definition: Definition{Field: "mail_language", Group: "mail", Input: InputText, Operators: equality},
		now: func(u *update) string { return u.facts.Language }, met: compareLanguage, tidy: lower},

	{Definition: Definition{Field: "created_at", Group: "time", Input: InputTime}, rest: elapsed},
	{Definition: Definition{Field: "updated_at", Group: "time", Input: InputTime}, rest: elapsed},
	{Definition: Definition{Field: "solved_at", Group: "time", Input: InputTime}, rest: elapsed},
	{Definition: Definition{Field: "due_date", Group: "time", Input: InputTime}, rest: elapsed, anchor: true},
	{Definition: Definition{Field: untilDue, Group: "time", Input: InputTime}, rest: elapsed[:2], anchor: true},
	{Definition: Definition{Field: "flagged", Group: "mail", Input: InputList, Values: yesNo}, rest: []Operator{Is}, anchor: true},
	{Definition: Definition{Field: "delivery_failed", Group: "mail", Input: InputList, Values: yesNo}, rest: []Operator{Is}, anchor: true},
}

func conditionField(name string) *field {
	i := slices.IndexFunc(conditionFields, func(f *field) bool { return f.Field == name })
	if i < 0 {
		return nil
	}
	return conditionFields[i]
}

// vocabulary is what conditions may ask: of a change, or of tickets at rest.
type vocabulary func(*field) []Operator

func ofChanges(f *field) []Operator { return f.Operators }
func atRest(f *field) []Operator    { return f.rest }

// definitions describe what conditions can look at.
func (v vocabulary) definitions(fields []*field) []Definition {
	var all []Definition
	for _, f := range fields {
		if d := f.Definition; len(v(f)) > 0 {
			d.Operators = v(f)
			all = append(all, d)
		}
	}
	return all
}

// ConditionDefinitions describe what the conditions of triggers can look at
// besides custom fields.
func ConditionDefinitions() []Definition { return vocabulary(ofChanges).definitions(conditionFields) }

// condition is one that is ready to be judged.
type condition struct {
	Condition
	*field
	words []string // of findWords and findTags
}

// prepare makes a condition ready; nil when its field or operator is not known.
func (c Condition) prepare(v vocabulary, fields fieldSet) *condition {
	f := fields.condition(c.Field)
	if f == nil || !slices.Contains(v(f), c.Operator) {
		return nil
	}
	ready := &condition{Condition: c, field: f}
	if f.tidy != nil {
		ready.Value = f.tidy(c.Value)
	}
	switch f.Input {
	case InputWords:
		ready.Value = strings.Join(strings.Fields(text.Fold(c.Value)), " ")
		ready.words = strings.Fields(ready.Value)
	case InputTags:
		ready.words = strings.Fields(ready.Value)
	}
	return ready
}

func (c *condition) holds(u *update) bool { return c.met(c, u) }

// previous is the field as it was before the change; empty on a new ticket.
func (c *condition) previous(u *update) string {
	if u.before == nil || c.was == nil {
		return ""
	}
	return c.was(u.before)
}

// compare judges fields that have one value.
func compare(c *condition, u *update) bool {
	now, want := c.now(u), u.named(c.Value)
	if slices.Contains(ordered, c.Operator) {
		return c.agrees(now, want)
	}
	previous := c.previous(u)
	changed := now != previous
	switch c.Operator {
	case Changed:
		return changed
	case NotChanged:
		return !changed
	case ChangedTo:
		return changed && now == want
	case ChangedFrom:
		return changed && previous == want
	case NotChangedTo:
		return !(changed && now == want)
	case NotChangedFrom:
		return !(changed && previous == want)
	}
	return false
}

// agrees compares a value with the one wanted.
func (c *condition) agrees(now, want string) bool {
	switch c.Operator {
	case Is:
		return now == want
	case IsNot:
		return now != want
	case LessThan:
		return cmp.Less(slices.Index(c.Values, now), slices.Index(c.Values, want))
	}
	return cmp.Less(slices.Index(c.Values, want), slices.Index(c.Values, now))
}

// findTags judges whether the ticket has one of the tags.
func findTags(c *condition, u *update) bool {
	has := slices.ContainsFunc(c.words, func(tag string) bool { return slices.Contains(u.ticket.Tags, tag) })
	return has == (c.Operator == Includes)
}

// findWords judges whether a text has one of the words, or the words together.
func findWords(c *condition, u *update) bool {
	said := u.folded(c.field)
	switch c.Operator {
	case Is, IsNot:
		return text.HasWord(said, c.Value) == (c.Operator == Is)
	}
	has := slices.ContainsFunc(c.words, func(word string) bool { return text.HasWord(said, word) })
	return has == (c.Operator == Includes)
}

// compareAuthor judges who makes the change: by role, or the very person.
func compareAuthor(c *condition, u *update) bool {
	now := roleOf(u.author)
	if !slices.Contains(roleValues, c.Value) && u.author != nil {
		now = number(u.author.ID)
	}
	return (now == c.Value) == (c.Operator == Is)
}

// comparePublicity judges the comment; "not_relevant" is Zendesk's word for any comment.
func comparePublicity(c *condition, u *update) bool {
	if c.Value == "not_relevant" {
		return u.comment != nil
	}
	return u.publicity() == c.Value
}

// compareLanguage takes "pt" for every kind of Portuguese.
func compareLanguage(c *condition, u *update) bool {
	now := lower(u.facts.Language)
	same := now == c.Value || c.Value != "" && strings.HasPrefix(now, c.Value+"-")
	return same == (c.Operator == Is)
}

// channelOf understands Zendesk's numbers of channels ("Via types") as well.
func channelOf(v string) string {
	switch v {
	case "0", "web_form":
		return string(ByWeb)
	case "4", "mail":
		return string(ByEmail)
	case "5", "web_service":
		return string(ByAPI)
	}
	return v
}

// zendeskRole understands Zendesk's other names of roles as well.
func zendeskRole(v string) string {
	switch v {
	case "0", "end_user":
		return string(directory.EndUser)
	case "4":
		return string(directory.Agent)
	case "2":
		return string(directory.Admin)
	}
	return v
}

func roleOf(u *directory.User) string {
	if u == nil {
		return ""
	}
	return string(u.Role)
}

func domainOf(u *directory.User) string {
	if u == nil {
		return ""
	}
	return directory.DomainOf(u.Email)
}

func lower(v string) string { return strings.ToLower(strings.TrimSpace(v)) }

// splitTags takes tags apart that people separate by blanks or commas.
func splitTags(v string) []string {
	return strings.FieldsFunc(v, func(r rune) bool {
		return r == ',' || r == '、' || r == ' ' || r == '\t' || r == '\n' || r == '\u3000'
	})
}
