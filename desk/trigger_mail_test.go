package desk_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/desk"
	"tandem/directory"
	"tandem/email"
	"tandem/store"
)

// mailbox makes an address that is ours.
func (w *world) mailbox(address string) {
	w.t.Helper()
	w.must(store.For[email.Tx](w.db).Update(w.t.Context(), func(tx email.Tx) error {
		c := &email.Connection{Kind: email.Exchange, State: email.Connected, Email: address, TenantID: "t", UserID: address}
		if err := tx.InsertConnection(w.t.Context(), c); err != nil {
			return err
		}
		brand, err := tx.DefaultBrand(w.t.Context())
		if err != nil {
			return err
		}
		return tx.InsertSupportAddress(w.t.Context(), &email.SupportAddress{Email: address, BrandID: brand.ID, Default: true, ConnectionID: c.ID})
	}))
}

// letters are the mails that triggers wrote, oldest first, as "recipients: subject: text or HTML".
func (w *world) letters() (letters []string) {
	w.t.Helper()
	w.must(store.For[email.Tx](w.db).View(w.t.Context(), func(tx email.Tx) error {
		letters = nil
		mails, err := tx.ListMail(w.t.Context(), email.MailFilter{Direction: email.Outbound})
		for _, m := range slices.Backward(mails) {
			if m.CommentID != 0 {
				continue
			}
			n, err := tx.GetNotification(w.t.Context(), m.ID)
			if err != nil {
				return err
			}
			var to []string
			for _, p := range m.To {
				to = append(to, p.Email)
			}
			letters = append(letters, strings.Join(to, ",")+": "+n.Subject+": "+n.Text+n.HTML)
		}
		return err
	}))
	return letters
}

func (w *world) wrote(want ...string) {
	w.t.Helper()
	if got := w.letters(); !slices.Equal(got, want) {
		w.t.Errorf("wrote\n%q, want\n%q", got, want)
	}
}

func mailTo(who, subject, text string) desk.Action {
	return do("notification_user", who, subject, text)
}

func TestTriggersWriteMails(t *testing.T) {
	each(t, func(w *world) {
		w.mailbox("support@contoso.example")
		w.add(rule("Everybody", []string{"update_type is Create"},
			mailTo("requester_id", "Received: {{ticket.title}}", "Dear {{ticket.requester.first_name}}, your number is {{ticket.id}}."),
			mailTo("all_agents", "New", "{{ticket.latest_comment}} {{ticket.link}}"),
			do("notification_address", "Boss@Contoso.example", "For the boss", "{{ticket.status}}")))
		w.open(desk.NewTicket{Subject: "Tea & <b>cake</b>", Comment: desk.NewComment{Public: true, Text: "Now"}})
		w.wrote("aiko@fabrikam.example: Received: Tea & <b>cake</b>: Dear Aiko, your number is 1.",
			"ana@contoso.example,ben@contoso.example,eve@contoso.example: New: Now https://desk.example/tickets/1",
			"boss@contoso.example: For the boss: new")
	})
}

func TestWhatIsFilledIntoHTMLIsEscaped(t *testing.T) {
	w := one(t)
	w.mailbox("support@contoso.example")
	w.add(rule("HTML", []string{"update_type is Create"}, mailTo("requester_id", "Hello", "<p>About <b>{{ticket.title}}</b></p><p>{{ticket.latest_comment}}</p>")))
	w.open(desk.NewTicket{Subject: `<img src=x onerror="alert(1)">`, Comment: desk.NewComment{Public: true, Text: "a < b\n</p><script>"}})
	html := `<p>About <b>&lt;img src=x onerror=&#34;alert(1)&#34;&gt;</b></p><p>a &lt; b<br>` + "\n" + `&lt;/p&gt;&lt;script&gt;</p>`
	text := `About <img src=x onerror="alert(1)">` + "\n\na < b\n</p><script>"
	w.wrote("aiko@fabrikam.example: Hello: " + text + html)
}

