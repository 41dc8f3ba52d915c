package api

import (
	"context"

	"tandem/access"
	"tandem/email"
)

func (s *server) mailSettingsRoutes() {
	const tag = "mail settings"
	route(s, op{on: "GET /mail_settings", id: "show_mail_settings", says: "Show the rules for incoming mail", tag: tag, may: agents}, s.showMailSettings)
	route(s, op{on: "PUT /mail_settings", id: "update_mail_settings", says: "Change the rules for incoming mail", tag: tag, may: admins}, s.updateMailSettings)
	route(s, op{on: "GET /mail_settings/senders", id: "list_senders", says: "List allowed, blocked or unlimited senders", tag: tag, may: agents}, s.listSenders)
	route(s, op{on: "POST /mail_settings/senders", id: "add_sender", says: "Put an address or a domain on a list", tag: tag, may: admins, status: 201}, s.addSender)
	// The service lets agents take back what they taught by recovering, and nothing else.
	route(s, op{on: "DELETE /mail_settings/senders/{id}", id: "remove_sender", says: "Take a sender off its list", tag: tag, may: agents}, s.removeSender)
}

// MailSettings are the rules for incoming mail.
type MailSettings struct {
	Forged        string `json:"forged" enum:"suspend,accept" doc:"Mail that the sender's domain disowns; accepted, it never counts as the person"`
	NoReply       string `json:"no_reply" enum:"suspend,accept" doc:"Mail from addresses that take no answers"`
	Automatic     string `json:"automatic" enum:"suspend,accept" doc:"Notifications by programs"`
	Bulk          string `json:"bulk" enum:"newsletters,all,accept" doc:"What to suspend of mail that goes to many"`
	HourlyLimit   int    `json:"hourly_limit" doc:"Mails of one sender in an hour that become tickets or comments; 0: any number"`
	MaxRecipients int    `json:"max_recipients" doc:"Of a mail that opens a ticket; 0: any number"`
	RetentionDays int    `json:"retention_days" doc:"How long suspended mail is kept"`
	Digest        bool   `json:"digest" doc:"Tell the administrators by mail, once a day when there is something new"`
	UpdatedAt     stamp  `json:"updated_at" doc:"null: nobody has changed them yet"`
}

type mailSettingsOut struct {
	Body struct {
		Settings MailSettings `json:"mail_settings"`
	}
}

func shownMailSettings(p email.Policy, err error) (*mailSettingsOut, error) {
	if err != nil {
		return nil, err
	}
	out := new(mailSettingsOut)
	out.Body.Settings = MailSettings{
		Forged: string(p.Forged), NoReply: string(p.NoReply), Automatic: string(p.Automatic), Bulk: string(p.Bulk),
		HourlyLimit: p.HourlyLimit, MaxRecipients: p.MaxRecipients, RetentionDays: p.RetentionDays, Digest: p.Digest, UpdatedAt: stamp(p.UpdatedAt),
	}
	return out, nil
}

func (s *server) showMailSettings(ctx context.Context, by access.Actor, _ *none) (*mailSettingsOut, error) {
	return shownMailSettings(s.suspended.Policy(ctx, by))
}

// MailSettingsBody is what changes; what is absent stays.
type MailSettingsBody struct {
	Forged        *string `json:"forged,omitempty" enum:"suspend,accept"`
	NoReply       *string `json:"no_reply,omitempty" enum:"suspend,accept"`
	Automatic     *string `json:"automatic,omitempty" enum:"suspend,accept"`
	Bulk          *string `json:"bulk,omitempty" enum:"newsletters,all,accept"`
	HourlyLimit   *int    `json:"hourly_limit,omitempty"`
	MaxRecipients *int    `json:"max_recipients,omitempty"`
	RetentionDays *int    `json:"retention_days,omitempty"`
	Digest        *bool   `json:"digest,omitempty"`
}

type updateMailSettingsIn struct {
	Body struct {
		Settings MailSettingsBody `json:"mail_settings"`
	}
}

func (s *server) updateMailSettings(ctx context.Context, by access.Actor, in *updateMailSettingsIn) (*mailSettingsOut, error) {
	b := in.Body.Settings
	return shownMailSettings(s.suspended.ChangePolicy(ctx, by, func(p *email.Policy) {
		set(&p.Forged, convert[email.Treatment](b.Forged))
		set(&p.NoReply, convert[email.Treatment](b.NoReply))
		set(&p.Automatic, convert[email.Treatment](b.Automatic))
		set(&p.Bulk, convert[email.BulkTreatment](b.Bulk))
		set(&p.HourlyLimit, b.HourlyLimit)
		set(&p.MaxRecipients, b.MaxRecipients)
		set(&p.RetentionDays, b.RetentionDays)
		set(&p.Digest, b.Digest)
	}))
}

// Sender is an entry of a list of senders.
type Sender struct {
	ID        int64   `json:"id"`
	List      string  `json:"list" enum:"allow,block,unlimited"`
	Pattern   string  `json:"pattern" doc:"An address, or a domain with all below it"`
	Learned   bool    `json:"learned" doc:"By recovering a mail"`
	CreatedBy *int64  `json:"created_by"`
	CreatedAt instant `json:"created_at"`
}

func encodeSender(r *email.SenderRule) Sender {
	return Sender{
		ID: int64(r.ID), List: string(r.List), Pattern: r.Pattern, Learned: r.Learned,
		CreatedBy: orNull(int64(r.CreatedBy)), CreatedAt: instant(r.CreatedAt),
	}
}

type listSendersIn struct {
	List string `query:"list" enum:"allow,block,unlimited" required:"true"`
}

type sendersOut struct {
	Body struct {
		Senders []Sender `json:"senders"`
		Count   int      `json:"count"`
	}
}

func (s *server) listSenders(ctx context.Context, by access.Actor, in *listSendersIn) (*sendersOut, error) {
	list, err := s.suspended.Senders(ctx, by, email.SenderList(in.List))
	out := new(sendersOut)
	out.Body.Senders, out.Body.Count = each(list, encodeSender), len(list)
	return out, err
}

type addSenderIn struct {
	Body struct {
		Sender struct {
			List    string `json:"list" enum:"allow,block,unlimited"`
			Pattern string `json:"pattern" maxLength:"254"`
		} `json:"sender"`
	}
}

type senderOut struct {
	Body struct {
		Sender Sender `json:"sender"`
	}
}

func (s *server) addSender(ctx context.Context, by access.Actor, in *addSenderIn) (*senderOut, error) {
	r, err := s.suspended.AddSender(ctx, by, email.SenderList(in.Body.Sender.List), in.Body.Sender.Pattern)
	if err != nil {
		return nil, err
	}
	out := new(senderOut)
	out.Body.Sender = encodeSender(r)
	return out, nil
}

type senderIn struct {
	ID int64 `path:"id"`
}

func (s *server) removeSender(ctx context.Context, by access.Actor, in *senderIn) (*none, error) {
	return nil, s.suspended.RemoveSender(ctx, by, email.SenderRuleID(in.ID))
}
