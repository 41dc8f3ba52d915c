package desk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
)

func (w *world) macro(by access.Actor, title string, actions ...desk.Action) *desk.ShownMacro {
	w.t.Helper()
	var whose desk.Audience
	if by.MustAdminister() != nil {
		whose.Owner = by.UserID
	}
	m, err := w.desk.CreateMacro(w.t.Context(), by, desk.MacroChange{Title: &title, Actions: &actions, Audience: &whose})
	w.must(err)
	return m
}

func TestMacroTellsWhatItMakesOfATicket(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		_, _, err := w.desk.Update(w.t.Context(), w.agent, ticket.ID, desk.Change{Tags: &[]string{"old", "vip"}})
		w.must(err)
		m := w.macro(w.admin, "Orders::Ask for the number",
			desk.Action{Field: "status", Value: []string{"pending"}},
			desk.Action{Field: "assignee_id", Value: []string{"current_user"}},
			desk.Action{Field: "current_tags", Value: []string{"asked"}}, desk.Action{Field: "remove_tags", Value: []string{"old"}},
			desk.Action{Field: "comment_value", Value: []string{"Dear {{ticket.requester.first_name}},\n\nyour ticket is {{ticket.id}}. {{current_user.name}}"}},
			desk.Action{Field: "comment_mode_is_public", Value: []string{"true"}},
		)
		a, err := w.desk.ApplyMacro(w.t.Context(), w.agent, m.ID, ticket.ID)
		w.must(err)
		changed := make(map[string]string)
		for _, e := range a.Changes {
			changed[e.Field] = e.After
		}
		if a.Ticket.AssigneeID != w.agent.UserID || changed["status"] != "pending" || changed["tags"] != "vip asked" {
			w.t.Errorf("changes %v", changed)
		}
		if a.Draft.Public == nil || !*a.Draft.Public || !strings.HasPrefix(a.Draft.Text, "Dear Aiko,\n\nyour ticket is ") || !strings.HasSuffix(a.Draft.Text, "Ana") {
			w.t.Errorf("draft %+v", a.Draft)
		}
		if now := w.ticket(ticket.ID); now.Status != desk.New || len(now.Tags) != 2 {
			w.t.Errorf("the ticket was changed: %+v", now)
		}
	})
}

func TestMacroAddsFollowers(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		m := w.macro(w.admin, "Watch it", desk.Action{Field: "follower", Value: []string{"current_user"}}, desk.Action{Field: "follower", Value: []string{number(w.colleague.UserID)}})
		a, err := w.desk.ApplyMacro(w.t.Context(), w.agent, m.ID, ticket.ID)
		w.must(err)
		if want := []directory.UserID{w.agent.UserID, w.colleague.UserID}; !slices.Equal(a.Ticket.Followers, want) || len(a.Changes) != 1 {
			w.t.Errorf("followers %v, changes %+v", a.Ticket.Followers, a.Changes)
		}
	})
}

func TestMacroSetsCustomFields(t *testing.T) {
	each(t, func(w *world) {
		product, weight := w.product(desk.FieldChange{}), w.define(directory.DecimalField, "Weight", desk.FieldChange{})
		ticket := w.mailIn()
		m := w.macro(w.admin, "A light kettle",
			desk.Action{Field: product.Name(), Value: []string{"kettle"}}, desk.Action{Field: weight.Name(), Value: []string{"0.90"}},
			desk.Action{Field: "comment_value", Value: []string{"Your {{ticket.ticket_field_option_title_" + fmt.Sprint(int64(product.ID)) + "}}:"}},
		)
		a, err := w.desk.ApplyMacro(w.t.Context(), w.agent, m.ID, ticket.ID)
		w.must(err)
		want := directory.FieldValues{product.ID: "kettle", weight.ID: "0.9"}
		if diff := cmp.Diff(want, a.Ticket.Fields); diff != "" || a.Draft.Text != "Your Kettle:" || !slices.Contains(a.Ticket.Tags, "kettle") {
			w.t.Errorf("%s, tags %v, text %q", diff, a.Ticket.Tags, a.Draft.Text)
		}
		w.must(w.desk.DeleteField(w.t.Context(), w.admin, directory.TicketFields, weight.ID))
		a, err = w.desk.ApplyMacro(w.t.Context(), w.agent, m.ID, ticket.ID)
		w.must(err)
		if len(a.Failed) != 1 || a.Failed[0].Code != "gone_field" || a.Failed[0].Name != "Weight" || a.Ticket.Fields[product.ID] != "kettle" {
			w.t.Errorf("failed %+v, fields %v", a.Failed, a.Ticket.Fields)
		}
	})
}

