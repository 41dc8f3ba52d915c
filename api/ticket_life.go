package api

import (
	"context"
	"net/http"
	"time"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
)

func (s *server) ticketLifeRoutes() {
	const tag = "tickets"
	route(s, op{on: "DELETE /tickets/{id}", id: "delete_ticket", says: "Delete a ticket; it can be restored for thirty days", tag: tag, may: agents, status: http.StatusNoContent}, s.deleteTicket)
	route(s, op{on: "DELETE /tickets/destroy_many", id: "delete_many_tickets", says: "Delete several tickets", tag: tag, may: agents}, s.deleteManyTickets)
	route(s, op{on: "PUT /tickets/{id}/mark_as_spam", id: "mark_ticket_as_spam", says: "Delete a ticket and suspend its requester", tag: tag, may: agents}, s.markAsSpam)
	route(s, op{on: "PUT /tickets/mark_many_as_spam", id: "mark_many_tickets_as_spam", says: "Delete several tickets and suspend their requesters", tag: tag, may: agents}, s.markManyAsSpam)
	route(s, op{on: "POST /tickets/{id}/merge", id: "merge_tickets", says: "Merge other tickets into this one", tag: tag, may: agents}, s.mergeTickets)
	route(s, op{on: "GET /deleted_tickets", id: "list_deleted_tickets", says: "List deleted tickets, the last deleted first", tag: tag, may: agents}, s.listDeletedTickets)
	route(s, op{on: "PUT /deleted_tickets/{id}/restore", id: "restore_ticket", says: "Restore a deleted ticket", tag: tag, may: agents}, s.restoreTicket)
	route(s, op{on: "PUT /deleted_tickets/restore_many", id: "restore_many_tickets", says: "Restore several deleted tickets", tag: tag, may: agents}, s.restoreManyTickets)
	route(s, op{on: "DELETE /deleted_tickets/{id}", id: "delete_ticket_for_good", says: "Delete a deleted ticket for good, with its files and raw mails", tag: tag, may: admins}, s.deleteTicketForGood)
	route(s, op{on: "DELETE /deleted_tickets/destroy_many", id: "delete_many_tickets_for_good", says: "Delete several deleted tickets for good", tag: tag, may: admins}, s.deleteManyForGood)
	route(s, op{on: "GET /ticket_settings", id: "show_ticket_settings", says: "Show when solved tickets close", tag: tag, may: agents}, s.showTicketSettings)
	route(s, op{on: "PUT /ticket_settings", id: "update_ticket_settings", says: "Change when solved tickets close", tag: tag, may: admins}, s.updateTicketSettings)
}

type ticketIn struct {
	ID int64 `path:"id"`
}

func (s *server) deleteTicket(ctx context.Context, by access.Actor, in *ticketIn) (*none, error) {
	return nil, s.desk.Delete(ctx, by, desk.TicketID(in.ID))
}

type emptyOut struct {
	Body struct{}
}

func (s *server) markAsSpam(ctx context.Context, by access.Actor, in *ticketIn) (*emptyOut, error) {
	return new(emptyOut), s.desk.MarkAsSpam(ctx, by, desk.TicketID(in.ID))
}

func (s *server) restoreTicket(ctx context.Context, by access.Actor, in *ticketIn) (*emptyOut, error) {
	return new(emptyOut), s.desk.Restore(ctx, by, desk.TicketID(in.ID))
}

type ticketsIn struct {
	IDs []int64 `query:"ids" required:"true" minItems:"1" maxItems:"100" doc:"At most 100, separated by commas"`
}

func (s *server) deleteManyTickets(ctx context.Context, by access.Actor, in *ticketsIn) (*jobStatusOut, error) {
	return s.begun(ctx, by, desk.DeleteTickets{IDs: ids[desk.TicketID](in.IDs)})
}

func (s *server) restoreManyTickets(ctx context.Context, by access.Actor, in *ticketsIn) (*jobStatusOut, error) {
	return s.begun(ctx, by, desk.RestoreTickets{IDs: ids[desk.TicketID](in.IDs)})
}

func (s *server) markManyAsSpam(ctx context.Context, by access.Actor, in *ticketsIn) (*jobStatusOut, error) {
	return s.begun(ctx, by, desk.MarkTicketsAsSpam{IDs: ids[desk.TicketID](in.IDs)})
}

func (s *server) deleteManyForGood(ctx context.Context, by access.Actor, in *ticketsIn) (*jobStatusOut, error) {
	return s.begun(ctx, by, desk.DeleteTicketsForGood{IDs: ids[desk.TicketID](in.IDs)})
}

func (s *server) deleteTicketForGood(ctx context.Context, by access.Actor, in *ticketIn) (*jobStatusOut, error) {
	return s.begun(ctx, by, desk.DeleteTicketsForGood{IDs: []desk.TicketID{desk.TicketID(in.ID)}})
}

