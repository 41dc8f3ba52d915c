package desk

import (
	"context"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"

	"tandem/directory"
)

// audience is who reads what is written: those who work here read notes, too.
type audience struct{ works bool }

// placeholder names something that is filled in: {{ticket.title}}.
var placeholder = regexp.MustCompile(`\{\{\s*([^{}]*?)\s*\}\}`)

// placeholders are what can be filled in, under Zendesk's names ("Zendesk
// Support placeholders reference").
var placeholders = map[string]func(context.Context, *run, audience) (string, error){
	"ticket.id":          of(func(u *update) string { return number(u.ticket.ID) }),
	"ticket.title":       of(func(u *update) string { return u.ticket.Subject }),
	"ticket.status":      of(func(u *update) string { return string(u.ticket.Status) }),
	"ticket.priority":    of(func(u *update) string { return string(u.ticket.Priority) }),
	"ticket.tags":        of(func(u *update) string { return strings.Join(u.ticket.Tags, " ") }),
	"ticket.via":         of(func(u *update) string { return string(u.ticket.Via) }),
	"ticket.external_id": of(func(u *update) string { return u.ticket.ExternalID }),
	"ticket.created_at":  of(func(u *update) string { return u.ticket.CreatedAt.UTC().Format("2006-01-02 15:04 MST") }),
	"ticket.link": func(_ context.Context, r *run, _ audience) (string, error) {
		if r.ticketURL == nil {
			return "", nil
		}
		return r.ticketURL(r.update.ticket.ID), nil
	},
	"ticket.description":           described,
	"ticket.latest_comment":        latest(func(c *Comment, a audience) bool { return c.Public || a.works }),
	"ticket.latest_public_comment": latest(func(c *Comment, _ audience) bool { return c.Public }),

	"ticket.requester.name":       of(func(u *update) string { return nameOf(u.requester) }),
	"ticket.requester.first_name": of(func(u *update) string { return firstName(nameOf(u.requester)) }),
	"ticket.requester.email":      of(func(u *update) string { return emailOf(u.requester) }),
	"ticket.assignee.name":        assigned(nameOf),
	"ticket.assignee.first_name":  assigned(func(u *directory.User) string { return firstName(nameOf(u)) }),
	"ticket.assignee.email":       assigned(emailOf),
	"current_user.name":           of(func(u *update) string { return nameOf(u.author) }),
	"current_user.first_name":     of(func(u *update) string { return firstName(nameOf(u.author)) }),
	"current_user.email":          of(func(u *update) string { return emailOf(u.author) }),
	"ticket.brand.name": func(ctx context.Context, r *run, _ audience) (string, error) {
		b, err := r.tx.GetBrand(ctx, r.update.ticket.BrandID)
		if err != nil {
			return "", err
		}
		return b.Name, nil
	},
	"ticket.group.name": func(ctx context.Context, r *run, _ audience) (string, error) {
		teams, err := r.tx.ListTeams(ctx)
		for _, t := range teams {
			if t.ID == r.update.ticket.TeamID {
				return t.Name, err
			}
		}
		return "", err
	},
}

// Placeholders names everything that can be filled in, in order.
func Placeholders() []string {
	var names []string
	for name := range placeholders {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// of fills in what is known of the change itself.
func of(read func(*update) string) func(context.Context, *run, audience) (string, error) {
	return func(_ context.Context, r *run, _ audience) (string, error) { return read(r.update), nil }
}

func assigned(read func(*directory.User) string) func(context.Context, *run, audience) (string, error) {
	return func(ctx context.Context, r *run, _ audience) (string, error) {
		if r.update.ticket.AssigneeID == 0 {
			return "", nil
		}
		u, err := r.tx.GetUser(ctx, r.update.ticket.AssigneeID)
		if err != nil {
			return "", err
		}
		return read(u), nil
	}
}

// latest fills in the last comment that the audience may read.
func latest(may func(*Comment, audience) bool) func(context.Context, *run, audience) (string, error) {
	return func(ctx context.Context, r *run, a audience) (string, error) {
		if c := r.update.comment; c != nil && may(c, a) {
			return c.Text, nil
		}
		comments, err := r.comments(ctx)
		for _, c := range slices.Backward(comments) {
			if may(c, a) {
				return c.Text, err
			}
		}
		return "", err
	}
}

// described fills in what the ticket began with.
func described(ctx context.Context, r *run, a audience) (string, error) {
	comments, err := r.comments(ctx)
	if err != nil || len(comments) == 0 || !comments[0].Public && !a.works {
		return "", err
	}
	return comments[0].Text, nil
}

// comments are those of the ticket, with one that is not stored yet.
func (r *run) comments(ctx context.Context) ([]*Comment, error) {
	var stored []*Comment
	if r.update.ticket.ID != 0 {
		var err error
		if stored, err = r.tx.ListComments(ctx, r.update.ticket.ID); err != nil {
			return nil, fmt.Errorf("list the comments of ticket %d: %w", r.update.ticket.ID, err)
		}
	}
	if c := r.update.comment; c != nil && c.ID == 0 {
		stored = append(stored, c)
	}
	return stored, nil
}

func nameOf(u *directory.User) string {
	if u == nil {
		return ""
	}
	return u.Name
}

func emailOf(u *directory.User) string {
	if u == nil {
		return ""
	}
	return u.Email
}

// firstName is the name up to its first blank; names in Japanese have the
// family name there, which is how people are addressed.
func firstName(name string) string {
	first, _, _ := strings.Cut(name, " ")
	return first
}

func plain(value string) string { return value }

// asHTML makes a value harmless inside HTML; its lines stay lines.
func asHTML(value string) string {
	return strings.ReplaceAll(html.EscapeString(value), "\n", "<br>\n")
}

// write fills in the placeholders of a text; escape makes values fit into it.
func (r *run) write(ctx context.Context, template string, a audience, escape func(string) string) (string, error) {
	fields, failed := r.ticketFields(ctx, r.tx)
	text := placeholder.ReplaceAllStringFunc(template, func(found string) string {
		fill := fields.placeholder(placeholder.FindStringSubmatch(found)[1])
		if fill == nil || failed != nil {
			return ""
		}
		value, err := fill(ctx, r, a)
		if err != nil {
			failed = fmt.Errorf("fill in %s: %w", found, err)
		}
		return escape(value)
	})
	return text, failed
}

// markup tells whether a text is HTML: it closes an element, or breaks a line.
var markup = regexp.MustCompile(`(?i)</[a-z][a-z0-9]*\s*>|<br\s*/?>`)

// compose writes a mail. Of a body of HTML, what is filled in is escaped and the
// whole made harmless.
func (r *run) compose(ctx context.Context, a Action, to []Person, who audience) (n Notice, err error) {
	n = Notice{To: to}
	if n.Subject, err = r.write(ctx, a.value(1), who, plain); err != nil {
		return n, err
	}
	n.Subject = truncate(oneLine(clean(n.Subject)), MaxSubject)
	if r.sanitize == nil || !markup.MatchString(a.value(2)) {
		n.Text, err = r.write(ctx, a.value(2), who, plain)
		n.Text = cut(clean(n.Text), MaxBody)
		return n, err
	}
	filled, err := r.write(ctx, a.value(2), who, asHTML)
	if err != nil {
		return n, err
	}
	n.HTML, _ = r.sanitize(clean(filled), noPictures)
	n.Text = r.plainText(n.HTML)
	return n, nil
}

// noPictures is what a trigger's mail may show of our pictures: none was
// uploaded for it.
func noPictures(string) (string, bool) { return "", false }
