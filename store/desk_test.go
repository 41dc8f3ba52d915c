package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tandem/desk"
	"tandem/directory"
	"tandem/email"
	"tandem/problem"
	"tandem/store"
	"tandem/store/storetest"
)

func TestTicketComesBackAsStored(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		sibling := h.ticket(1)
		h.insertTickets(t, sibling)
		ticket := h.ticket(2)
		ticket.Priority, ticket.Tags, ticket.ExternalID = desk.High, []string{"vip", "返品"}, "ERP-1"
		ticket.CCs, ticket.Siblings = []directory.UserID{h.agent.ID}, []desk.TicketID{sibling.ID}
		ticket.FollowUpOf, ticket.Imported, ticket.TeamID = sibling.ID, true, 3
		h.insertTickets(t, ticket)

		get := func(id desk.TicketID) *desk.Ticket {
			t.Helper()
			return read(t, db, func(tx *store.Tx) (*desk.Ticket, error) { return tx.GetTicket(t.Context(), id) })
		}
		stored := cmpopts.IgnoreFields(desk.Ticket{}, "GeneratedAt") // which the store sets
		if diff := cmp.Diff(ticket, get(ticket.ID), stored); diff != "" {
			t.Errorf("inserted (-want +got)\n%s", diff)
		}
		if got := get(sibling.ID).Siblings; !slices.Equal(got, []desk.TicketID{ticket.ID}) {
			t.Errorf("the sibling's siblings are %v", got)
		}
		if got := read(t, db, func(tx *store.Tx) (*desk.Ticket, error) {
			return tx.FindTicketByReplyToken(t.Context(), "token-2")
		}); got == nil || got.ID != ticket.ID {
			t.Errorf("by its token found %v", got)
		}
		if got := read(t, db, func(tx *store.Tx) (*desk.Ticket, error) {
			return tx.FindTicketByReplyToken(t.Context(), "unknown")
		}); got != nil {
			t.Errorf("by an unknown token found %v", got)
		}

		ticket.Subject, ticket.Status, ticket.AssigneeID = "Refund", desk.Solved, h.agent.ID
		ticket.SolvedAt, ticket.FirstReplyAt, ticket.UpdatedAt = noon.Add(time.Hour), noon.Add(time.Minute), noon.Add(time.Hour)
		ticket.CCs, ticket.Tags = []directory.UserID{h.requester.ID}, nil
		update(t, db, func(tx *store.Tx) error { return tx.UpdateTicket(t.Context(), ticket) })
		if ticket.Version != 2 {
			t.Errorf("version is %d after one change", ticket.Version)
		}
		if diff := cmp.Diff(ticket, get(ticket.ID), stored); diff != "" {
			t.Errorf("updated (-want +got)\n%s", diff)
		}
	})
}

func TestStaleTicketIsNotWritten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		ticket := h.ticket(1)
		h.insertTickets(t, ticket)
		stale := *ticket
		ticket.Subject = "newer"
		update(t, db, func(tx *store.Tx) error { return tx.UpdateTicket(t.Context(), ticket) })
		stale.Subject = "older"
		err := db.Update(t.Context(), func(tx *store.Tx) error { return tx.UpdateTicket(t.Context(), &stale) })
		wantKind(t, err, problem.Conflict)
		got := read(t, db, func(tx *store.Tx) (*desk.Ticket, error) { return tx.GetTicket(t.Context(), ticket.ID) })
		if got.Subject != "newer" {
			t.Errorf("subject is %q", got.Subject)
		}
		err = db.Update(t.Context(), func(tx *store.Tx) error { return tx.UpdateTicket(t.Context(), &desk.Ticket{ID: 4711}) })
		wantKind(t, err, problem.NotFound)
	})
}

