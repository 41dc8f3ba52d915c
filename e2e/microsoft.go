package e2e

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Connect connects a mailbox as an administrator does: the wizard, the sign-in
// and the consent at Microsoft. It returns the id of the address.
func (w *World) Connect(mailbox string, imports bool) int64 {
	w.Helper()
	return w.connectIn(w.SignedIn("admin@contoso.example"), mailbox, imports)
}

// ConnectBoxes connects the further mailboxes, one after the other in one browser.
func (w *World) ConnectBoxes() {
	w.Helper()
	browser := w.SignedIn("admin@contoso.example")
	for i := range w.opts.Boxes {
		w.connectIn(browser, Box(i), false)
	}
}

func (w *World) connectIn(browser *Client, mailbox string, imports bool) int64 {
	w.Helper()
	var started struct {
		Request struct {
			State string
			URL   string `json:"authorize_url"`
		} `json:"connection_request"`
	}
	browser.Post("/api/v2/connections", map[string]any{"kind": "exchange", "email": mailbox, "import": imports}).Want(201).Into(&started)
	landed := w.SignInAtMicrosoft(browser, started.Request.URL, mailbox, "accept")
	match := regexp.MustCompile(`/admin/email/addresses/(\d+)`).FindStringSubmatch(landed)
	if match == nil {
		w.Fatalf("after the sign-in the browser is at %s: %s", landed, browser.Get("/api/v2/connection_requests/"+started.Request.State).Body)
	}
	var id int64
	fmt.Sscan(match[1], &id)
	return id
}

// SignedIn is a browser in which somebody has signed in to Tandem.
func (w *World) SignedIn(email string) *Client {
	w.Helper()
	browser := w.Browser()
	browser.Post("/api/v2/session", map[string]string{"email": email, "password": Password}).Want(200)
	return browser
}

// SignInAtMicrosoft walks through Microsoft's pages and answers the consent
// with "accept" or "cancel". It returns where the browser ended.
func (w *World) SignInAtMicrosoft(browser *Client, authorizeURL, account, answer string) string {
	w.Helper()
	page := browser.Get(authorizeURL)
	for range 5 {
		if !strings.HasPrefix(page.URL, w.SimURL) {
			return page.URL
		}
		fields := hiddenFields(string(page.Body))
		switch {
		case strings.Contains(string(page.Body), `name="password"`):
			fields.Set("username", account)
			fields.Set("password", Password)
			fields.Set("step", "signin")
		case strings.Contains(string(page.Body), `name="answer"`):
			fields.Set("answer", answer)
		case strings.Contains(string(page.Body), `id="other"`):
			fields = url.Values{"step": {"other"}}
		default:
			w.Fatalf("Microsoft shows a page that nobody expected: %s", page.Body)
		}
		page = browser.postForm(page.URL, fields)
	}
	w.Fatalf("the sign-in at Microsoft does not end: %s", page.URL)
	return ""
}

func (c *Client) postForm(to string, fields url.Values) *Answer {
	c.Helper()
	req, err := http.NewRequest("POST", to, strings.NewReader(fields.Encode()))
	if err != nil {
		c.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return c.send(req)
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

func hiddenFields(page string) url.Values {
	fields := url.Values{}
	for _, match := range hiddenField.FindAllStringSubmatch(page, -1) {
		fields.Set(html.UnescapeString(match[1]), html.UnescapeString(match[2]))
	}
	return fields
}

// Letter is a mail of a stranger.
type Letter struct {
	From, To, Subject, Text string
	MessageID, InReplyTo    string
	Extra                   string // further header lines, each with its CRLF
}

// Raw writes the mail as RFC 5322 has it.
func (l Letter) Raw() string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	line("From", l.From)
	line("To", l.To)
	line("Subject", l.Subject)
	line("Date", time.Now().Format(time.RFC1123Z))
	line("Message-ID", l.MessageID)
	line("In-Reply-To", l.InReplyTo)
	line("References", l.InReplyTo)
	line("MIME-Version", "1.0")
	line("Content-Type", "text/plain; charset=utf-8")
	b.WriteString(l.Extra + "\r\n" + l.Text + "\r\n")
	return b.String()
}

// Mail delivers a letter to a mailbox of the organisation and returns Microsoft's id.
func (w *World) Mail(l Letter) string {
	w.Helper()
	return w.Deliver(l.To, l.Raw())
}

// Deliver puts a raw mail into the Inbox of a mailbox and returns Microsoft's id.
func (w *World) Deliver(mailbox, raw string) string {
	w.Helper()
	var made struct{ ID string }
	w.SimAPI().Post("/sim/mailboxes/"+url.PathEscape(mailbox)+"/messages", raw).Want(201).Into(&made)
	return made.ID
}

// SimMail is a mail as the simulator shows it.
type SimMail struct {
	ID          string
	Subject     string
	To, Cc      []string
	ReplyTo     []string `json:"reply_to"`
	MessageID   string   `json:"internet_message_id"`
	InReplyTo   string   `json:"in_reply_to"`
	References  string
	IsRead      bool `json:"is_read"`
	Body        string
	Attachments []SimFile
}

// SimFile is a file at a mail, as the simulator shows it.
type SimFile struct {
	Name      string
	ContentID string `json:"content_id"`
	Size      int64
	Inline    bool
}

// Folder lists the mails in a folder of a mailbox; none when there is no such folder yet.
func (w *World) Folder(mailbox, folder string) []SimMail {
	w.Helper()
	var list struct{ Messages []SimMail }
	found := w.SimAPI().Get("/sim/mailboxes/" + url.PathEscape(mailbox) + "/messages?limit=100000&folder=" + folder)
	if found.Status != http.StatusNotFound {
		found.Want(200).Into(&list)
	}
	return list.Messages
}

// Fault is one way for Microsoft to fail, as docs/simulator.md describes them:
// its fields by name.
type Fault map[string]any

// Break puts a fault in force.
func (w *World) Break(f Fault) (id string) {
	w.Helper()
	var made struct{ ID string }
	w.SimAPI().Post("/sim/faults", f).Want(201).Into(&made)
	return made.ID
}

// Mend ends all faults.
func (w *World) Mend() {
	w.Helper()
	w.SimAPI().Delete("/sim/faults").Want(204)
}

// SimRequest is a request that Microsoft received.
type SimRequest struct {
	Time    time.Time
	Method  string
	Path    string
	Query   string
	Status  int
	Mailbox string
	Headers map[string]string
}

// Requests lists what Microsoft was asked whose method is the given one and
// whose path or query contains the part, oldest first.
func (w *World) Requests(method, part string) []SimRequest {
	w.Helper()
	var list struct{ Requests []SimRequest }
	w.SimAPI().Get("/sim/requests?limit=100000&method=" + method + "&path=" + url.QueryEscape(part)).Want(200).Into(&list)
	return list.Requests
}
