package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tandem/access"
	"tandem/directory"
	"tandem/event"
	"tandem/problem"
)

// ShownView is a view with what is known of it.
type ShownView struct {
	*View
	Broken  []problem.Detail // what it names that is no longer there
	Offered bool             // whoever asks works with it; administrators also see what they keep for others
	fields  fieldSet
}

// ViewsFilter chooses views; the zero value means all that somebody may see.
type ViewsFilter struct {
	KeptFilter
	Most int // 0: all
}

// views are where they stand.
func (s *Service) views(tx Tx) shelf[View, *View] {
	return shelf[View, *View]{
		Service: s, tx: tx, what: "view", most: MaxViews, list: tx.ListViews, insert: tx.InsertView, update: tx.UpdateView,
		get:    func(ctx context.Context, id int64) (*View, error) { return tx.GetView(ctx, ViewID(id)) },
		remove: func(ctx context.Context, id int64) error { return tx.DeleteView(ctx, ViewID(id)) },
		broken: s.brokenView, facts: viewFacts,
	}
}

// Views lists the views that somebody may see: shared ones, then their own.
func (s *Service) Views(ctx context.Context, by access.Actor, f ViewsFilter) (shown []*ShownView, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		shown = nil
		who, err := s.viewer(ctx, tx, by.UserID)
		if err != nil {
			return err
		}
		all, err := s.views(tx).offered(ctx, by, who.teams, f.KeptFilter)
		if err != nil {
			return err
		}
		if f.Most > 0 {
			all = all[:min(f.Most, len(all))]
		}
		for _, v := range all {
			one, err := s.showView(ctx, tx, v, who)
			if err != nil {
				return err
			}
			shown = append(shown, one)
		}
		return nil
	})
	return shown, err
}

func (s *Service) showView(ctx context.Context, tx Tx, v *View, who viewer) (*ShownView, error) {
	broken, err := s.brokenView(ctx, tx, v)
	if err != nil {
		return nil, fmt.Errorf("view %d: %w", v.ID, err)
	}
	return &ShownView{View: v, Broken: broken, Offered: v.offered(who.id, who.teams), fields: who.fields}, nil
}

// Column is what is known of one of the view's columns; of one that is gone, the name.
func (v *ShownView) Column(name string) ViewColumn {
	if c := v.fields.column(name); c != nil {
		return *c
	}
	return ViewColumn{Name: name}
}

// View gives one view. Those of others are not found.
func (s *Service) View(ctx context.Context, by access.Actor, id ViewID) (shown *ShownView, err error) {
	if err := by.MustWork(); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		shown, _, err = s.visibleView(ctx, tx, by, id)
		return err
	})
	return shown, err
}

// visibleView gives one view, and who looks at it.
func (s *Service) visibleView(ctx context.Context, tx Tx, by access.Actor, id ViewID) (*ShownView, viewer, error) {
	who, err := s.viewer(ctx, tx, by.UserID)
	if err != nil {
		return nil, who, err
	}
	v, err := s.views(tx).visibleTo(ctx, by, who.teams, int64(id))
	if err != nil {
		return nil, who, err
	}
	shown, err := s.showView(ctx, tx, v, who)
	return shown, who, err
}

// ViewChange is what somebody sets at a view; nil leaves a thing as it is.
type ViewChange struct {
	Title       *string
	Description *string
	Active      *bool
	Position    *int // beyond the last: the last
	Audience    *Audience
	Conditions  *Conditions
	Columns     *[]string
	Sort        *Sort
	Descending  *bool
	Group       *Sort
	GroupDown   *bool
}

// rule tells whether the change is about which tickets the view shows, and how.
func (ch ViewChange) rule() bool {
	return ch.Conditions != nil || ch.Columns != nil || ch.Sort != nil || ch.Group != nil
}

func (s *Service) alterView(ctx context.Context, tx Tx, by access.Actor, v *View, ch ViewChange) error {
	fields, err := s.ticketFields(ctx, tx)
	if err != nil {
		return err
	}
	if ch.Title != nil && *ch.Title != v.Title {
		v.Title, v.Shipped = *ch.Title, ""
	}
	set(&v.Description, ch.Description)
	set(&v.Active, ch.Active)
	v.Audience.set(by, ch.Audience)
	set(&v.Conditions, ch.Conditions)
	set(&v.Columns, ch.Columns)
	set(&v.Sort, ch.Sort)
	set(&v.Descending, ch.Descending)
	set(&v.Group, ch.Group)
	set(&v.GroupDown, ch.GroupDown)
	v.tidy(fields)
	return nil
}

