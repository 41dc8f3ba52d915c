package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// connectionRequest is one run of the wizard.
type connectionRequest struct {
	State     string
	URL       string `json:"authorize_url"`
	Outcome   string
	AddressID int64 `json:"address_id"`
	Intended  string
	Actual    string
	Error     trouble
}

// startWizard begins to connect a mailbox; the address may be empty.
func startWizard(browser *Client, intended string) connectionRequest {
	browser.Helper()
	var started struct {
		Request connectionRequest `json:"connection_request"`
	}
	browser.Post("/api/v2/connections", map[string]any{"kind": "exchange", "email": intended}).Want(201).Into(&started)
	return started.Request
}

// requestAt shows a run of the wizard as the page does that asks for it.
func requestAt(browser *Client, state string) connectionRequest {
	browser.Helper()
	var shown struct {
		Request connectionRequest `json:"connection_request"`
	}
	browser.Get("/api/v2/connection_requests/" + state).Want(200).Into(&shown)
	return shown.Request
}

// problemAt is the code with which the browser came back to the wizard.
func problemAt(landed string) string {
	u, err := url.Parse(landed)
	if err != nil || u.Path != "/admin/email/new" {
		return "no problem: " + landed
	}
	return u.Query().Get("problem")
}

// addresses lists the connected addresses.
func (w *World) addresses() []string {
	w.Helper()
	var list struct {
		Addresses []struct{ Email string } `json:"recipient_addresses"`
	}
	w.API.Get("/api/v2/recipient_addresses").Want(200).Into(&list)
	var all []string
	for _, a := range list.Addresses {
		all = append(all, a.Email)
	}
	return all
}

func (w *World) wantAddresses(want ...string) {
	w.Helper()
	if got := w.addresses(); fmt.Sprint(got) != fmt.Sprint(want) {
		w.Errorf("connected are %v, want %v", got, want)
	}
}

// remember makes a browser remember where it came back from Microsoft.
func remember(browser *Client) (returned *string) {
	returned = new(string)
	browser.HTTP.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if req.URL.Path == "/microsoft/callback" {
			*returned = req.URL.String()
		}
		return nil
	}
	return returned
}

// A sign-in counts once, in the browser that began it.
func TestSignInThatIsForgedOrReplayedConnectsNothing(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{Polling: true})
	browser := w.SignedIn("admin@contoso.example")

	if got := problemAt(browser.Get("/microsoft/callback?code=stolen&state=invented").URL); got != "sign_in_unknown" {
		t.Errorf("an invented state leads to %q", got)
	}
	begun := startWizard(browser, Support)
	if got := problemAt(w.Browser().Get("/microsoft/callback?code=stolen&state=" + begun.State).URL); got == "" || strings.HasPrefix(got, "no problem") {
		t.Errorf("a browser in which nobody has signed in is sent to %q", got)
	}
	other := w.colleague("Bea Boss", "bea@contoso.example", "admin")
	if got := problemAt(other.Get("/microsoft/callback?code=stolen&state=" + begun.State).URL); got != "sign_in_used" {
		t.Errorf("another administrator's browser is told %q", got)
	}
	w.wantAddresses()

	returned := remember(browser)
	w.SignInAtMicrosoft(browser, begun.URL, Support, "accept")
	w.wantAddresses(Support)
	if got := problemAt(browser.Get(*returned).URL); got != "sign_in_used" {
		t.Errorf("the same return once more leads to %q", got)
	}
	code, err := url.Parse(*returned)
	if err != nil {
		t.Fatal(err)
	}
	again := startWizard(browser, Sales)
	browser.Get("/microsoft/callback?" + url.Values{"code": {code.Query().Get("code")}, "state": {again.State}}.Encode())
	if got := requestAt(browser, again.State); got.Outcome != "failed" || got.Error.Code != "code_used" {
		t.Errorf("a code that was redeemed before: %+v", got)
	}
	w.wantAddresses(Support)
}

// colleague makes a user and returns the browser in which they have signed in.
func (w *World) colleague(name, email, role string) *Client {
	w.Helper()
	var made struct {
		SetupURL string `json:"setup_url"`
	}
	w.API.Post("/api/v2/users", map[string]any{"user": map[string]string{"name": name, "email": email, "role": role}}).Want(201).Into(&made)
	browser := w.Browser()
	secret := made.SetupURL[strings.LastIndex(made.SetupURL, "/"):]
	browser.Post("/api/v2/setup"+secret, map[string]string{"name": name, "email": email, "password": Password, "locale": "en"}).Want(200)
	return browser
}

func TestCancelledConsentConnectsNothing(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{Polling: true})
	browser := w.SignedIn("admin@contoso.example")
	begun := startWizard(browser, Support)
	if got := problemAt(w.SignInAtMicrosoft(browser, begun.URL, Support, "cancel")); got != "consent_declined" {
		t.Errorf("the wizard says %q", got)
	}
	if got := requestAt(browser, begun.State); got.Outcome != "failed" || got.Error.Remedy == "" {
		t.Errorf("the request is %+v", got)
	}
	w.wantAddresses()
}

func TestMissingPermissionsAreNamed(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{Polling: true})
	browser := w.SignedIn("admin@contoso.example")
	w.Break(Fault{"kind": "missing_scope", "scopes": []string{"Mail.Send"}})
	begun := startWizard(browser, Support)
	w.SignInAtMicrosoft(browser, begun.URL, Support, "accept")
	got := requestAt(browser, begun.State)
	if got.Error.Code != "permissions_missing" || got.Error.Args["permissions"] != "Mail.Send" || !strings.Contains(got.Error.Message, "Mail.Send") {
		t.Errorf("the problem is %+v", got.Error)
	}
	w.wantAddresses()

	w.Mend()
	w.SignInAtMicrosoft(browser, startWizard(browser, Support).URL, Support, "accept")
	w.wantAddresses(Support)
}

