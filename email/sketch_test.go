package email_test

import (
	"context"
	"strings"
	"testing"

	"tandem/access"
	"tandem/desk"
	"tandem/directory"
	"tandem/email"
	"tandem/problem"
	"tandem/store"
)

// rehearse runs the office's triggers on a mail, as the page does.
func (o *office) rehearse(r desk.Rehearsal) (*desk.Trial, error) {
	o.t.Helper()
	service := desk.NewService(store.For[desk.Tx](o.db), o.blobs, desk.Options{
		Now: o.clock.Now, NewToken: func() string { return "sketch" },
		SketchMail: func(ctx context.Context, tx desk.Tx, raw string, id int64) (*desk.MailSketch, error) {
			return o.ledger.Sketch(ctx, tx, raw, email.MailID(id))
		},
	})
	return service.Rehearse(o.t.Context(), access.System(), r)
}

// watch adds a trigger that looks at what a mail brings.
func (o *office) watch(fields ...string) {
	o.t.Helper()
	title := "Watch"
	conditions := &desk.Conditions{}
	for _, f := range fields {
		parts := strings.SplitN(f, " ", 3)
		conditions.All = append(conditions.All, desk.Condition{Field: parts[0], Operator: desk.Operator(parts[1]), Value: parts[2]})
	}
	actions := []desk.Action{{Field: "current_tags", Value: []string{"seen"}}}
	_, err := o.desk.CreateTrigger(o.t.Context(), access.System(), desk.TriggerChange{Title: &title, Conditions: conditions, Actions: &actions})
	check(o.t, err)
}

func codeOf(err error) string {
	if p := problem.As(err); p != nil {
		return p.Code
	}
	return ""
}

func TestTriggersSeeTheMail(t *testing.T) {
	o := setup(t)
	o.policy(func(p *email.Policy) { p.Automatic = email.Accept })
	o.watch("mail_address is "+support, "mail_automatic is true", "requester_domain is client.example")
	o.deliver(support, mail("auto@client", "Auto-Submitted: auto-generated"))
	o.deliver(support, mail("person@client"))
	o.read(support)
	for _, m := range o.mails() {
		ticket, _ := o.ticket(m.TicketID)
		if tagged, want := len(ticket.Tags) == 1, m.MessageID == "auto@client"; tagged != want {
			t.Errorf("%s: tagged %t, want %t", m.MessageID, tagged, want)
		}
	}
}

func TestPastedMailIsRehearsed(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("one@client"))
	o.read(support)
	first := o.only()
	o.watch("update_type is Change", "comment_includes_word includes again", "attachment is present")

	answer := strings.Join([]string{
		"", "From: Ana Lima <ana@client.example>", "To: " + support, "Subject: Re: Printer on fire", "In-Reply-To: <one@client>", "MIME-Version: 1.0",
		"Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: text/plain", "", "It burns again.", "--b",
		"Content-Type: image/png; name=fire.png", "Content-Disposition: attachment; filename=fire.png", "Content-Transfer-Encoding: base64", "", "iVBORw0KGgo=", "--b--", "",
	}, "\n")
	trial, err := o.rehearse(desk.Rehearsal{Mail: answer})
	check(t, err)
	if trial.Created || trial.Before.ID != first.TicketID || trial.Triggers[0].Order != 1 {
		t.Errorf("an answer: created %t, on ticket %d, verdicts %+v", trial.Created, trial.Before.ID, trial.Triggers[0].All)
	}
	stranger := strings.ReplaceAll(strings.ReplaceAll(answer, "In-Reply-To: <one@client>\n", ""), "ana@client.example", "new@client.example")
	trial, err = o.rehearse(desk.Rehearsal{Mail: stranger})
	check(t, err)
	if !trial.Created || trial.Before.ID != 0 || trial.Before.Recipient != support || trial.Triggers[0].Met {
		t.Errorf("a new mail: %+v", trial.Before)
	}
	if got := len(o.mails()); got != 1 {
		t.Errorf("the ledger has %d mails", got)
	}
	o.update(func(tx email.Tx) error {
		found, err := tx.FindUserByEmail(t.Context(), "new@client.example")
		if found != nil {
			t.Error("a person was made of a pasted mail")
		}
		return err
	})
	trial, err = o.rehearse(desk.Rehearsal{Mail: strings.Replace(stranger, "\nFrom:", "\nAuto-Submitted: auto-generated\nFrom:", 1)})
	check(t, err)
	if trial.Suspended != string(email.CauseAutomatic) || !trial.Created {
		t.Errorf("a notification: suspended %q, created %t", trial.Suspended, trial.Created)
	}
	for code, raw := range map[string]string{"not_mail": "just words", "no_sender": "Subject: nobody\n\nhello"} {
		if _, err := o.rehearse(desk.Rehearsal{Mail: raw}); codeOf(err) != code {
			t.Errorf("%q: %v, want %s", raw, err, code)
		}
	}
}

func TestPastMailIsRehearsed(t *testing.T) {
	o := setup(t)
	o.deliver(support, mail("one@client"))
	o.read(support)
	m := o.only()
	o.watch("update_type is Create", "mail_address is "+support, "requester_role is "+string(directory.EndUser))
	trial, err := o.rehearse(desk.Rehearsal{MailID: int64(m.ID)})
	check(t, err)
	if !trial.Created || trial.Triggers[0].Order != 1 {
		t.Errorf("created %t, verdicts %+v", trial.Created, trial.Triggers[0].All)
	}
	if _, err := o.rehearse(desk.Rehearsal{MailID: 999}); codeOf(err) != "not_found" {
		t.Errorf("an unknown mail: %v", err)
	}
}