// CreateView adds a view, in last place unless the change says otherwise: a
// shared one when the audience says so, which administrators alone may do.
func (s *Service) CreateView(ctx context.Context, by access.Actor, ch ViewChange) (*ShownView, error) {
	var id ViewID
	err := s.tend(ctx, by, event.ViewUpdated, func(tx Tx) error {
		v := &View{Active: true, SavedBy: by.UserID, CreatedAt: s.now(), UpdatedAt: s.now()}
		if err := s.alterView(ctx, tx, by, v, ch); err != nil {
			return err
		}
		err := s.views(tx).add(ctx, by, v, ch.Position)
		id = v.ID
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.View(ctx, by, id)
}

// ChangeView changes one view.
func (s *Service) ChangeView(ctx context.Context, by access.Actor, id ViewID, ch ViewChange) (*ShownView, error) {
	if err := s.ChangeViews(ctx, by, map[ViewID]ViewChange{id: ch}); err != nil {
		return nil, err
	}
	return s.View(ctx, by, id)
}

// ChangeViews changes several views, all of them or none. What is changed
// besides its rule, such as being switched off, is allowed to a broken one.
func (s *Service) ChangeViews(ctx context.Context, by access.Actor, changes map[ViewID]ViewChange) error {
	return s.tend(ctx, by, event.ViewUpdated, func(tx Tx) error {
		shelf := s.views(tx)
		for _, id := range sortedIDs(changes) {
			ch := changes[id]
			if err := shelf.change(ctx, by, int64(id), func(v *View) (bool, error) {
				return ch.rule(), s.alterView(ctx, tx, by, v, ch)
			}); err != nil {
				return err
			}
		}
		return shelf.rearrange(ctx, func(v *View) *int { return changes[v.ID].Position })
	})
}

// DeleteViews removes views, all of them or none.
func (s *Service) DeleteViews(ctx context.Context, by access.Actor, ids ...ViewID) error {
	return s.tend(ctx, by, event.ViewUpdated, func(tx Tx) error { return s.views(tx).delete(ctx, by, plainIDs(ids)) })
}

// viewFacts is what the audit trail keeps of a view; nil for none.
func viewFacts(v *View) any {
	if v == nil {
		return nil
	}
	return map[string]any{
		"title": v.Title, "active": v.Active, "position": v.Position, "teams": v.Teams, "conditions": v.Conditions, "columns": v.Columns,
		"sort_by": ColumnOf(v.Sort), "group_by": ColumnOf(v.Group),
	}
}

// OpenView is a view and the list of tickets that it is for whoever asks; see List.
func (s *Service) OpenView(ctx context.Context, by access.Actor, id ViewID) (shown *ShownView, f TicketFilter, err error) {
	if err := by.MustWork(); err != nil {
		return nil, f, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		var who viewer
		if shown, who, err = s.visibleView(ctx, tx, by, id); err != nil {
			return err
		}
		f, err = shown.list(who)
		return err
	})
	return shown, f, err
}

// PreviewView is a view that is not saved yet, and its list; it needs no title.
func (s *Service) PreviewView(ctx context.Context, by access.Actor, ch ViewChange) (shown *ShownView, f TicketFilter, err error) {
	if err := by.MustWork(); err != nil {
		return nil, f, err
	}
	ch.Title = nil
	err = s.store.View(ctx, func(tx Tx) error {
		v := &View{Title: "preview"}
		if err := s.alterView(ctx, tx, by, v, ch); err != nil {
			return err
		}
		if err := s.views(tx).mustWork(ctx, v); err != nil {
			return err
		}
		who, err := s.viewer(ctx, tx, by.UserID)
		if err != nil {
			return err
		}
		if shown, err = s.showView(ctx, tx, v, who); err != nil {
			return err
		}
		f, err = shown.list(who)
		return err
	})
	return shown, f, err
}

// list is the view as a list of tickets, or the problem "view_broken", which says
// what it names that is gone.
func (v *ShownView) list(who viewer) (f TicketFilter, err error) {
	broken := slices.DeleteFunc(slices.Clone(v.Broken), func(d problem.Detail) bool {
		return d.Field == "columns" || strings.HasPrefix(d.Field, "restriction")
	})
	if len(broken) > 0 {
		p := problem.New(problem.Invalid, "view_broken", "The view %q cannot be listed: %s", v.Title, broken[0].Message).
			On(problem.Admin, "Edit the view: choose something else where it is marked, or remove the condition.")
		p.Details = broken
		return f, p
	}
	return v.filter(who), nil
}

// teamsOf are the teams that a person belongs to.
func teamsOf(ctx context.Context, tx Tx, id directory.UserID) ([]directory.TeamID, error) {
	memberships, err := tx.ListMemberships(ctx, directory.MembershipFilter{Teams: true, User: id})
	var teams []directory.TeamID
	for _, m := range memberships {
		teams = append(teams, m.TeamID)
	}
	return teams, err
}