func TestTicketFilters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		yuki := directory.User{Name: "田中 ゆき", Email: "yuki@example.jp", Role: directory.EndUser}
		abel := directory.User{Name: "abel Moreau", Email: "abel@example.com", Role: directory.EndUser}
		other := directory.Brand{Name: "Adatum"}
		update(t, db, func(tx *store.Tx) error {
			if err := tx.InsertUser(t.Context(), &yuki); err != nil {
				return err
			}
			if err := tx.InsertUser(t.Context(), &abel); err != nil {
				return err
			}
			return tx.InsertBrand(t.Context(), &other)
		})
		a, b, c, d := h.ticket(1), h.ticket(2), h.ticket(3), h.ticket(4)
		a.Subject, a.RequesterID, a.Priority = "商品の返品について", yuki.ID, desk.Urgent
		b.Status, b.AssigneeID, b.Subject = desk.Open, h.agent.ID, "100% wrong_size"
		c.Status, c.BrandID, c.Recipient = desk.Solved, other.ID, "sales@contoso.example"
		d.Status, d.ExternalID, d.Priority, d.RequesterID = desk.Closed, "ERP-7", desk.Low, abel.ID
		h.insertTickets(t, a, b, c)
		d.FollowUpOf = c.ID
		h.insertTickets(t, d)
		update(t, db, func(tx *store.Tx) error {
			if err := tx.InsertComment(t.Context(), &desk.Comment{TicketID: b.ID, AuthorID: h.requester.ID, Flag: desk.FlagStranger}); err != nil {
				return err
			}
			_, err := tx.InsertMail(t.Context(), &email.Mail{Direction: email.Outbound, State: email.Failed, TicketID: c.ID, CommentID: 1})
			return err
		})
		for _, test := range []struct {
			why  string
			f    desk.TicketFilter
			want []*desk.Ticket
		}{
			{"newest change first", desk.TicketFilter{}, []*desk.Ticket{d, c, b, a}},
			{"oldest change first", desk.TicketFilter{Sort: desk.SortUpdated}, []*desk.Ticket{a, b, c, d}},
			{"ids", desk.TicketFilter{IDs: []desk.TicketID{a.ID, c.ID}, Sort: desk.SortID}, []*desk.Ticket{a, c}},
			{"one status", desk.TicketFilter{Statuses: []desk.Status{desk.Solved}}, []*desk.Ticket{c}},
			{"two statuses", desk.TicketFilter{Statuses: []desk.Status{desk.New, desk.Closed}}, []*desk.Ticket{d, a}},
			{"two statuses, a page", desk.TicketFilter{Statuses: []desk.Status{desk.New, desk.Closed}, Limit: 1, Offset: 1}, []*desk.Ticket{a}},
			{"requester", desk.TicketFilter{Requester: yuki.ID}, []*desk.Ticket{a}},
			{"assignee", desk.TicketFilter{Assignee: h.agent.ID}, []*desk.Ticket{b}},
			{"unassigned", desk.TicketFilter{Unassigned: true}, []*desk.Ticket{d, c, a}},
			{"brand", desk.TicketFilter{Brand: other.ID}, []*desk.Ticket{c}},
			{"recipient", desk.TicketFilter{Recipient: "sales@contoso.example"}, []*desk.Ticket{c}},
			{"external id", desk.TicketFilter{ExternalID: "ERP-7"}, []*desk.Ticket{d}},
			{"follow-up", desk.TicketFilter{FollowUpOf: c.ID}, []*desk.Ticket{d}},
			{"flagged", desk.TicketFilter{Flagged: true}, []*desk.Ticket{b}},
			{"failed", desk.TicketFilter{Failed: true}, []*desk.Ticket{c}},
			{"life", desk.TicketFilter{Sort: desk.SortStatus}, []*desk.Ticket{a, b, c, d}},
			{"life backwards", desk.TicketFilter{Sort: desk.SortStatus, Descending: true}, []*desk.Ticket{d, c, b, a}},
			{"urgency", desk.TicketFilter{Sort: desk.SortPriority, Descending: true}, []*desk.Ticket{a, d, c, b}},
			{"subject", desk.TicketFilter{Sort: desk.SortSubject}, []*desk.Ticket{b, c, d, a}},
			{"requester by name", desk.TicketFilter{Sort: desk.SortRequester}, []*desk.Ticket{d, b, c, a}},
			{"assignee, nobody first", desk.TicketFilter{Sort: desk.SortAssignee}, []*desk.Ticket{a, c, d, b}},
			{"brand by name, backwards", desk.TicketFilter{Sort: desk.SortBrand, Descending: true}, []*desk.Ticket{d, b, a, c}},
			{"two Japanese characters", desk.TicketFilter{Text: terms("返品")}, []*desk.Ticket{a}},
			{"requester's name", desk.TicketFilter{Text: terms("ゆき")}, []*desk.Ticket{a}},
			{"requester's address in full width", desk.TicketFilter{Text: terms("ＹＵＫＩ＠")}, []*desk.Ticket{a}},
			{"all words must be found", desk.TicketFilter{Text: terms("yuki question")}, nil},
			{"signs are no words", desk.TicketFilter{Text: terms("%")}, []*desk.Ticket{d, c, b, a}},
			{"number", desk.TicketFilter{Text: terms("#1")}, []*desk.Ticket{a}},
			{"search and status", desk.TicketFilter{Text: terms("question"), Statuses: []desk.Status{desk.Solved, desk.New}}, []*desk.Ticket{c}},
		} {
			var want []desk.TicketID
			for _, ticket := range test.want {
				want = append(want, ticket.ID)
			}
			if diff := cmp.Diff(want, h.list(t, test.f)); diff != "" {
				t.Errorf("%s (-want +got)\n%s", test.why, diff)
			}
			f := test.f
			f.Limit, f.Offset = 1, 3
			if test.f.Limit > 0 {
				continue
			}
			if n := read(t, db, func(tx *store.Tx) (int, error) { return tx.CountTickets(t.Context(), f) }); n != len(want) {
				t.Errorf("%s: counted %d, want %d", test.why, n, len(want))
			}
		}
		err := db.View(t.Context(), func(tx *store.Tx) error {
			_, err := tx.ListTickets(t.Context(), desk.TicketFilter{After: &desk.Position{Key: "not a number"}})
			return err
		})
		wantKind(t, err, problem.Invalid)
	})
}

