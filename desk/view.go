package desk

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

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
	Name   string // Zendesk's
	Sort   Sort   // empty: it does not sort
	Groups bool
}

// ViewColumns are all of them, in the order in which people choose among them.
var ViewColumns = []ViewColumn{
	{"status", SortStatus, true},
	{"nice_id", SortID, false},
	{"subject", SortSubject, false},
	{"requester", SortRequester, true},
	{"assignee", SortAssignee, true},
	{"group", SortTeam, true},
	{"priority", SortPriority, true},
	{"brand", SortBrand, true},
	{"tags", "", false},
	{"recipient", "", false},
	{"via", "", false},
	{"created", SortCreated, false},
	{"updated", SortUpdated, false},
	{"solved", SortSolved, false},
}

func viewColumn(name string) *ViewColumn {
	i := slices.IndexFunc(ViewColumns, func(c ViewColumn) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return &ViewColumns[i]
}

// ColumnOf names the column that an order goes by; empty when there is none.
func ColumnOf(s Sort) string {
	i := slices.IndexFunc(ViewColumns, func(c ViewColumn) bool { return s != "" && c.Sort == s })
	if i < 0 {
		return ""
	}
	return ViewColumns[i].Name
}

// SortOf is the order by a column, under any of its names; the name itself when
// there is none, which Validate then refuses.
func SortOf(column string) Sort {
	switch column {
	case "id", "ticket_id":
		return SortID
	case "created_at", "updated_at", "solved_at":
		return Sort(column)
	}
	if c := viewColumn(column); c != nil && c.Sort != "" {
		return c.Sort
	}
	return Sort(column)
}

// defaultColumns are those of a view that names none.
var defaultColumns = []string{"status", "nice_id", "subject", "requester", "assignee", "priority", "updated"}

func (v *View) tidy() {
	v.Title, v.Description = oneLine(clean(v.Title)), strings.TrimSpace(clean(v.Description))
	v.Conditions.tidy(nil)
	if len(v.Columns) == 0 {
		v.Columns = defaultColumns
	}
	v.Columns = slices.Clone(v.Columns)
	for i, name := range v.Columns {
		if known := ColumnOf(SortOf(name)); known != "" {
			v.Columns[i] = known
		}
	}
	if v.Sort == "" {
		v.Sort, v.Descending = SortUpdated, true
	}
}

// Validate says everything that is wrong with a view, each with the input at
// fault. Whether the people and things exist that it names is another question;
// see brokenView.
func (v *View) Validate() error {
	var f faults
	f.names(v.Title, v.Description, "view")
	f.viewed(v)
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
func (f *faults) viewed(v *View) {
	if n := len(v.Conditions.All) + len(v.Conditions.Any); n > MaxConditions {
		f.add("conditions", "too_many", "A view has at most %d conditions.", MaxConditions)
	}
	// Zendesk asks for the same ("Views reference"): an index leads to what such a condition names.
	if !slices.ContainsFunc(v.Conditions.All, Condition.anchors) {
		f.add("conditions.all", "anchor_missing", "A view must ask for status, assignee, team, requester, tags or the like in the conditions that all are met.")
	}
	for path, c := range v.Conditions.places() {
		f.condition(path, c, atRest, nil)
		if known := conditionField(c.Field); known != nil && known.Input == InputTime && c.Value != "" {
			if _, _, err := c.span(time.Time{}); err != nil {
				f.add(path+".value", "unknown_value", "%q is neither a number of hours nor a day.", c.Value)
			}
		}
	}
	if len(v.Columns) > MaxViewColumns {
		f.add("columns", "too_many", "A view has at most %d columns.", MaxViewColumns)
	}
	f.arranged(v)
}

// arranged judges columns and order, which may name a field that is gone.
func (f *faults) arranged(v *View) {
	for _, name := range v.Columns {
		if viewColumn(name) == nil {
			f.add("columns", "unknown_column", "There is no column %q.", name)
		}
	}
	if ColumnOf(v.Sort) == "" {
		f.add("sort_by", "unknown_column", "Views cannot be sorted by %q.", v.Sort)
	}
	if v.Group == "" {
		return
	}
	if c := viewColumn(ColumnOf(v.Group)); c == nil || !c.Groups {
		f.add("group_by", "unknown_column", "Views cannot be grouped by %q.", v.Group)
	}
}

// anchors tells whether an index leads to the tickets that meet the condition.
func (c Condition) anchors() bool {
	f := conditionField(c.Field)
	return f != nil && f.anchor && c.Operator != IncludesNot
}

// brokenView tells what a view names that is no longer there.
func brokenView(ctx context.Context, tx Tx, v *View) (faults, error) {
	var f faults
	f.arranged(v)
	if err := f.brokenConditions(ctx, tx, v.Conditions, atRest, nil); err != nil {
		return nil, err
	}
	return f, v.Audience.broken(ctx, tx, &f)
}