func TestAnotherAccountThanIntendedIsAskedAbout(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{Polling: true})
	browser := w.SignedIn("admin@contoso.example")
	confirm := func(use bool) connectionRequest {
		t.Helper()
		begun := startWizard(browser, Support)
		w.SignInAtMicrosoft(browser, begun.URL, Sales, "accept")
		if got := requestAt(browser, begun.State); got.Outcome != "other_account" || got.Intended != Support || got.Actual != Sales {
			t.Errorf("the question is %+v", got)
		}
		browser.Post("/api/v2/connection_requests/"+begun.State+"/confirm", map[string]bool{"use_actual": use}).Want(200)
		return requestAt(browser, begun.State)
	}
	if got := confirm(false); got.Outcome != "failed" || got.Error.Code != "other_account_declined" {
		t.Errorf("after No the request is %+v", got)
	}
	w.wantAddresses()
	if got := confirm(true); got.Outcome != "connected" || got.AddressID == 0 {
		t.Errorf("after Yes the request is %+v", got)
	}
	w.wantAddresses(Sales)
}

func TestAddressInUseIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{}))
	w.colleague("Aiko Tanaka", "agent1@contoso.example", "agent")
	w.Mail(Letter{From: "Sales <sales@contoso.example>", To: Support, Subject: "A question of our own", MessageID: "<ours@contoso.example>"})
	w.awaitTicket()

	browser := w.SignedIn("admin@contoso.example")
	for address, want := range map[string]string{
		Support: "address_connected", "agent1@contoso.example": "address_of_agent", Sales: "address_of_requester",
	} {
		refused := browser.Post("/api/v2/connections", map[string]any{"kind": "exchange", "email": address})
		if refused.Status != http.StatusConflict || refused.Code() != want {
			t.Errorf("%s is answered %d %s, want 409 %s", address, refused.Status, refused.Code(), want)
		}
		// The same when it shows only at Microsoft who is meant.
		begun := startWizard(browser, "")
		w.SignInAtMicrosoft(browser, begun.URL, address, "accept")
		if got := requestAt(browser, begun.State); got.Outcome != "failed" || got.Error.Code != want || !strings.Contains(got.Error.Message, address) {
			t.Errorf("signed in as %s: %+v, want %s", address, got, want)
		}
	}
	w.wantAddresses(Support)
}

// reconnect signs in again for a connection, as an account.
func (w *World) reconnect(address, account string) connectionRequest {
	w.Helper()
	browser := w.SignedIn("admin@contoso.example")
	var begun struct {
		Request connectionRequest `json:"connection_request"`
	}
	browser.Post(fmt.Sprintf("/api/v2/connections/%d/reconnect", w.connection(address).ID), nil).Want(201).Into(&begun)
	w.SignInAtMicrosoft(browser, begun.Request.URL, account, "accept")
	return requestAt(browser, begun.Request.State)
}

// The default address stays connected. Another one can be disconnected, but
// comes back as itself only; nothing that happened meanwhile is lost.
func TestDisconnectedAddressGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	w := connected(Open(t, Options{}))
	w.Mail(Letter{From: "kim@customer.example", To: Support, Subject: "Before", MessageID: "<before@customer.example>"})
	before := w.awaitTicket()

	refused := w.act(Support, "disconnect")
	if refused.Status != http.StatusConflict || refused.Code() != "address_is_default" {
		t.Errorf("disconnecting the default address is answered %d %s", refused.Status, refused.Code())
	}
	sales := w.Connect(Sales, false)
	var named trouble
	w.act(Support, "disconnect").Want(http.StatusConflict).Into(&named)
	if named.Args["other"] != Sales || !strings.Contains(named.Remedy, Sales) {
		t.Errorf("the refusal does not name the other address: %+v", named)
	}
	w.API.Put(fmt.Sprintf("/api/v2/recipient_addresses/%d", sales), map[string]any{"recipient_address": map[string]bool{"default": true}}).Want(200)
	w.act(Support, "disconnect").Want(200)
	if got := w.connection(Support).Status; got != "disconnected" {
		t.Errorf("the status is %s", got)
	}

	w.Mail(Letter{From: "kim@customer.example", To: Support, Subject: "Meanwhile", MessageID: "<meanwhile@customer.example>"})
	said := w.reply(before.ID, "This has to wait.")
	w.Until("the reply that waits, with the reason", func() bool {
		d := w.delivery(before.ID, said.ID)
		return d.State == "waiting" && d.ErrorCode == "address_disconnected"
	})
	if got := w.reconnect(Support, Sales); got.Error.Code != "other_mailbox" {
		t.Errorf("reconnected as another mailbox: %+v", got)
	}
	if n := len(w.tickets("")); n != 1 {
		t.Errorf("%d tickets while disconnected, want 1", n)
	}

	if got := w.reconnect(Support, Support); got.Outcome != "connected" {
		t.Fatalf("reconnected: %+v", got)
	}
	w.Until("the mail of meanwhile", func() bool { return len(w.tickets("?query=Meanwhile")) == 1 })
	w.awaitDelivery(before.ID, said.ID, "sent")
	w.awaitSent()
}