func TestTicketsAreCountedThroughTheirLife(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		other := directory.Brand{Name: "Fabrikam"}
		update(t, db, func(tx *store.Tx) error { return tx.InsertBrand(t.Context(), &other) })
		a, b, c := h.ticket(1), h.ticket(2), h.ticket(3)
		h.insertTickets(t, a, b, c)
		want := func(f desk.TicketFilter, counts map[desk.Status]int) {
			t.Helper()
			got := read(t, db, func(tx *store.Tx) (map[desk.Status]int, error) { return tx.CountTicketsByStatus(t.Context(), f) })
			if diff := cmp.Diff(counts, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%+v (-want +got)\n%s", f, diff)
			}
		}
		want(desk.TicketFilter{}, map[desk.Status]int{desk.New: 3})
		update(t, db, func(tx *store.Tx) error {
			a.Status, b.BrandID, c.Subject = desk.Solved, other.ID, "same status, same brand"
			for _, ticket := range []*desk.Ticket{a, b, c} {
				if err := tx.UpdateTicket(t.Context(), ticket); err != nil {
					return err
				}
			}
			return nil
		})
		want(desk.TicketFilter{}, map[desk.Status]int{desk.New: 2, desk.Solved: 1})
		want(desk.TicketFilter{Brand: other.ID}, map[desk.Status]int{desk.New: 1})
		want(desk.TicketFilter{Statuses: []desk.Status{desk.Solved, desk.Open}}, map[desk.Status]int{desk.Solved: 1})
		want(desk.TicketFilter{Unassigned: true, Brand: h.brand.ID}, map[desk.Status]int{desk.New: 1, desk.Solved: 1})
		want(desk.TicketFilter{Assignee: h.agent.ID}, nil)
	})
}

