package desk

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tandem/directory"
)

// action is what a trigger or a macro can do.
type action struct {
	Definition
	do func(context.Context, *run, *Trigger, Action) error
}

// triggerActions are all that triggers can do, in the order in which people
// choose among them. Names are Zendesk's ("Actions reference"); the note and the
// mail to an address are ours.
var triggerActions = repertoire(slices.Concat(propertyActions, []*action{
	{Definition{Field: "internal_note", Group: "message", Input: InputText}, addNote},
	{Definition{Field: "notification_user", Group: "message", Input: InputMail,
		Values: []string{theRequester, requesterAndCC, theAssignee, currentUser, allAgents}}, notifyUser},
	{Definition{Field: "notification_address", Group: "message", Input: InputMail}, notifyAddress},
}))

// propertyActions set what a ticket is; triggers and macros do it alike.
var propertyActions = []*action{
	{Definition{Field: "status", Group: "ticket", Input: InputList, Values: statusValues[1:]}, setStatus},
	{Definition{Field: "priority", Group: "ticket", Input: InputList, Values: priorityValues, Optional: true}, setPriority},
	{Definition{Field: "type", Group: "ticket", Input: InputList, Values: typeValues, Optional: true}, setType},
	{Definition{Field: "assignee_id", Group: "ticket", Input: InputAgent, Values: []string{currentUser}, Optional: true}, setAssignee},
	{Definition{Field: "group_id", Group: "ticket", Input: InputTeam, Optional: true}, setTeam},
	{Definition{Field: "brand_id", Group: "ticket", Input: InputBrand}, setBrand},
	{Definition{Field: "set_tags", Group: "ticket", Input: InputTags, Optional: true}, setTags},
	{Definition{Field: "current_tags", Group: "ticket", Input: InputTags}, addTags},
	{Definition{Field: "remove_tags", Group: "ticket", Input: InputTags}, removeTags},
	{Definition{Field: "cc", Group: "ticket", Input: InputPerson, Values: []string{currentUser}}, addCC},
	{Definition{Field: "follower", Group: "ticket", Input: InputAgent, Values: []string{currentUser}}, addFollower},
}

// repertoire is all that something can do.
type repertoire []*action

func (r repertoire) named(name string) *action {
	i := slices.IndexFunc(r, func(a *action) bool { return a.Field == name })
	if i < 0 {
		return nil
	}
	return r[i]
}

func (r repertoire) definitions() []Definition {
	all := make([]Definition, len(r))
	for i, a := range r {
		all[i] = a.Definition
	}
	return all
}

// ActionDefinitions describe what triggers can do.
func ActionDefinitions() []Definition { return triggerActions.definitions() }

// value is the n-th value of the action; empty when there are not so many.
func (a Action) value(n int) string {
	if n < len(a.Value) {
		return a.Value[n]
	}
	return ""
}

func setStatus(_ context.Context, r *run, _ *Trigger, a Action) error {
	return r.update.ticket.Transition(Status(a.value(0)), r.now())
}

func setPriority(_ context.Context, r *run, _ *Trigger, a Action) error {
	return r.update.ticket.SetPriority(Priority(a.value(0)))
}

func setType(_ context.Context, r *run, _ *Trigger, a Action) error {
	return r.update.ticket.SetType(Type(a.value(0)))
}

// setAssignee gives the ticket to somebody. Whoever makes the change may be a
// requester, who cannot have it: then nothing happens.
func setAssignee(ctx context.Context, r *run, _ *Trigger, a Action) error {
	to, ok := r.agent(a.value(0))
	if !ok {
		return nil
	}
	r.update.ticket.Assign(to)
	return followAssignee(ctx, r.tx, r.update.ticket)
}

// agent is who works here by an id, or makes the change; not ok when that is a requester.
func (r *run) agent(value string) (id directory.UserID, ok bool) {
	if value != currentUser {
		return idOf[directory.UserID](value), true
	}
	u := r.update.author
	if u == nil || !u.Works() || u.Suspended {
		return 0, false
	}
	return u.ID, true
}

func setTeam(ctx context.Context, r *run, _ *Trigger, a Action) error {
	return moveToTeam(ctx, r.tx, r.update.ticket, idOf[directory.TeamID](a.value(0)))
}

func setBrand(_ context.Context, r *run, _ *Trigger, a Action) error {
	r.update.ticket.BrandID = idOf[directory.BrandID](a.value(0))
	return nil
}

func setTags(_ context.Context, r *run, _ *Trigger, a Action) error {
	return r.update.ticket.SetTags(splitTags(a.value(0)))
}

func addTags(_ context.Context, r *run, _ *Trigger, a Action) error {
	return r.update.ticket.SetTags(slices.Concat(r.update.ticket.Tags, splitTags(a.value(0))))
}

func removeTags(_ context.Context, r *run, _ *Trigger, a Action) error {
	gone := NormalizeTags(splitTags(a.value(0)))
	return r.update.ticket.SetTags(slices.DeleteFunc(slices.Clone(r.update.ticket.Tags), func(tag string) bool {
		return slices.Contains(gone, tag)
	}))
}

func addCC(_ context.Context, r *run, _ *Trigger, a Action) error {
	id := idOf[directory.UserID](r.update.named(a.value(0)))
	return r.update.ticket.SetCCs(append(slices.Clone(r.update.ticket.CCs), id))
}

