package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// ticketOf opens a world with one ticket, of a mail with that subject.
func ticketOf(w *World, subject string) (*World, ticket) {
	w.Helper()
	connected(w)
	w.Mail(hello(subject))
	return w, w.awaitTicket()
}

// picture is the smallest GIF.
var picture = []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;")

// A reply carries everything that the agent put into it: files small and
// large, a picture in the text, people in copy, and what was said before.
func TestReplyWithFilesCopiesAndHistory(t *testing.T) {
	t.Parallel()
	tellReplyStory(t, Options{})
}

func tellReplyStory(t *testing.T, opts Options) {
	w, made := ticketOf(Open(t, opts), "The manual")
	small, _ := w.upload("manual.txt", "text/plain", []byte("Press the button."))
	large, _ := w.upload("film.bin", "application/octet-stream", bytes.Repeat([]byte{7}, 4<<20))
	inline, address := w.upload("button.gif", "image/gif", picture)
	said := w.change(made.ID, change{
		"email_ccs": []any{change{"user_email": "boss@customer.example", "user_name": "The Boss"}},
		"comment":   change{"html_body": `<p>Press <img src="` + address + `"> this.</p>`, "uploads": []string{small, large, inline}},
	})
	w.awaitDelivery(made.ID, said.ID, "sent")
	sent := w.awaitSent()

	if fmt.Sprint(sent.To, sent.Cc) != "[kim@customer.example] [boss@customer.example]" {
		t.Errorf("sent to %v, in copy %v", sent.To, sent.Cc)
	}
	files := make(map[string]SimFile)
	for _, f := range sent.Attachments {
		files[f.Name] = f
	}
	if len(files) != 3 || len(sent.Attachments) != 3 || files["manual.txt"].Size != 17 || files["film.bin"].Size != 4<<20 {
		t.Errorf("the files are %+v", sent.Attachments)
	}
	gif := files["button.gif"]
	if !gif.Inline || gif.ContentID == "" || !strings.Contains(sent.Body, "cid:"+strings.Trim(gif.ContentID, "<>")) || strings.Contains(sent.Body, "/attachments/token/") {
		t.Errorf("the picture is %+v, and the text %s", gif, sent.Body)
	}
	if len(w.Requests("PUT", "")) == 0 {
		t.Error("the large file was not uploaded in a session")
	}
	for _, part := range []string{"Press", "Hello. Hello.", "kim, 20", "[ref:"} {
		if !strings.Contains(sent.Body, part) {
			t.Errorf("the text lacks %q: %s", part, sent.Body)
		}
	}
	var outbox struct {
		Messages []struct{ Recipients []string }
	}
	w.SimAPI().Get("/sim/outbox").Want(200).Into(&outbox)
	if len(outbox.Messages) != 1 || len(outbox.Messages[0].Recipients) != 2 {
		t.Errorf("what left the organisation is %+v", outbox.Messages)
	}
}

// The Message-ID is Exchange's own; it is read back so that answers find the ticket.
func TestMessageIDOfASentReplyIsReadBack(t *testing.T) {
	t.Parallel()
	w, made := ticketOf(Open(t, Options{}), "The kettle")
	said := w.reply(made.ID, "Descale it.")
	w.awaitDelivery(made.ID, said.ID, "sent")
	sent := w.awaitSent()
	w.Until("the Message-ID in the ledger", func() bool {
		return "<"+w.ledger("direction=out")[0].MessageID+">" == sent.MessageID
	})
}

// Some clients answer without saying what. The address that they answer to does.
func TestAnswerToTheReplyAddressFindsItsTicket(t *testing.T) {
	t.Parallel()
	w, made := ticketOf(Open(t, Options{}), "The iron")
	w.API.Put(fmt.Sprintf("/api/v2/recipient_addresses/%d", w.connection(Support).AddressID),
		change{"recipient_address": change{"plus_addressing": true}}).Want(200)
	said := w.reply(made.ID, "Is it plugged in?")
	w.awaitDelivery(made.ID, said.ID, "sent")
	sent := w.awaitSent()
	if len(sent.ReplyTo) != 1 || !strings.HasPrefix(sent.ReplyTo[0], "support+ref-") {
		t.Fatalf("the reply address is %v", sent.ReplyTo)
	}
	w.Mail(Letter{From: "kim@customer.example", To: sent.ReplyTo[0], Subject: "(no subject)", MessageID: "<bare@customer.example>", Text: "It is now."})
	w.Until("the answer at its ticket", func() bool { return w.ticket(made.ID).Comments == 3 })
	if got := w.ledger("direction=in")[0]; got.Rule != "reply_address" {
		t.Errorf("it was decided by %s", got.Rule)
	}
}

func TestReplyCanBeUndoneBeforeItLeaves(t *testing.T) {
	t.Parallel()
	w, made := ticketOf(Open(t, Options{}), "The toaster")
	wrong := w.reply(made.ID, "Throw it away.")
	right := w.reply(made.ID, "Clean it.")
	w.API.Post(fmt.Sprintf("/api/v2/tickets/%d/comments/%d/cancel_delivery", made.ID, wrong.ID), nil).Want(200)
	w.awaitDelivery(made.ID, right.ID, "sent")
	if sent := w.awaitSent(); strings.Contains(sent.Body, "Throw it away.") {
		t.Errorf("the undone reply left, or is quoted: %s", sent.Body)
	}
	late := w.API.Post(fmt.Sprintf("/api/v2/tickets/%d/comments/%d/cancel_delivery", made.ID, right.ID), nil)
	if late.Status != http.StatusConflict || late.Code() != "already_sent" {
		t.Errorf("undoing a sent reply is answered %d %s", late.Status, late.Code())
	}
}

