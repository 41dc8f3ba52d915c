package desk

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tandem/access"
	"tandem/directory"
)

// ViewID identifies a view.
type ViewID int64

// Limits of views.
const (
	MaxViews       = 1000 // shared ones; and of one person, as many again
	MaxViewTitle   = 200  // characters
	MaxViewText    = 2000 // characters of the description
	MaxViewColumns = 15   // a row has to fit on a screen
)

// View is a list of tickets that people come back to: conditions, what is shown
// of each ticket, and the order.
type View struct {
	ID          ViewID
	Title       string
	Description string
	Active      bool
	Position    int    // among the shared ones, or among those of the owner; 1 comes first
	Shipped     string // name of one that came with Tandem and has its title still; empty: none
	Audience
	Conditions Conditions
	Columns    []string // see ViewColumns
	Sort       Sort
	Descending bool
	Group      Sort // empty: no groups
	GroupDown  bool
	SavedBy    directory.UserID // 0: Tandem itself
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// ViewTx stores views.
type ViewTx interface {
	ListViews(context.Context) ([]*View, error) // by position
	GetView(context.Context, ViewID) (*View, error)
	InsertView(context.Context, *View) error // sets ID
	UpdateView(context.Context, *View) error
	DeleteView(context.Context, ViewID) error
	// ShipOnce tells whether something that comes with Tandem is yet to be added; it is asked once.
	ShipOnce(ctx context.Context, what string) (bool, error)
}

// ViewColumn is something that a view can show of a ticket, or be put in order by.
type ViewColumn struct {
	Name   string // Zendesk's; that of a custom field as conditions name it
	Sort   Sort   // empty: it does not sort
	Groups bool
	Field  *directory.Field // a custom one; nil otherwise
}

// viewColumns are what every ticket has, in the order in which people choose among it.
var viewColumns = []ViewColumn{
	{Name: "status", Sort: SortStatus, Groups: true},
	{Name: "nice_id", Sort: SortID},
	{Name: "subject", Sort: SortSubject},
	{Name: "requester", Sort: SortRequester, Groups: true},
	{Name: "assignee", Sort: SortAssignee, Groups: true},
	{Name: "group", Sort: SortTeam, Groups: true},
	{Name: "priority", Sort: SortPriority, Groups: true},
	{Name: "type", Sort: SortType, Groups: true},
	{Name: "brand", Sort: SortBrand, Groups: true},
	{Name: "tags"},
	{Name: "recipient"},
	{Name: "via"},
	{Name: "created", Sort: SortCreated},
	{Name: "updated", Sort: SortUpdated},
	{Name: "solved", Sort: SortSolved},
	{Name: "due_date", Sort: SortDue},
}

// columns are all that views can show, active custom fields last.
func (s fieldSet) columns() []ViewColumn {
	all := slices.Clone(viewColumns)
	for _, f := range s {
		if f.Active {
			all = append(all, columnOn(f))
		}
	}
	return all
}

// columnOn is the column that shows a custom field.
func columnOn(f *directory.Field) ViewColumn {
	c := ViewColumn{Name: f.Name(), Field: f, Groups: f.Type == directory.DropdownField || f.Type == directory.CheckboxField}
	if f.Type != directory.MultiselectField && f.Type != directory.TextareaField {
		c.Sort = Sort(c.Name)
	}
	return c
}

// column gives a column by its name; nil when there is none.
func (s fieldSet) column(name string) *ViewColumn {
	if i := slices.IndexFunc(viewColumns, func(c ViewColumn) bool { return c.Name == name }); i >= 0 {
		return &viewColumns[i]
	}
	f := s.find(directory.TicketFieldNamed(name))
	if f == nil {
		return nil
	}
	c := columnOn(f)
	return &c
}

// ColumnOf names the column that an order goes by; empty when there is none.
func ColumnOf(s Sort) string {
	if s.customField() != 0 {
		return string(s)
	}
	i := slices.IndexFunc(viewColumns, func(c ViewColumn) bool { return s != "" && c.Sort == s })
	if i < 0 {
		return ""
	}
	return viewColumns[i].Name
}

// SortableColumns are the names of the columns of tickets that lists can be sorted by.
func SortableColumns() (names []string) {
	for _, c := range viewColumns {
		if c.Sort != "" {
			names = append(names, c.Name)
		}
	}
	return names
}

// ColumnNamed is the name of a column that a client names in another way: Zendesk's
// clients say the number of a custom field. What is no column stays as it is.
func ColumnNamed(name string) string {
	switch name {
	case "id", "ticket_id":
		return "nice_id"
	case "created_at", "updated_at", "solved_at":
		return strings.TrimSuffix(name, "_at")
	case "ticket_type":
		return "type"
	case "due_at":
		return "due_date"
	}
	if id := idOf[directory.FieldID](name); id > 0 {
		return directory.TicketFieldName(id)
	}
	return name
}

// SortOf is the order by a column, under any of its names; the name itself when
// there is none, which Validate then refuses.
func SortOf(column string) Sort {
	column = ColumnNamed(column)
	if c := fieldSet(nil).column(column); c != nil && c.Sort != "" {
		return c.Sort
	}
	return Sort(column)
}

// ViewVocabulary is what views can look at and show.
type ViewVocabulary struct {
	Conditions []Definition
	Columns    []ViewColumn
}

// ViewVocabulary gives what views can look at and show.
func (s *Service) ViewVocabulary(ctx context.Context, by access.Actor) (*ViewVocabulary, error) {
	fields, err := s.TicketFields(ctx, by)
	if err != nil {
		return nil, err
	}
	v := &ViewVocabulary{Conditions: fieldSet(fields).conditions(atRest), Columns: fieldSet(fields).columns()}
	for i := range v.Conditions {
		if v.Conditions[i].Input == InputTeam {
			v.Conditions[i].Values = []string{currentTeams}
		}
	}
	return v, nil
}

// defaultColumns are those of a view that names none.
var defaultColumns = []string{"status", "nice_id", "subject", "requester", "assignee", "priority", "updated"}

func (v *View) tidy(fields fieldSet) {
	v.Title, v.Description = oneLine(clean(v.Title)), strings.TrimSpace(clean(v.Description))
	v.Conditions.tidy(fields)
	if len(v.Columns) == 0 {
		v.Columns = defaultColumns
	}
	v.Columns = slices.Clone(v.Columns)
	for i, name := range v.Columns {
		v.Columns[i] = ColumnNamed(name)
	}
	if v.Sort == "" {
		v.Sort, v.Descending = SortUpdated, true
	}
}

// Validate says everything that is wrong with a view, each with the input at
// fault. Whether the people and things exist that it names is another question;
// see brokenView.
func (v *View) Validate(fields ...*directory.Field) error {
	var f faults
	f.names(v.Title, v.Description, "view")
	f.viewed(v, fields)
	return f.refuse("view")
}

// names judges what people call a view or macro.
func (f *faults) names(title, description, what string) {
	if title == "" {
		f.add("title", "title_missing", "A %s needs a title.", what)
	}
	if utf8.RuneCountInString(title) > MaxViewTitle {
		f.add("title", "too_long", "The title is longer than %d characters.", MaxViewTitle)
	}
	if utf8.RuneCountInString(description) > MaxViewText {
		f.add("description", "too_long", "The description is longer than %d characters.", MaxViewText)
	}
}

// viewed judges which tickets a view shows, and how.
func (f *faults) viewed(v *View, fields fieldSet) {
	if n := len(v.Conditions.All) + len(v.Conditions.Any); n > MaxConditions {
		f.add("conditions", "too_many", "A view has at most %d conditions.", MaxConditions)
	}
	// Zendesk asks for the same ("Views reference"): an index leads to what such a condition names.
	if !slices.ContainsFunc(v.Conditions.All, Condition.anchors) {
		f.add("conditions.all", "anchor_missing", "A view must ask for status, assignee, team, requester, tags or the like in the conditions that all are met.")
	}
	for path, c := range v.Conditions.places() {
		f.condition(path, c, atRest, fields)
		if known := conditionField(c.Field); known != nil && known.Input == InputTime && c.Value != "" {
			if _, _, err := c.span(time.Time{}); err != nil {
				f.add(path+".value", "unknown_value", "%q is neither a number of hours nor a day.", c.Value)
			}
		}
	}
	if len(v.Columns) > MaxViewColumns {
		f.add("columns", "too_many", "A view has at most %d columns.", MaxViewColumns)
	}
	f.arranged(v, fields)
}

// arranged judges columns and order, which may name a field that is gone.
func (f *faults) arranged(v *View, fields fieldSet) {
	for _, name := range v.Columns {
		if fields.column(name) == nil {
			f.about(name, "columns", "unknown_column", "There is no column %q.", name)
		}
	}
	if c := fields.column(ColumnOf(v.Sort)); c == nil || c.Sort == "" {
		f.about(string(v.Sort), "sort_by", "unknown_column", "Views cannot be sorted by %q.", v.Sort)
	}
	if v.Group == "" {
		return
	}
	if c := fields.column(ColumnOf(v.Group)); c == nil || !c.Groups {
		f.about(string(v.Group), "group_by", "unknown_column", "Views cannot be grouped by %q.", v.Group)
	}
}

// anchors tells whether an index leads to the tickets that meet the condition.
func (c Condition) anchors() bool {
	f := conditionField(c.Field)
	return f != nil && f.anchor && c.Operator != IncludesNot
}

// brokenView tells what a view names that is no longer there.
func (s *Service) brokenView(ctx context.Context, tx Tx, v *View) (faults, error) {
	fields, err := s.ticketFields(ctx, tx)
	if err != nil {
		return nil, err
	}
	var f faults
	f.arranged(v, fields)
	if err := f.brokenConditions(ctx, tx, v.Conditions, atRest, fields); err != nil {
		return nil, err
	}
	return f, v.Audience.broken(ctx, tx, &f)
}