func TestCommentsComeWithFilesAndDelivery(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		ticket := h.ticket(1)
		h.insertTickets(t, ticket)
		first := &desk.Comment{
			TicketID: ticket.ID, AuthorID: h.requester.ID, Public: true, Text: "Where is it?", HTML: "<p>Where is it?</p>",
			QuotedText: "> earlier", QuotedHTML: "<blockquote>earlier</blockquote>", HasRemoteImages: true,
			Via: desk.ByEmail, MailID: 7, CreatedAt: noon,
		}
		reply := &desk.Comment{
			TicketID: ticket.ID, AuthorID: h.agent.ID, Public: true, Text: "On its way.", Via: desk.ByWeb,
			CCs: []directory.UserID{h.requester.ID}, CreatedAt: noon.Add(time.Minute),
		}
		earlier := &desk.Comment{TicketID: ticket.ID, AuthorID: h.requester.ID, Text: "imported", Via: desk.ByEmail, CreatedAt: noon.Add(-time.Hour)}
		file := &desk.Attachment{FileName: "写真.jpg", ContentType: "image/jpeg", Size: 3, Blob: "key", Inline: true, ContentID: "a@b", Secret: "s1", CreatedAt: noon}
		upload := &desk.Attachment{FileName: "b.pdf", ContentType: "application/pdf", Size: 4, Blob: "key2", Secret: "s2", UploadToken: "up", CreatedAt: noon}
		sent := &email.Mail{
			Direction: email.Outbound, State: email.Failed, Attempts: 3, TicketID: ticket.ID, FiledAt: noon.Add(time.Hour),
			ErrorCode: "mailbox_full", Error: "The mailbox is full.", ErrorRemedy: "Empty it.",
		}
		update(t, db, func(tx *store.Tx) error {
			for _, c := range []*desk.Comment{first, reply, earlier} {
				if err := tx.InsertComment(t.Context(), c); err != nil {
					return err
				}
			}
			file.CommentID = first.ID
			for _, a := range []*desk.Attachment{file, upload} {
				if err := tx.InsertAttachment(t.Context(), a); err != nil {
					return err
				}
			}
			if err := attachAll(t, tx, "up", reply.ID); err != nil {
				return err
			}
			sent.CommentID = reply.ID
			_, err := tx.InsertMail(t.Context(), sent)
			return err
		})
		upload.CommentID = reply.ID
		first.Attachments, reply.Attachments = []desk.Attachment{*file}, []desk.Attachment{*upload}
		reply.Delivery = &desk.Delivery{
			State: desk.DeliveryFailed, ErrorCode: "mailbox_full", Error: "The mailbox is full.", Remedy: "Empty it.",
			Attempts: 3, SentAt: noon.Add(time.Hour),
		}
		got := read(t, db, func(tx *store.Tx) ([]*desk.Comment, error) { return tx.ListComments(t.Context(), ticket.ID) })
		if diff := cmp.Diff([]*desk.Comment{earlier, first, reply}, got); diff != "" {
			t.Errorf("list (-want +got)\n%s", diff)
		}

		reply.MailID, reply.Public, reply.Flag = int64(sent.ID), false, desk.FlagStranger
		update(t, db, func(tx *store.Tx) error { return tx.UpdateComment(t.Context(), reply) })
		one := read(t, db, func(tx *store.Tx) (*desk.Comment, error) { return tx.GetComment(t.Context(), reply.ID) })
		if diff := cmp.Diff(reply, one); diff != "" {
			t.Errorf("updated (-want +got)\n%s", diff)
		}
		err := db.View(t.Context(), func(tx *store.Tx) error {
			_, err := tx.GetComment(t.Context(), 4711)
			return err
		})
		wantKind(t, err, problem.NotFound)
	})
}

func TestDeliveryOfAReplyFollowsItsMail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		ticket := h.ticket(1)
		h.insertTickets(t, ticket)
		comment := &desk.Comment{TicketID: ticket.ID, AuthorID: h.agent.ID, Public: true, Text: "Hello", CreatedAt: noon}
		m := &email.Mail{Direction: email.Outbound, State: email.Waiting, TicketID: ticket.ID}
		update(t, db, func(tx *store.Tx) error {
			if err := tx.InsertComment(t.Context(), comment); err != nil {
				return err
			}
			m.CommentID = comment.ID
			_, err := tx.InsertMail(t.Context(), m)
			return err
		})
		for state, want := range map[email.MailState]desk.DeliveryState{
			email.Waiting: desk.DeliveryWaiting, email.Drafted: desk.DeliveryWaiting, email.Sending: desk.DeliverySending,
			email.Sent: desk.DeliverySent, email.Failed: desk.DeliveryFailed,
		} {
			m.State = state
			update(t, db, func(tx *store.Tx) error { return tx.UpdateMail(t.Context(), m) })
			got := read(t, db, func(tx *store.Tx) (*desk.Comment, error) { return tx.GetComment(t.Context(), comment.ID) })
			if got.Delivery == nil || got.Delivery.State != want {
				t.Errorf("mail %s: delivery is %+v, want %s", state, got.Delivery, want)
			}
		}
	})
}

