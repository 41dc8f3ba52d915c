package store_test

import (
	"fmt"
	"testing"

	"tandem/desk"
	"tandem/directory"
	"tandem/email"
	"tandem/event"
	"tandem/job"
	"tandem/store"
	"tandem/store/storetest"
)

// BenchmarkIngest measures the one transaction that turns a noticed mail into
// a ticket: everything that the mail channel reads and writes for it.
func BenchmarkIngest(b *testing.B) {
	eachBench(b, func(b *testing.B, db *store.DB) {
		h := furnish(b, db)
		c := connect(b, db, "support@contoso.example")
		var page []*email.Mail
		n := 0
		for b.Loop() {
			if n%50 == 0 {
				page = noticePage(b, db, c, n)
			}
			update(b, db, func(tx *store.Tx) error { return ingest(b, tx, h, page[n%50], n) })
			n++
		}
	})
}

// noticePage notes the mails of one page of changes, as the reader does.
func noticePage(b *testing.B, db *store.DB, c *email.Connection, first int) []*email.Mail {
	var page []*email.Mail
	var ids []string
	for i := range 50 {
		page = append(page, noticed(c, first+i))
		ids = append(ids, page[i].MicrosoftID)
	}
	update(b, db, func(tx *store.Tx) error {
		if _, err := tx.KnownMicrosoftIDs(b.Context(), c.ID, ids); err != nil {
			return err
		}
		for _, m := range page {
			if _, err := tx.InsertMail(b.Context(), m); err != nil {
				return err
			}
		}
		return nil
	})
	return page
}

// ingest does what the decision of one mail does in its transaction.
func ingest(b *testing.B, tx *store.Tx, h *house, m *email.Mail, n int) error {
	ctx := b.Context()
	if _, err := tx.GetMail(ctx, m.ID); err != nil {
		return err
	}
	c, err := tx.GetConnection(ctx, m.ConnectionID)
	if err != nil {
		return err
	}
	key := fmt.Sprintf("sha256:%064d", n)
	if _, err := tx.FindOriginal(ctx, c.ID, key); err != nil {
		return err
	}
	references := []string{fmt.Sprintf("a%d@example.com", n), fmt.Sprintf("b%d@example.com", n)}
	if _, _, err := tx.FindTicketByMessageIDs(ctx, references, "support@contoso.example"); err != nil {
		return err
	}
	address := fmt.Sprintf("customer%d@example.com", n)
	u, err := tx.FindUserByEmail(ctx, address)
	if err != nil {
		return err
	}
	if u == nil {
		u = &directory.User{Name: "Customer", Email: address, Role: directory.EndUser}
		if err := tx.InsertUser(ctx, u); err != nil {
			return err
		}
	}
	t := h.ticket(n)
	t.RequesterID, t.SubmitterID, t.CCs = u.ID, u.ID, []directory.UserID{h.requester.ID}
	if err := tx.InsertTicket(ctx, t); err != nil {
		return err
	}
	comment := &desk.Comment{
		TicketID: t.ID, AuthorID: u.ID, Public: true, Text: body, HTML: body, Via: desk.ByEmail, MailID: int64(m.ID), CreatedAt: noon,
	}
	if err := tx.InsertComment(ctx, comment); err != nil {
		return err
	}
	for i := range 2 {
		file := &desk.Attachment{
			CommentID: comment.ID, FileName: "photo.jpg", ContentType: "image/jpeg", Size: 4711,
			Blob: key, Secret: fmt.Sprintf("secret-%d-%d", n, i),
		}
		if err := tx.InsertAttachment(ctx, file); err != nil {
			return err
		}
	}
	if err := tx.RememberMessageID(ctx, fmt.Sprintf("m%d@example.com", n), t.ID); err != nil {
		return err
	}
	m.State, m.DedupeKey, m.TicketID, m.CommentID, m.DecidedAt, m.Rule = email.Ticketed, key, t.ID, comment.ID, noon, "new_ticket"
	if err := tx.UpdateMail(ctx, m); err != nil {
		return err
	}
	if _, err := tx.InsertJob(ctx, job.Job{Kind: "email.file", Args: []byte("{}"), UniqueKey: fmt.Sprint(c.ID), MaxAttempts: 25}); err != nil {
		return err
	}
	c.Cursor, c.LastMailAt = fmt.Sprintf("https://graph.microsoft.com/v1.0/delta?$deltatoken=%d", n), noon
	if err := tx.UpdateConnection(ctx, c); err != nil {
		return err
	}
	tx.Publish(event.Event{Kind: event.TicketCreated, ID: int64(t.ID)})
	tx.Publish(event.Event{Kind: event.MailUpdated, ID: int64(m.ID), Parent: int64(t.ID)})
	return nil
}

var body = fmt.Sprintf("%04000d", 0)

func eachBench(b *testing.B, bench func(b *testing.B, db *store.DB)) {
	b.Run("SQLite", func(b *testing.B) { bench(b, storetest.OpenSQLite(b)) })
	b.Run("Postgres", func(b *testing.B) { bench(b, storetest.Open(b, storetest.PostgresURL(b), store.Options{})) })
}

// BenchmarkMillionTickets measures what a page of the ticket list asks of a
// desk with a million tickets.
func BenchmarkMillionTickets(b *testing.B) {
	const n = 1_000_000
	eachBench(b, func(b *testing.B, db *store.DB) {
		h := furnish(b, db)
		update(b, db, func(tx *store.Tx) error { return tx.FillTickets(b.Context(), n, int64(h.brand.ID)) })
		if err := db.Analyze(b.Context()); err != nil {
			b.Fatal(err)
		}
		unsolved := []desk.Status{desk.New, desk.Open, desk.Pending, desk.Hold}
		middle := desk.Position{Key: fmt.Sprint(1700000000000 + n/2*1000), ID: n / 2}
		for name, f := range map[string]desk.TicketFilter{
			"Newest":          {},
			"Unsolved":        {Statuses: unsolved},
			"UnsolvedOldest":  {Statuses: unsolved, Sort: desk.SortUpdated},
			"Closed":          {Statuses: []desk.Status{desk.Closed}},
			"Middle":          {After: &middle},
			"Mine":            {Assignee: 7, Statuses: unsolved},
			"Unassigned":      {Unassigned: true, Statuses: unsolved},
			"Requester":       {Requester: h.agent.ID + 4711},
			"ByID":            {Sort: desk.SortID},
			"ByStatus":        {Sort: desk.SortStatus},
			"ByPriority":      {Sort: desk.SortPriority, Descending: true},
			"BySubject":       {Sort: desk.SortSubject},
			"SearchNumber":    {Text: terms("#4711")},
			"SearchRequester": {Text: terms("customer4711@example.com")},
			"SearchSubject":   {Text: terms("question 99999")},
			"Flagged":         {Flagged: true},
		} {
			f.Limit = 50
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					h.page(b, f)
				}
			})
		}
	})
}

// page reads what one page shows: tickets, their summaries and how many there are.
func (h *house) page(b *testing.B, f desk.TicketFilter) {
	err := h.View(b.Context(), func(tx *store.Tx) error {
		tickets, err := tx.ListTickets(b.Context(), f)
		if err != nil {
			return err
		}
		if _, err := tx.SummarizeTickets(b.Context(), numbers(tickets)); err != nil {
			return err
		}
		_, err = tx.CountTickets(b.Context(), f)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}
