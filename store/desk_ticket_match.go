package store

import (
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"tandem/desk"
)

var matchColumns = map[string]struct {
	name  string
	value func(string) any
}{
	"status": {"status", textual}, "priority": {"priority", textual}, "via_id": {"via", textual}, "recipient": {"recipient", textual},
	"assignee_id": {"assignee_id", numeric}, "group_id": {"team_id", numeric}, "brand_id": {"brand_id", numeric}, "requester_id": {"requester_id", numeric},
	"submitter_id": {"submitter_id", numeric}, "external_id": {"external_id", textual}, "id": {"id", numeric},
}

var matchInstants = map[string]string{"created_at": "created_at", "updated_at": "updated_at", "solved_at": "solved_at"}

func textual(v string) any { return v }

func numeric(v string) any {
	n, _ := strconv.ParseInt(v, 10, 64)
	return n
}

func matchTicket(c *conditions, m desk.Match) {
	one := &conditions{}
	ids := make([]any, len(m.Values))
	for i, v := range m.Values {
		ids[i] = numeric(v)
	}
	switch m.Field {
	case "cc_id":
		one.add("id IN (SELECT ticket_id FROM ticket_cc WHERE person_id IN (?))", bun.List(ids))
	case "commenter_id":
		one.add("id IN (SELECT ticket_id FROM comment WHERE author_id IN (?))", bun.List(ids))
	case "has_attachment":
		one.add("EXISTS (SELECT 1 FROM comment JOIN attachment ON comment_id = comment.id WHERE ticket_id = ticket.id AND NOT inline)")
	case "current_tags":
		var tags conditions
		for _, tag := range m.Values {
			quoted := strings.Trim(list([]string{tag}), "[]")
			tags.add(`tags LIKE ? ESCAPE '\'`, containing(quoted))
		}
		one.add("("+strings.Join(tags.texts, " OR ")+")", tags.args...)
	case "created_at", "updated_at", "solved_at":
		one.add(m.Field + " > 0")
		if !m.From.IsZero() {
			one.add(m.Field+" >= ?", millis(m.From))
		}
		if !m.Until.IsZero() {
			one.add(m.Field+" < ?", millis(m.Until))
		}
	default:
		column := matchColumns[m.Field]
		for i, v := range m.Values {
			ids[i] = column.value(v)
		}
		one.add(column.name+" IN (?)", bun.List(ids))
	}
	text := "(" + strings.Join(one.texts, " AND ") + ")"
	if m.Not {
		text = "NOT " + text
	}
	c.add(text, one.args...)
}
