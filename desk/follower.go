package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tandem/directory"
	"tandem/problem"
)

// MaxFollowers is how many people follow a ticket at most.
const MaxFollowers = MaxCCs

// PeopleChange says who is to be among some people: those of Set, or those who
// are there when it is nil; then Add, without Remove.
type PeopleChange struct {
	Set    *[]Person
	Add    []Person
	Remove []Person
}

// zero tells whether nobody comes or goes.
func (ch PeopleChange) zero() bool { return ch.Set == nil && len(ch.Add) == 0 && len(ch.Remove) == 0 }

// amend makes the change; field is what the API calls these people.
func (s *Service) amend(ctx context.Context, tx Tx, people []directory.UserID, ch PeopleChange, field string) ([]directory.UserID, error) {
	wanted := ch.Add
	if ch.Set != nil {
		people, wanted = nil, slices.Concat(*ch.Set, ch.Add)
	}
	added, err := s.findAll(ctx, tx, wanted, field)
	if err != nil {
		return nil, err
	}
	people = slices.Concat(people, added)
	for _, p := range ch.Remove {
		if p.ID == 0 {
			u, err := tx.FindUserByEmail(ctx, strings.TrimSpace(p.Email))
			if err != nil || u == nil {
				return people, err
			}
			p.ID = u.ID
		}
		people = without(people, p.ID)
	}
	return people, nil
}

// SetFollowers replaces those who follow the ticket.
func (t *Ticket) SetFollowers(people []directory.UserID) error {
	people = without(people, 0)
	if len(people) > MaxFollowers {
		return problem.New(problem.Invalid, "too_many_followers", "At most %d people follow a ticket.", MaxFollowers).
			On(problem.Yours, "Remove some.").In("followers")
	}
	t.Followers = people
	return nil
}

// follow lets people follow a ticket, who have to work here: they read notes.
func follow(ctx context.Context, tx Tx, t *Ticket, people []directory.UserID) error {
	before := t.Followers
	if err := t.SetFollowers(people); err != nil {
		return err
	}
	for _, id := range t.Followers {
		if slices.Contains(before, id) {
			continue
		}
		u, err := tx.GetUser(ctx, id)
		if err != nil {
			return unknownPerson(err, "followers")
		}
		if !u.Works() || u.Suspended {
			return problem.New(problem.Invalid, "follower_is_no_agent", "%s does not work on tickets.", u.Name).
				On(problem.Yours, "Only agents follow tickets; put others in copy.").With("name", u.Name).In("followers")
		}
	}
	return nil
}

// tellFollowers writes to those who follow the ticket what somebody else has
// said on it: nobody who gets the mail of the comment anyway, and nobody who no
// longer works here.
func (s *Service) tellFollowers(ctx context.Context, tx Tx, u *update) ([]AuditEvent, error) {
	if s.notify == nil || u.comment == nil || u.comment.Flag != "" || len(u.ticket.Followers) == 0 {
		return nil, nil
	}
	author, err := tx.GetUser(ctx, u.comment.AuthorID)
	if err != nil {
		return nil, fmt.Errorf("author of comment %d: %w", u.comment.ID, err)
	}
	told := append([]directory.UserID{u.by, author.ID}, s.mailed(u, author)...)
	people, err := tx.ListUsers(ctx, directory.UserFilter{IDs: u.ticket.Followers})
	if err != nil {
		return nil, fmt.Errorf("followers of ticket %d: %w", u.ticket.ID, err)
	}
	readers := make(map[string][]Person) // by language
	for _, p := range people {
		if p.Works() && !p.Suspended && !slices.Contains(told, p.ID) {
			language := languageOf(p.Locale)
			readers[language] = append(readers[language], Person{ID: p.ID, Name: p.Name, Email: p.Email})
		}
	}
	var events []AuditEvent
	for _, language := range followerLanguages {
		to := readers[language]
		if len(to) == 0 {
			continue
		}
		n := s.followerNotice(u, author, language)
		n.To = to
		mail, err := s.notify(ctx, tx, n)
		if err != nil {
			return nil, fmt.Errorf("tell the followers of ticket %d: %w", u.ticket.ID, err)
		}
		e := AuditEvent{Type: Notified, Subject: n.Subject, Body: n.Text, To: addresses(to)}
		if mail == 0 {
			e.Reason = heldOurs
		}
		events = append(events, e)
	}
	return events, nil
}

// mailed are the people to whom the comment itself goes.
func (s *Service) mailed(u *update, author *directory.User) []directory.UserID {
	if s.outbox == nil || !u.ticket.Leaves(u.comment, author) {
		return nil
	}
	return u.ticket.Readers(u.comment)
}

// followerNotice tells of a comment. It waits as long as the comment can be
// taken back; see forgetNotices.
func (s *Service) followerNotice(u *update, author *directory.User, language string) Notice {
	words, t, c := followerWords[language], u.ticket, u.comment
	said := words.noted
	if c.Public {
		said = words.replied
	}
	text := fmt.Sprintf(said, author.Name) + "\n\n" + c.Text
	if n := len(c.Attachments); n > 0 {
		text += "\n\n" + fmt.Sprintf(words.files, n)
	}
	text += "\n\n" + words.answer
	if s.ticketURL != nil {
		text += "\n\n" + s.ticketURL(t.ID)
	}
	n := Notice{Ticket: t.ID, Subject: fmt.Sprintf("#%d %s", t.ID, t.Subject), Text: text, Key: followerKey(c.ID, language)}
	if c.waits() {
		n.At = s.now().Add(s.undo)
	}
	return n
}

// forgetNotices takes back what followers were to be told of a comment.
func (s *Service) forgetNotices(ctx context.Context, tx Tx, id CommentID) error {
	if s.retract == nil {
		return nil
	}
	for _, language := range followerLanguages {
		if err := s.retract(ctx, tx, followerKey(id, language)); err != nil {
			return fmt.Errorf("take back what followers are told of comment %d: %w", id, err)
		}
	}
	return nil
}

func followerKey(id CommentID, language string) string {
	return fmt.Sprintf("followers:%d:%s", id, language)
}

func addresses(people []Person) []string {
	all := make([]string, len(people))
	for i, p := range people {
		all[i] = p.Email
	}
	return all
}

var followerLanguages = []string{"en", "ja", "pt"}

func languageOf(locale string) string {
	language, _, _ := strings.Cut(locale, "-")
	if slices.Contains(followerLanguages, language) {
		return language
	}
	return "en"
}

// followerWords are what the mail to followers says besides the comment.
var followerWords = map[string]struct{ replied, noted, files, answer string }{
	"en": {"%s replied:", "%s added an internal note:", "Files at the ticket: %d",
		"You follow this ticket. An answer to this mail is a public reply: the requester and everybody in copy get it."},
	"ja": {"%s さんが返信しました:", "%s さんが社内メモを追加しました:", "チケットの添付ファイル: %d 件",
		"このチケットをフォローしているため、お知らせしています。このメールへの返信は公開の返信となり、依頼者と CC の全員に届きます。"},
	"pt": {"%s respondeu:", "%s adicionou uma nota interna:", "Arquivos no ticket: %d",
		"Você segue este ticket. Responder a este e-mail é uma resposta pública: o solicitante e todos em cópia a recebem."},
}