func TestSummaryOfTickets(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		a, b := h.ticket(1), h.ticket(2)
		h.insertTickets(t, a, b)
		c, d := h.ticket(3), h.ticket(4)
		c.FollowUpOf, d.FollowUpOf = a.ID, a.ID
		h.insertTickets(t, c, d)
		update(t, db, func(tx *store.Tx) error {
			for i, comment := range []*desk.Comment{
				{TicketID: a.ID, AuthorID: h.agent.ID, Text: "second", CreatedAt: noon},
				{TicketID: a.ID, AuthorID: h.requester.ID, Text: "first", CreatedAt: noon.Add(-time.Hour), Flag: desk.FlagStranger},
				{TicketID: b.ID, AuthorID: h.agent.ID, Text: "返品", CreatedAt: noon},
			} {
				if err := tx.InsertComment(t.Context(), comment); err != nil {
					return err
				}
				if i == 2 {
					m := &email.Mail{Direction: email.Outbound, State: email.Failed, TicketID: b.ID, CommentID: comment.ID}
					if _, err := tx.InsertMail(t.Context(), m); err != nil {
						return err
					}
				}
			}
			return nil
		})
		got := read(t, db, func(tx *store.Tx) (map[desk.TicketID]desk.Summary, error) {
			return tx.SummarizeTickets(t.Context(), []desk.TicketID{a.ID, b.ID, c.ID})
		})
		want := map[desk.TicketID]desk.Summary{
			a.ID: {Description: "first", Comments: 2, Flagged: true, FollowUps: []desk.TicketID{c.ID, d.ID}},
			b.ID: {Description: "返品", Comments: 1, DeliveryFailed: true},
			c.ID: {},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

func TestUploadsWaitForTheirComment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := furnish(t, db)
		ticket := h.ticket(1)
		h.insertTickets(t, ticket)
		comment := &desk.Comment{TicketID: ticket.ID, AuthorID: h.agent.ID, Text: "see file"}
		used := &desk.Attachment{FileName: "a", Secret: "s1", UploadToken: "used", CreatedAt: noon}
		forgotten := &desk.Attachment{FileName: "b", Secret: "s2", UploadToken: "forgotten", CreatedAt: noon}
		fresh := &desk.Attachment{FileName: "c", Secret: "s3", UploadToken: "fresh", CreatedAt: noon.Add(time.Hour)}
		update(t, db, func(tx *store.Tx) error {
			for _, a := range []*desk.Attachment{used, forgotten, fresh} {
				if err := tx.InsertAttachment(t.Context(), a); err != nil {
					return err
				}
			}
			if err := tx.InsertComment(t.Context(), comment); err != nil {
				return err
			}
			return attachAll(t, tx, "used", comment.ID)
		})
		upload := func(token string) []desk.Attachment {
			return read(t, db, func(tx *store.Tx) ([]desk.Attachment, error) { return tx.ListUpload(t.Context(), token) })
		}
		if got := upload("used"); len(got) != 0 {
			t.Errorf("an upload that a comment took lists %v", got)
		}
		if diff := cmp.Diff([]desk.Attachment{*forgotten}, upload("forgotten")); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if got := upload(""); len(got) != 0 {
			t.Errorf("the empty token lists %v", got)
		}
		abandoned := read(t, db, func(tx *store.Tx) ([]desk.Attachment, error) {
			return tx.ListAbandonedUploads(t.Context(), noon.Add(time.Minute), 10)
		})
		if diff := cmp.Diff([]desk.Attachment{*forgotten}, abandoned); diff != "" {
			t.Errorf("abandoned (-want +got)\n%s", diff)
		}
		update(t, db, func(tx *store.Tx) error { return tx.DeleteUpload(t.Context(), "forgotten") })
		if got := upload("forgotten"); len(got) != 0 {
			t.Errorf("a deleted upload lists %v", got)
		}

		// The comment is taken back: its file can be used again.
		update(t, db, func(tx *store.Tx) error { return tx.DeleteComment(t.Context(), comment.ID) })
		if got := upload("used"); len(got) != 1 || got[0].ID != used.ID {
			t.Errorf("after the comment was deleted its upload lists %v", got)
		}
		got := read(t, db, func(tx *store.Tx) (*desk.Attachment, error) { return tx.FindAttachmentBySecret(t.Context(), "s1") })
		if got == nil || got.ID != used.ID || got.CommentID != 0 {
			t.Errorf("by its address found %+v", got)
		}
		err := db.Update(t.Context(), func(tx *store.Tx) error { return tx.DeleteComment(t.Context(), comment.ID) })
		wantKind(t, err, problem.NotFound)
	})
}

// A column that refers to blobs and is not known as such loses its bytes.
func TestEveryReferenceToABlobIsKnown(t *testing.T) {
	db := storetest.OpenSQLite(t)
	for _, column := range read(t, db, func(tx *store.Tx) ([]string, error) { return tx.ColumnsNamed(t.Context(), "blob") }) {
		if !store.RefersToBlob(column) && column != "discarded_blob.blob" {
			t.Errorf("%s refers to blobs: add it to blobColumns", column)
		}
	}
}

// attachAll gives all files of an upload to a comment.
func attachAll(t *testing.T, tx *store.Tx, token string, to desk.CommentID) error {
	t.Helper()
	files, err := tx.ListUpload(t.Context(), token)
	for i := range files {
		files[i].CommentID = to
		if err == nil {
			err = tx.AttachFile(t.Context(), &files[i])
		}
	}
	return err
}