// A requester must never read by way of a placeholder what agents write among themselves.
func TestRequesterReadsNoNotes(t *testing.T) {
	w := one(t)
	w.mailbox("support@contoso.example")
	ticket := w.mailIn()
	w.add(rule("On notes", []string{"comment_is_public is false"}, mailTo("requester_id", "News", "{{ticket.latest_comment}}"), mailTo("assignee_id", "News", "{{ticket.latest_comment}}")))
	assignee := w.colleague.UserID
	_, _, err := w.desk.Update(t.Context(), w.agent, ticket.ID, desk.Change{AssigneeID: &assignee, Comment: &desk.Draft{Text: "He is a nuisance."}})
	w.must(err)
	w.wrote("aiko@fabrikam.example: News: Where is it?", "ben@contoso.example: News: He is a nuisance.")
}

func TestMailsThatAreHeldBack(t *testing.T) {
	for _, test := range []struct {
		name    string
		prepare func(*world, *desk.NewTicket)
		reason  string
	}{
		{"to a suspended person", func(w *world, _ *desk.NewTicket) {
			w.update(func(tx desk.Tx) error {
				gone := *w.requester
				gone.Suspended = true
				return tx.UpdateUser(context.Background(), &gone)
			})
		}, "recipient_suspended"},
		{"in answer to automatic mail", func(_ *world, n *desk.NewTicket) { n.Comment.Facts.Automatic = true }, "answers_automatic_mail"},
		{"to our own address", func(w *world, n *desk.NewTicket) {
			n.RequesterID = w.person("Us", "support+x@contoso.example", directory.EndUser).ID
		}, "our_own_address"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := one(t)
			w.mailbox("support@contoso.example")
			w.add(rule("Answer", []string{"update_type is Create"}, mailTo("requester_id", "Received", "Thank you.")))
			n := desk.NewTicket{Subject: "?", RequesterID: w.requester.ID, Comment: desk.NewComment{Public: true, Text: "?"}}
			test.prepare(w, &n)
			ticket := w.open(n)
			w.wrote()
			events := w.audits(ticket.ID)[0].Events
			if last := events[len(events)-1]; last.Type != desk.Notified || last.Reason != test.reason {
				t.Errorf("written down: %+v", last)
			}
		})
	}
}

// Two machines that answer each other's answers would never stop.
func TestARequesterGetsOneAutomaticAnswerInAnHour(t *testing.T) {
	each(t, func(w *world) {
		w.mailbox("support@contoso.example")
		w.add(rule("Answer", []string{"update_type is Create"}, mailTo("requester_id", "Received", "Thank you.")))
		w.mailIn()
		w.clock.pass(59 * time.Minute)
		second := w.mailIn()
		if got := len(w.letters()); got != 1 {
			w.t.Fatalf("%d answers within the hour", got)
		}
		events := w.audits(second.ID)[0].Events
		if last := events[len(events)-1]; last.Reason != "sent_before" {
			w.t.Errorf("written down: %+v", last)
		}
		w.clock.pass(2 * time.Minute)
		w.mailIn()
		if got := len(w.letters()); got != 2 {
			w.t.Errorf("%d answers after the hour", got)
		}
	})
}