func addFollower(ctx context.Context, r *run, _ *Trigger, a Action) error {
	id, ok := r.agent(a.value(0))
	if !ok {
		return nil
	}
	return follow(ctx, r.tx, r.update.ticket, append(slices.Clone(r.update.ticket.Followers), id))
}

func addNote(ctx context.Context, r *run, t *Trigger, a Action) error {
	text, err := r.write(ctx, a.value(0), audience{works: true}, plain)
	if err != nil {
		return err
	}
	r.notes = append(r.notes, note{text: cut(text, MaxBody), by: t.SavedBy, from: t})
	return nil
}

// notifyUser writes to people. Those who work here get one mail together, since
// they read the same; each other person gets one alone.
func notifyUser(ctx context.Context, r *run, t *Trigger, a Action) error {
	people, err := r.people(ctx, a.value(0))
	if err != nil {
		return err
	}
	var colleagues []*directory.User
	for _, p := range people {
		if p.Works() {
			colleagues = append(colleagues, p)
			continue
		}
		if err := r.mail(ctx, t, a, p); err != nil {
			return err
		}
	}
	if len(colleagues) == 0 {
		return nil
	}
	return r.mail(ctx, t, a, colleagues...)
}

func notifyAddress(ctx context.Context, r *run, t *Trigger, a Action) error {
	u, err := r.tx.FindUserByEmail(ctx, a.value(0))
	if err != nil {
		return fmt.Errorf("find %s: %w", a.value(0), err)
	}
	if u == nil {
		u = &directory.User{Email: a.value(0), Role: directory.EndUser}
	}
	return r.mail(ctx, t, a, u)
}

// people finds whom a mail goes to, each once.
func (r *run) people(ctx context.Context, who string) ([]*directory.User, error) {
	u := r.update
	var f directory.UserFilter
	switch who {
	case theRequester:
		return some(u.requester), nil
	case currentUser:
		return some(u.author), nil
	case allAgents:
		f.Roles = []directory.Role{directory.Agent, directory.Admin}
	case requesterAndCC:
		if len(u.ticket.CCs) == 0 {
			return some(u.requester), nil
		}
		f.IDs = u.ticket.CCs
	default:
		id := idOf[directory.UserID](u.named(who))
		if id == 0 {
			return nil, nil // nobody has the ticket
		}
		f.IDs = []directory.UserID{id}
	}
	people, err := r.tx.ListUsers(ctx, f)
	if err != nil {
		return nil, fmt.Errorf("list people to write to: %w", err)
	}
	if who == requesterAndCC {
		people = append(some(u.requester), people...)
	}
	return people, nil
}

func some(u *directory.User) []*directory.User {
	if u == nil {
		return nil
	}
	return []*directory.User{u}
}

// Why a mail is held back, as its event tells.
const (
	heldSuspended = "recipient_suspended"
	heldAutomatic = "answers_automatic_mail"
	heldOurs      = "our_own_address"
	heldRepeated  = "sent_before" // the same, or an automatic answer within the hour
	heldNoMail    = "no_mail"     // this Tandem sends none
)

// mail writes a mail to people of one kind. Suspended people and our own
// addresses get none, and automatic mail is answered to nobody but ourselves
// (RFC 3834 section 2).
func (r *run) mail(ctx context.Context, t *Trigger, a Action, to ...*directory.User) error {
	var kept []Person
	held := make(map[string][]string) // addresses by reason
	for _, p := range to {
		if p.Email == "" {
			continue // nothing can be sent to who only calls
		}
		reason, err := r.heldBack(ctx, p)
		if err != nil {
			return err
		}
		if reason != "" {
			held[reason] = append(held[reason], p.Email)
			continue
		}
		kept = append(kept, Person{ID: p.ID, Name: p.Name, Email: p.Email})
	}
	for _, reason := range []string{heldSuspended, heldAutomatic, heldOurs} {
		if len(held[reason]) > 0 {
			r.tell(t, AuditEvent{Type: Notified, To: held[reason], Reason: reason})
		}
	}
	if len(kept) == 0 {
		return nil
	}
	n, err := r.compose(ctx, a, kept, audience{works: to[0].Works()})
	if err != nil {
		return err
	}
	// Only who has just written is answered; everybody else is told of something.
	n.Auto = r.update.by != 0 && kept[0].ID == r.update.by && !to[0].Works()
	event := AuditEvent{Type: Notified, Subject: n.Subject, Body: n.Text}
	for _, p := range kept {
		event.To = append(event.To, p.Email)
	}
	r.tell(t, event)
	r.mails, r.sent = append(r.mails, n), append(r.sent, len(r.events)-1)
	return nil
}

// heldBack tells why somebody gets no mail; empty when they do.
func (r *run) heldBack(ctx context.Context, p *directory.User) (string, error) {
	switch {
	case p.Suspended:
		return heldSuspended, nil
	case r.update.facts.Automatic && !p.Works():
		return heldAutomatic, nil
	case r.isOurs == nil:
		return "", nil
	}
	ours, err := r.isOurs(ctx, r.tx, p.Email)
	if err != nil {
		return "", fmt.Errorf("whether %s is our own address: %w", p.Email, err)
	}
	if ours {
		return heldOurs, nil
	}
	return "", nil
}

// idOf reads an identifier; 0 for none.
func idOf[T ~int64](text string) T {
	id, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || id < 0 {
		return 0
	}
	return T(id)
}
