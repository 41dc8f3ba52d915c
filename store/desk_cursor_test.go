package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tandem/desk"
	"tandem/directory"
	"tandem/store"
	"tandem/store/storetest"
)

// Who pages through a list while others work must meet every ticket that stays
// as it is exactly once, in order, and never one twice whose place stays.
func TestCursorMeetsEveryUnchangedTicketOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		serial := 0
		product := h.define(t, directory.Field{Type: directory.DropdownField, Options: products()})
		weight := h.define(t, directory.Field{Type: directory.DecimalField})
		note := h.define(t, directory.Field{Type: directory.TextField})
		rapid.Check(t, func(rt *rapid.T) {
			update(t, db, func(tx *store.Tx) error { return tx.DeleteAllTickets(t.Context()) })
			p := &pager{house: h, t: t, rt: rt, serial: &serial, product: product, weight: weight, note: note}
			for range rapid.IntRange(0, 12).Draw(rt, "tickets") {
				p.insert()
			}
			p.f = desk.TicketFilter{
				Sort: rapid.SampledFrom([]desk.Sort{
					"", desk.SortUpdated, desk.SortCreated, desk.SortID, desk.SortStatus, desk.SortPriority, desk.SortSubject, desk.SortSolved, desk.SortType, desk.SortDue,
					desk.SortRequester, desk.SortAssignee, desk.SortBrand,
					desk.Sort(product.Name()), desk.Sort(weight.Name()), desk.Sort(note.Name()),
				}).Draw(rt, "sort"),
				Group:      rapid.SampledFrom([]desk.Sort{"", "", desk.SortStatus, desk.SortPriority, desk.SortType, desk.SortRequester, desk.SortAssignee, desk.Sort(product.Name())}).Draw(rt, "group"),
				GroupDown:  rapid.Bool().Draw(rt, "groups descending"),
				Where:      rapid.SampledFrom([]desk.Where{{}, {All: []desk.Match{{Field: "current_tags", Values: []string{"vip"}}}}}).Draw(rt, "where"),
				Descending: rapid.Bool().Draw(rt, "descending"),
				Statuses:   rapid.SliceOfDistinct(rapid.SampledFrom(desk.Statuses), rapid.ID[desk.Status]).Draw(rt, "statuses"),
				Limit:      rapid.IntRange(1, 4).Draw(rt, "page size"),
			}
			p.walk()
		})
	})
}

type pager struct {
	*house
	t       *testing.T
	rt      *rapid.T
	serial  *int
	f       desk.TicketFilter
	tickets []*desk.Ticket
	changed []desk.TicketID

	product, weight, note *directory.Field
}

func (p *pager) insert() *desk.Ticket {
	*p.serial++
	ticket := p.ticket(*p.serial)
	p.shape(ticket)
	p.insertTickets(p.t, ticket)
	p.tickets = append(p.tickets, ticket)
	return ticket
}

// shape gives the ticket a random place in every order; many share one.
func (p *pager) shape(ticket *desk.Ticket) {
	ticket.Status = rapid.SampledFrom(desk.Statuses).Draw(p.rt, "status")
	ticket.Priority = rapid.SampledFrom([]desk.Priority{"", desk.Low, desk.Normal, desk.High, desk.Urgent}).Draw(p.rt, "priority")
	ticket.RequesterID = rapid.SampledFrom([]directory.UserID{p.requester.ID, p.agent.ID}).Draw(p.rt, "requester")
	ticket.AssigneeID = rapid.SampledFrom([]directory.UserID{0, p.agent.ID}).Draw(p.rt, "assignee")
	ticket.Subject = rapid.SampledFrom([]string{"", "a", "A", "b%", "返品", "ｱｲ"}).Draw(p.rt, "subject")
	at := noon.Add(time.Duration(rapid.IntRange(0, 3).Draw(p.rt, "seconds")) * time.Second)
	ticket.CreatedAt, ticket.UpdatedAt = at, at
	ticket.Fields = directory.FieldValues{}.
		With(p.product.ID, rapid.SampledFrom([]string{"", "kettle", "toaster", "gone", "lost"}).Draw(p.rt, "product")).
		With(p.weight.ID, rapid.SampledFrom([]string{"", "-1", "2.5", "10"}).Draw(p.rt, "weight")).
		With(p.note.ID, rapid.SampledFrom([]string{"", "a", "A", "返品"}).Draw(p.rt, "note"))
	ticket.Type = rapid.SampledFrom(append([]desk.Type{""}, desk.Types...)).Draw(p.rt, "type")
	if ticket.Type == desk.Task && rapid.Bool().Draw(p.rt, "due") {
		ticket.DueAt = at
	}
	ticket.Tags = rapid.SampledFrom([][]string{nil, {"vip"}, {"vip", "returns"}}).Draw(p.rt, "tags")
}

// disturb changes a ticket, or adds one, between two pages.
func (p *pager) disturb() {
	if len(p.tickets) == 0 || rapid.Bool().Draw(p.rt, "add") {
		p.changed = append(p.changed, p.insert().ID)
		return
	}
	ticket := rapid.SampledFrom(p.tickets).Draw(p.rt, "which")
	p.shape(ticket)
	update(p.t, p.DB, func(tx *store.Tx) error { return tx.UpdateTicket(p.t.Context(), ticket) })
	p.changed = append(p.changed, ticket.ID)
}

func (p *pager) page(f desk.TicketFilter) []*desk.Ticket {
	return read(p.t, p.DB, func(tx *store.Tx) ([]*desk.Ticket, error) { return tx.ListTickets(p.t.Context(), f) })
}

func (p *pager) walk() {
	var met []desk.TicketID
	var pages [][]*desk.Ticket
	f := p.f
	for {
		page := p.page(f)
		if len(page) == 0 {
			break
		}
		for _, ticket := range page {
			met = append(met, ticket.ID)
		}
		pages = append(pages, page)
		last := f.Place(page[len(page)-1])
		f.After = &last
		if len(p.changed) < 8 && rapid.IntRange(0, 3).Draw(p.rt, "disturb") == 0 {
			p.disturb()
		}
	}
	p.check(met)
	if len(p.changed) == 0 {
		p.checkBackwards(pages)
	}
}

// check compares what was met with the whole list, as far as nobody changed it.
func (p *pager) check(met []desk.TicketID) {
	whole := p.f
	whole.Limit = 0
	stays := func(id desk.TicketID) bool { return !slices.Contains(p.changed, id) }
	var want, got []desk.TicketID
	for _, ticket := range p.page(whole) {
		if stays(ticket.ID) {
			want = append(want, ticket.ID)
		}
	}
	for _, id := range met {
		if stays(id) {
			got = append(got, id)
		}
	}
	if !slices.Equal(want, got) {
		p.rt.Fatalf("met %v, want %v (changed meanwhile: %v)", got, want, p.changed)
	}
}

// checkBackwards asks for the page before each page.
func (p *pager) checkBackwards(pages [][]*desk.Ticket) {
	for i := 1; i < len(pages); i++ {
		f := p.f
		first := f.Place(pages[i][0])
		f.Before = &first
		want, got := fmt.Sprint(numbers(pages[i-1])), fmt.Sprint(numbers(p.page(f)))
		if want != got {
			p.rt.Fatalf("before page %d comes %s, want %s", i, got, want)
		}
	}
}

func numbers(tickets []*desk.Ticket) []desk.TicketID {
	var ids []desk.TicketID
	for _, ticket := range tickets {
		ids = append(ids, ticket.ID)
	}
	return ids
}