type mergeTicketsIn struct {
	ID   int64 `path:"id" doc:"The ticket that goes on"`
	Body struct {
		IDs           []int64 `json:"ids,omitempty" maxItems:"100" doc:"The tickets that are closed"`
		TargetComment string  `json:"target_comment,omitempty" doc:"What is said in the ticket that goes on; it carries the files of the others"`
		SourceComment string  `json:"source_comment,omitempty" doc:"What is said in each of the others"`
		TargetPublic  bool    `json:"target_comment_is_public,omitempty"`
		SourcePublic  bool    `json:"source_comment_is_public,omitempty"`
	}
}

func (s *server) mergeTickets(ctx context.Context, by access.Actor, in *mergeTicketsIn) (*jobStatusOut, error) {
	m := desk.TicketMerge{
		Sources:       ids[desk.TicketID](in.Body.IDs),
		TargetComment: in.Body.TargetComment, SourceComment: in.Body.SourceComment, TargetPublic: in.Body.TargetPublic, SourcePublic: in.Body.SourcePublic,
	}
	into := desk.TicketID(in.ID)
	if err := m.Validate(into); err != nil {
		return nil, err
	}
	return s.begun(ctx, by, desk.MergeIntoTicket{Target: into, Merge: m})
}

// DeletedTicket is a ticket that can be restored.
type DeletedTicket struct {
	ID            int64   `json:"id"`
	Subject       string  `json:"subject"`
	Description   string  `json:"description" doc:"Beginning of the first comment"`
	Actor         Deleter `json:"actor" doc:"Who deleted it"`
	DeletedAt     instant `json:"deleted_at"`
	GoneAt        instant `json:"gone_at" doc:"When it is deleted for good"`
	PreviousState string  `json:"previous_state" enum:"new,open,pending,hold,solved,closed"`
	RequesterID   int64   `json:"requester_id"`
	CommentCount  int     `json:"comment_count"`
}

// Deleter is who deleted a ticket.
type Deleter struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// DeletedTickets is a page of them.
type DeletedTickets struct {
	DeletedTickets []DeletedTicket `json:"deleted_tickets"`
	Users          []User          `json:"users" doc:"Requesters, and who deleted"`
	OffsetMeta
}

type deletedTicketsIn struct{ OffsetPage }

type deletedTicketsOut struct{ Body DeletedTickets }

func (s *server) listDeletedTickets(ctx context.Context, by access.Actor, in *deletedTicketsIn) (*deletedTicketsOut, error) {
	count, err := s.desk.CountDeleted(ctx, by)
	if err != nil {
		return nil, err
	}
	list, err := s.desk.Deleted(ctx, by, desk.TicketFilter{Limit: in.limit(), Offset: in.offset()})
	if err != nil {
		return nil, err
	}
	var ids []directory.UserID
	for _, t := range list.Tickets {
		ids = append(ids, t.RequesterID, t.DeletedBy)
	}
	out := new(deletedTicketsOut)
	if out.Body.Users, err = s.peopleOf(ctx, by, ids); err != nil {
		return nil, err
	}
	names := make(map[int64]string)
	for _, u := range out.Body.Users {
		names[u.ID] = u.Name
	}
	out.Body.DeletedTickets = each(list.Tickets, func(t *desk.Ticket) DeletedTicket {
		summary := list.Summaries[t.ID]
		return DeletedTicket{
			ID: int64(t.ID), Subject: t.Subject, Description: summary.Description, Actor: Deleter{ID: int64(t.DeletedBy), Name: names[int64(t.DeletedBy)]},
			DeletedAt: instant(t.UpdatedAt), GoneAt: instant(t.UpdatedAt.Add(desk.DeletedLife)), PreviousState: string(t.DeletedFrom),
			RequesterID: int64(t.RequesterID), CommentCount: summary.Comments,
		}
	})
	out.Body.OffsetMeta = pageOf(requestOf(ctx).url, in.OffsetPage, count)
	return out, nil
}

// TicketSettings are what applies to the life of tickets.
type TicketSettings struct {
	CloseAfterDays int `json:"close_after_days" doc:"Days after which a solved ticket is closed; 0: never"`
}

type ticketSettingsOut struct {
	Body struct {
		TicketSettings TicketSettings `json:"ticket_settings"`
	}
}

func showTicketSettings(t desk.TicketSettings) *ticketSettingsOut {
	out := new(ticketSettingsOut)
	out.Body.TicketSettings.CloseAfterDays = int(t.CloseAfter / (24 * time.Hour))
	return out
}

func (s *server) showTicketSettings(ctx context.Context, by access.Actor, _ *none) (*ticketSettingsOut, error) {
	settings, err := s.desk.TicketSettings(ctx, by)
	return showTicketSettings(settings), err
}

type ticketSettingsIn struct {
	Body struct {
		TicketSettings struct {
			CloseAfterDays *int `json:"close_after_days,omitempty"`
		} `json:"ticket_settings"`
	}
}

func (s *server) updateTicketSettings(ctx context.Context, by access.Actor, in *ticketSettingsIn) (*ticketSettingsOut, error) {
	settings, err := s.desk.ChangeTicketSettings(ctx, by, func(t *desk.TicketSettings) {
		if days := in.Body.TicketSettings.CloseAfterDays; days != nil {
			t.CloseAfter = time.Duration(*days) * 24 * time.Hour
		}
	})
	return showTicketSettings(settings), err
}