// What a stranger writes as subject or name must not become markup in an agent's reply.
func TestMacroMakesFilledInTextHarmless(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		_, _, err := w.desk.Update(w.t.Context(), w.agent, ticket.ID, desk.Change{Subject: ref("<img src=x onerror=alert(1)> & co")})
		w.must(err)
		m := w.macro(w.agent, "Reply", desk.Action{Field: "comment_value_html", Value: []string{"<p>About <b>{{ticket.title}}</b></p><script>alert(2)</script>"}})
		a, err := w.desk.ApplyMacro(w.t.Context(), w.agent, m.ID, ticket.ID)
		w.must(err)
		if want := "<p>About <b>&lt;img src=x onerror=alert(1)&gt; &amp; co</b></p>"; a.Draft.HTML != want {
			w.t.Errorf("HTML %q", a.Draft.HTML)
		}
		if want := "About <img src=x onerror=alert(1)> & co"; strings.TrimSpace(a.Draft.Text) != want {
			w.t.Errorf("text %q", a.Draft.Text)
		}
	})
}

// A note is for colleagues; a reply must not carry what was written in one.
func TestMacroKeepsNotesOutOfReplies(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		_, _, err := w.desk.AddNote(w.t.Context(), w.agent, ticket.ID, desk.Draft{Text: "difficult customer"})
		w.must(err)
		said := desk.Action{Field: "comment_value", Value: []string{"{{ticket.latest_comment}}"}}
		for public, want := range map[string]string{"true": "Where is it?", "false": "difficult customer"} {
			m := w.macro(w.agent, "Quote", said, desk.Action{Field: "comment_mode_is_public", Value: []string{public}})
			a, err := w.desk.ApplyMacro(w.t.Context(), w.agent, m.ID, ticket.ID)
			w.must(err)
			if a.Draft.Text != want {
				w.t.Errorf("public %s: %q", public, a.Draft.Text)
			}
		}
	})
}

func TestMacroLeavesOutWhatIsGone(t *testing.T) {
	each(t, func(w *world) {
		ticket := w.mailIn()
		m := w.macro(w.admin, "Give it away", desk.Action{Field: "priority", Value: []string{"high"}})
		w.update(func(tx desk.Tx) error {
			stored, err := tx.GetMacro(w.t.Context(), m.ID)
			if err != nil {
				return err
			}
			stored.Actions = append(stored.Actions, desk.Action{Field: "assignee_id", Value: []string{"4711"}}, desk.Action{Field: "gone", Value: []string{"x"}})
			return tx.UpdateMacro(w.t.Context(), stored)
		})
		a, err := w.desk.ApplyMacro(w.t.Context(), w.agent, m.ID, ticket.ID)
		w.must(err)
		if a.Ticket.Priority != desk.High || a.Ticket.AssigneeID != 0 || len(a.Failed) != 2 {
			w.t.Errorf("applied %+v, failed %v", a.Ticket, a.Failed)
		}
		shown, err := w.desk.Macro(w.t.Context(), w.agent, m.ID)
		w.must(err)
		if len(shown.Broken) == 0 {
			w.t.Error("it does not say that it is broken")
		}
		w.setStatus(ticket.ID, desk.Closed)
		_, err = w.desk.ApplyMacro(w.t.Context(), w.agent, m.ID, ticket.ID)
		w.refused(err, "ticket_closed")
	})
}

func TestMacrosBelongToSomebody(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		actions := []desk.Action{{Field: "priority", Value: []string{"high"}}}
		own, err := w.desk.CreateMacro(ctx, w.agent, desk.MacroChange{Title: ref("Mine"), Actions: &actions, Audience: &desk.Audience{Owner: w.agent.UserID}})
		w.must(err)
		shared := w.macro(w.admin, "A::B::Shared", actions...)
		for _, other := range []access.Actor{w.colleague, w.admin} {
			_, err := w.desk.ApplyMacro(ctx, other, own.ID, 0)
			w.refused(err, "not_found")
			w.refused(w.desk.DeleteMacros(ctx, other, own.ID), "not_found")
		}
		_, err = w.desk.ChangeMacro(ctx, w.agent, shared.ID, desk.MacroChange{Title: ref("Mine, too")})
		w.refused(err, "shared_by_administrators")
		categories, err := w.desk.MacroCategories(ctx, w.colleague)
		w.must(err)
		if diff := cmp.Diff([]string{"A", "A::B"}, categories); diff != "" {
			w.t.Error(diff)
		}
		_, err = w.desk.CreateMacro(ctx, w.admin, desk.MacroChange{Title: ref("Empty")})
		w.refused(err, "macro_invalid")
		_, err = w.desk.CreateMacro(ctx, w.admin, desk.MacroChange{Title: ref("Unknown"), Actions: &[]desk.Action{{Field: "comment_value", Value: []string{"{{ticket.moon}}"}}}})
		w.refused(err, "macro_invalid")
	})
}