func TestShippedTriggersAreOffAndWork(t *testing.T) {
	each(t, func(w *world) {
		w.mailbox("support@contoso.example")
		w.must(w.desk.ShipTriggers(w.t.Context()))
		w.must(w.desk.ShipTriggers(w.t.Context())) // the next start
		shipped, err := w.desk.Triggers(w.t.Context(), w.agent, desk.TriggerFilter{})
		w.must(err)
		if len(shipped) != 4 || shipped[0].Title != "Auto-answer on creation" {
			w.t.Fatalf("shipped %d triggers, the first is %q", len(shipped), shipped[0].Title)
		}
		w.mailIn()
		w.wrote()
		on := true
		for _, v := range shipped {
			if v.Active || !v.Shipped {
				w.t.Errorf("%s: active %t, shipped %t", v.Title, v.Active, v.Shipped)
			}
			if err := v.Validate(); err != nil {
				w.t.Errorf("%s: %v", v.Title, err)
			}
			_, err := w.desk.ChangeTrigger(w.t.Context(), w.admin, v.ID, desk.TriggerChange{Active: &on})
			w.must(err)
		}
		ticket := w.mailIn()
		assignee := w.colleague.UserID
		_, _, err = w.desk.Update(w.t.Context(), w.agent, ticket.ID, desk.Change{AssigneeID: &assignee})
		w.must(err)
		w.must(second2(w.say(ticket.ID, desk.NewComment{AuthorID: w.requester.ID, Public: true, Text: "Hello?"})))
		var subjects []string
		for _, letter := range w.letters() {
			to, rest, _ := strings.Cut(letter, ": ")
			first, _, _ := strings.Cut(rest, "\n")
			subjects = append(subjects, to+": "+first)
		}
		want := []string{
			"aiko@fabrikam.example: Received: My order: Dear Aiko Tanaka,",
			"ana@contoso.example,ben@contoso.example,eve@contoso.example: New: #2 My order: Aiko Tanaka wrote:",
			"ben@contoso.example: Assigned to you: #2 My order: The ticket of Aiko Tanaka has been assigned to you.",
			"ben@contoso.example: New comment on #2 My order: Aiko Tanaka wrote:",
		}
		if !slices.Equal(subjects, want) {
			w.t.Errorf("wrote\n%q, want\n%q", subjects, want)
		}
	})
}

func TestRehearsalSaysWhyAndWritesNothing(t *testing.T) {
	each(t, func(w *world) {
		w.mailbox("support@contoso.example")
		ticket := w.mailIn()
		w.add(rule("Second", []string{"priority is urgent", "update_type is Create"}, do("current_tags", "alarm"), do("internal_note", "Run, {{ticket.requester.name}}"), mailTo("requester_id", "Received", "Thank you.")))
		w.add(rule("First", []string{"subject_includes_word includes order"}, do("priority", "urgent")))
		off := false
		idle := rule("Idle", []string{"status is new"}, do("priority", "low"))
		idle.Active = &off
		w.add(idle)
		w.add(rule("Never", []string{"status is solved"}, do("priority", "low")))
		trial, err := w.desk.Rehearse(w.t.Context(), w.admin, desk.Rehearsal{Ticket: ticket.ID})
		w.must(err)
		second, first, resting, never := trial.Triggers[0], trial.Triggers[1], trial.Triggers[2], trial.Triggers[3]
		if first.Order != 1 || second.Order != 2 || resting.Order != 0 || !resting.Met || never.Order != 0 || never.Met {
			w.t.Errorf("order %d %d %d %d", first.Order, second.Order, resting.Order, never.Order)
		}
		if v := second.All[0]; !v.Met || v.Saw != "urgent" {
			w.t.Errorf("the second saw %+v when it fired", v)
		}
		if v := never.All[0]; v.Met || v.Saw != "new" {
			w.t.Errorf("what did not fire saw %+v", v)
		}
		if !slices.Equal(second.Notes, []string{"Run, Aiko Tanaka"}) || trial.After.Priority != desk.Urgent || !slices.Equal(trial.After.Tags, []string{"alarm"}) {
			w.t.Errorf("notes %v, after %+v", second.Notes, trial.After)
		}
		if e := second.Events[len(second.Events)-2]; e.Type != desk.Notified || e.Subject != "Received" || !slices.Equal(e.To, []string{"aiko@fabrikam.example"}) {
			w.t.Errorf("the mail is %+v", e)
		}
		after := w.ticket(ticket.ID)
		if after.Priority != "" || after.Version != ticket.Version || len(w.comments(ticket.ID)) != 1 || len(w.letters()) != 0 || len(w.audits(ticket.ID)) != 1 {
			w.t.Error("the rehearsal has left something behind")
		}
		_, err = w.desk.Rehearse(w.t.Context(), w.agent, desk.Rehearsal{Ticket: ticket.ID})
		w.refused(err, "administrators_only")
	})
}
