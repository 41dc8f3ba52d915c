package desk

import (
	"context"
	"fmt"

	"tandem/directory"
)

// shippedTriggers come with Tandem, switched off: mail to customers and
// colleagues begins when an administrator wants it to. They are what help desks
// usually begin with; see "About the Zendesk Support default triggers". Those
// that send an agent's reply are not among them: replies leave by themselves.
func shippedTriggers() []Trigger {
	const link = "\n\n{{ticket.link}}"
	return []Trigger{
		{
			Title:       "Auto-answer on creation",
			Description: "Tells the requester that the message has arrived. Never in answer to automatic mail, and at most once an hour for each address.",
			Conditions: Conditions{All: []Condition{
				{"update_type", Is, "Create"}, {"role", Is, string(directory.EndUser)}, {"mail_automatic", Is, "false"},
			}},
			Actions: []Action{{"notification_user", []string{theRequester, "Received: {{ticket.title}}",
				"Dear {{ticket.requester.name}},\n\nwe have received your message and will answer it as soon as we can. " +
					"Its number is {{ticket.id}}.\n\nTo add something, just answer this mail.\n\n{{ticket.brand.name}}"}}},
		},
		{
			Title:       "Notify the assignee of assignment",
			Description: "Tells an agent who has been given a ticket by somebody else.",
			Conditions:  Conditions{All: []Condition{{"assignee_id", Changed, ""}, {"assignee_id", IsNot, ""}, {"assignee_id", IsNot, currentUser}}},
			Actions: []Action{{"notification_user", []string{theAssignee, "Assigned to you: #{{ticket.id}} {{ticket.title}}",
				"The ticket of {{ticket.requester.name}} has been assigned to you.\n\n{{ticket.latest_comment}}" + link}}},
		},
		{
			Title:       "Notify the assignee of a new comment",
			Description: "Tells the assignee that somebody else has written on the ticket.",
			Conditions: Conditions{All: []Condition{
				{"update_type", Is, "Change"}, {"comment_is_public", Is, "not_relevant"}, {"assignee_id", IsNot, ""},
				{"assignee_id", IsNot, currentUser}, {"assignee_id", NotChanged, ""},
			}},
			Actions: []Action{{"notification_user", []string{theAssignee, "New comment on #{{ticket.id}} {{ticket.title}}",
				"{{current_user.name}} wrote:\n\n{{ticket.latest_comment}}" + link}}},
		},
		{
			Title:       "Notify all agents of a new request",
			Description: "Tells everybody who works here of a new ticket that nobody has yet. For small teams.",
			Conditions:  Conditions{All: []Condition{{"update_type", Is, "Create"}, {"assignee_id", Is, ""}}},
			Actions: []Action{{"notification_user", []string{allAgents, "New: #{{ticket.id}} {{ticket.title}}",
				"{{ticket.requester.name}} wrote:\n\n{{ticket.description}}" + link}}},
		},
	}
}

// ShipTriggers adds the triggers that come with Tandem, unless there ever was one.
func (s *Service) ShipTriggers(ctx context.Context) error {
	return s.store.Update(ctx, func(tx Tx) error {
		revision, err := tx.TriggerRevision(ctx)
		if err != nil || revision != 0 {
			return err
		}
		if err := tx.RaiseTriggerRevision(ctx); err != nil {
			return err
		}
		for i, t := range shippedTriggers() {
			t.Shipped, t.Position, t.CreatedAt, t.UpdatedAt = true, i+1, s.now(), s.now()
			if err := tx.InsertTrigger(ctx, &t); err != nil {
				return fmt.Errorf("insert the trigger %q: %w", t.Title, err)
			}
		}
		return nil
	})
}
