package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// What the API shows, as far as stories look at it.
type (
	ticket struct {
		ID           int64
		Subject      string
		Status       string
		Recipient    string
		Requester    int64   `json:"requester_id"`
		Comments     int     `json:"comment_count"`
		CCs          []int64 `json:"email_cc_ids"`
		Siblings     []int64 `json:"sibling_ids"`
		FollowUpOf   int64   `json:"followup_source_id"`
		Flagged      bool
		Imported     bool
		CreatedAt    time.Time `json:"created_at"`
		FailedToSend bool      `json:"delivery_failed"`
	}
	comment struct {
		ID          int64
		Author      int64 `json:"author_id"`
		Public      bool
		Body        string
		HTML        string `json:"html_body"`
		Flag        string
		Attachments []attachment
		Delivery    delivery
		Links       []fileLink `json:"file_links"`
		SetAside    *setAside  `json:"set_aside"`
	}
	fileLink struct {
		ID        int64
		URL       string
		State     string
		Downloads int
	}
	setAside struct {
		MailID int64 `json:"mail_id"`
		State  string
	}
	delivery struct {
		State     string
		ErrorCode string `json:"error_code"`
		Message   string
		Bounces   []struct{ Recipient, Code string }
	}
	attachment struct {
		FileName    string `json:"file_name"`
		ContentType string `json:"content_type"`
		ContentURL  string `json:"content_url"`
		Size        int64
		Inline      bool
		Scan        string `json:"malware_scan_result"`
	}
	mail struct {
		ID        int64
		Direction string
		State     string
		MessageID string `json:"message_id"`
		Subject   string
		Rule      string
		Ticket    int64     `json:"ticket_id"`
		Original  int64     `json:"original_id"`
		NoticedBy string    `json:"noticed_by"`
		FiledAt   time.Time `json:"filed_at"`
		Attempts  int
		Error     trouble
		Actions   []string
	}
	connection struct {
		ID             int64
		Email          string
		Status         string
		Kind           string
		Mode           string
		ModeReason     string `json:"mode_reason"`
		Folder         string
		FolderName     string `json:"folder_name"`
		Error          trouble
		WaitingUntil   time.Time `json:"waiting_until"`
		SyncedAt       time.Time `json:"synced_at"`
		NextSyncAt     time.Time `json:"next_sync_at"`
		ReconciledAt   time.Time `json:"reconciled_at"`
		ReconcileFound int       `json:"reconcile_found"`
		NotifiedAt     time.Time `json:"notified_at"`
		PushUntil      time.Time `json:"subscription_expires_at"`
		Import         progress
		AddressID      int64 `json:"address_id"`
	}
	progress struct {
		State       string
		Total, Done int
	}
	trouble struct {
		Code, Message, Side, Remedy string
		Args                        map[string]string
	}
)

// change is what is changed at a ticket.
type change map[string]any

func (w *World) tickets(query string) []ticket {
	w.Helper()
	var list struct{ Tickets []ticket }
	w.API.Get("/api/v2/tickets" + query).Want(200).Into(&list)
	return list.Tickets
}

// awaitTicket waits for the only ticket.
func (w *World) awaitTicket() ticket {
	w.Helper()
	w.Until("the ticket", func() bool { return len(w.tickets("")) == 1 })
	return w.tickets("")[0]
}

func (w *World) ticket(id int64) ticket {
	w.Helper()
	var shown struct{ Ticket ticket }
	w.API.Get(fmt.Sprintf("/api/v2/tickets/%d", id)).Want(200).Into(&shown)
	return shown.Ticket
}

// change changes a ticket and returns the comment that came with it.
func (w *World) change(id int64, c change) comment {
	w.Helper()
	var made struct{ Comment comment }
	w.API.Put(fmt.Sprintf("/api/v2/tickets/%d", id), change{"ticket": c}).Want(200).Into(&made)
	return made.Comment
}

// reply answers a ticket.
func (w *World) reply(id int64, text string) comment {
	w.Helper()
	return w.change(id, change{"comment": change{"body": text}})
}

func (w *World) comments(id int64) []comment {
	w.Helper()
	var list struct{ Comments []comment }
	w.API.Get(fmt.Sprintf("/api/v2/tickets/%d/comments", id)).Want(200).Into(&list)
	return list.Comments
}

// delivery tells how far the mail of a comment has come.
func (w *World) delivery(ticket, id int64) delivery {
	w.Helper()
	for _, c := range w.comments(ticket) {
		if c.ID == id {
			return c.Delivery
		}
	}
	w.Fatalf("ticket %d has no comment %d", ticket, id)
	return delivery{}
}

// awaitDelivery waits until the mail of a comment has come so far.
func (w *World) awaitDelivery(ticket, id int64, state string) delivery {
	w.Helper()
	w.Until("the delivery "+state, func() bool { return w.delivery(ticket, id).State == state })
	return w.delivery(ticket, id)
}

// awaitSent waits for the only mail in Sent Items of the support mailbox.
func (w *World) awaitSent() SimMail {
	w.Helper()
	w.Until("the reply in Sent Items", func() bool { return len(w.Folder(Support, "sentitems")) > 0 })
	sent := w.Folder(Support, "sentitems")
	if len(sent) != 1 {
		w.Fatalf("%d mails are in Sent Items, want one", len(sent))
	}
	return sent[0]
}

// ledger lists all mails that the query chooses, newest first.
func (w *World) ledger(query string) []mail {
	w.Helper()
	var all []mail
	for page := 1; ; page++ {
		var list struct {
			Mail  []mail
			Count int
		}
		w.API.Get(fmt.Sprintf("/api/v2/mail?per_page=100&page=%d&%s", page, query)).Want(200).Into(&list)
		all = append(all, list.Mail...)
		if len(all) >= list.Count || len(list.Mail) == 0 {
			return all
		}
	}
}

// states counts the mails that came in by what became of them.
func (w *World) states() map[string]int {
	w.Helper()
	count := make(map[string]int)
	for _, m := range w.ledger("direction=in") {
		count[m.State]++
	}
	return count
}

// connection is the connection of a mailbox, by its address.
func (w *World) connection(address string) connection {
	w.Helper()
	var list struct{ Connections []connection }
	w.API.Get("/api/v2/connections").Want(200).Into(&list)
	for _, c := range list.Connections {
		if c.Email == address {
			return c
		}
	}
	w.Fatalf("%s is not connected", address)
	return connection{}
}

// act does something with a connection: sync, reconcile, disconnect, import...
func (w *World) act(address, verb string) *Answer {
	w.Helper()
	return w.API.Post(fmt.Sprintf("/api/v2/connections/%d/%s", w.connection(address).ID, verb), nil)
}

// connected opens a world in which the support mailbox is connected, has been
// read and, where that is wanted, sends notifications.
func connected(w *World) *World {
	w.Helper()
	w.Connect(Support, false)
	w.Until("the mailbox read and compared", func() bool {
		c := w.connection(Support)
		return !c.ReconciledAt.IsZero() && (w.opts.Polling || c.Mode == "push")
	})
	return w
}

// upload stores a file for a comment and returns its token and address.
func (w *World) upload(name, contentType string, content []byte) (token, address string) {
	w.Helper()
	req, err := http.NewRequest("POST", w.URL+"/api/v2/uploads?filename="+url.QueryEscape(name), bytes.NewReader(content))
	if err != nil {
		w.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Authorization", "Bearer "+w.API.Token)
	var made struct {
		Upload struct {
			Token      string
			Attachment attachment
		}
	}
	w.API.send(req).Want(201).Into(&made)
	return made.Upload.Token, made.Upload.Attachment.ContentURL
}