// What Microsoft does to us while we send passes by itself, and the reply
// leaves once.
func TestTroubleWhileSendingThatPasses(t *testing.T) {
	t.Parallel()
	faults := map[string]Fault{
		"throttled at the draft":     {"kind": "throttle", "retry_after": 1, "method": "POST", "path": "/messages", "count": 2},
		"throttled at the sending":   {"kind": "throttle", "retry_after": 1, "method": "POST", "path": "/send", "count": 2},
		"draft made, answer broken":  {"kind": "broken_body", "method": "POST", "path": "/messages", "count": 1},
		"unavailable at the sending": {"kind": "server_errors", "method": "POST", "path": "/send", "count": 1},
		"unavailable at the files":   {"kind": "server_errors", "method": "POST", "path": "/attachments", "count": 1},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, made := ticketOf(Open(t, Options{}), "The mixer")
			w.Break(fault)
			token, _ := w.upload("manual.txt", "text/plain", []byte("Press the button."))
			said := w.change(made.ID, change{"comment": change{"body": "See the manual.", "uploads": []string{token}}})
			w.awaitDelivery(made.ID, said.ID, "sent")
			w.checkSentOnce("See the manual.")
		})
	}
}

// checkSentOnce looks for a reply at Microsoft: once sent, and no draft left.
func (w *World) checkSentOnce(text string) {
	w.Helper()
	sent := w.awaitSent()
	if !strings.Contains(sent.Body, text) || len(sent.Attachments) > 1 {
		w.Errorf("sent was %q with %d files", sent.Body, len(sent.Attachments))
	}
	if drafts := w.Folder(Support, "drafts"); len(drafts) > 0 {
		w.Errorf("%d drafts are left", len(drafts))
	}
}

// The worst moment: Microsoft has sent the mail, and its answer is lost.
func TestAnswerLostAfterSendingIsNotSentAgain(t *testing.T) {
	t.Parallel()
	var lost atomic.Int32
	w, made := ticketOf(Open(t, Options{Between: func(microsoft http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/send") && lost.Add(1) == 1 {
				microsoft.ServeHTTP(httptest.NewRecorder(), r)
				panic(http.ErrAbortHandler) // net/http: breaks the connection
			}
			microsoft.ServeHTTP(rw, r)
		})
	}}), "The fan")
	said := w.reply(made.ID, "Turn it around.")
	w.awaitDelivery(made.ID, said.ID, "sent")
	w.checkSentOnce("Turn it around.")
	if lost.Load() != 1 {
		t.Errorf("the draft was sent %d times", lost.Load())
	}
}

// A reply that Microsoft refuses says so at the comment, and leaves when what
// was wrong is mended.
func TestRefusedReplyFailsVisiblyAndLeavesOnRetry(t *testing.T) {
	t.Parallel()
	var mended atomic.Bool
	w, made := ticketOf(Open(t, Options{Between: func(microsoft http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/send") && !mended.Load() {
				rw.Header().Set("Content-Type", "application/json")
				rw.WriteHeader(http.StatusBadRequest)
				fmt.Fprint(rw, `{"error":{"code":"ErrorInvalidRecipients","message":"At least one recipient is not valid."}}`)
				return
			}
			microsoft.ServeHTTP(rw, r)
		})
	}}), "The clock")
	said := w.reply(made.ID, "Wind it up.")
	failed := w.awaitDelivery(made.ID, said.ID, "failed")
	if failed.ErrorCode != "invalid_recipients" || failed.Message == "" || !w.ticket(made.ID).FailedToSend {
		t.Errorf("the comment shows %+v", failed)
	}
	mended.Store(true)
	w.API.Post(fmt.Sprintf("/api/v2/tickets/%d/comments/%d/retry_delivery", made.ID, said.ID), nil).Want(200)
	w.awaitDelivery(made.ID, said.ID, "sent")
	w.checkSentOnce("Wind it up.")
	if w.ticket(made.ID).FailedToSend {
		t.Error("the ticket still says that a reply has failed")
	}
}

// What a person in Outlook does to our draft counts as well.
func TestDraftDeletedInOutlookIsMadeAgain(t *testing.T) {
	t.Parallel()
	w, made := ticketOf(Open(t, Options{}), "The fridge")
	w.Break(Fault{"kind": "slow", "method": "POST", "path": "/send", "delay": "1s"})
	said := w.reply(made.ID, "Close the door.")
	var draft string
	w.Until("the draft", func() bool {
		drafts := w.Folder(Support, "drafts")
		if len(drafts) > 0 {
			draft = drafts[0].ID
		}
		return draft != ""
	})
	w.SimAPI().Delete("/sim/mailboxes/" + Support + "/messages/" + draft).Want(204)
	w.Until("the reply dealt with", func() bool {
		d := w.delivery(made.ID, said.ID)
		return d.State == "sent" || d.ErrorCode == "outcome_unknown"
	})
	if d := w.delivery(made.ID, said.ID); d.State == "sent" {
		w.checkSentOnce("Close the door.")
	} else if n := len(w.Folder(Support, "sentitems")); n > 0 {
		t.Errorf("%d mails were sent, and Tandem does not know", n)
	}
}
