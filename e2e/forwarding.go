package e2e

import (
	"net"
	"net/url"
	"strconv"
)

// Address is a support address as the API shows it.
type Address struct {
	ID               int64
	Email            string
	ConnectionID     int64  `json:"connection_id"`
	ForwardingStatus string `json:"forwarding_status"`
	Connection       struct{ Kind, Status string }
	Forwarding       *struct {
		Address, State string
		ByHand         bool    `json:"by_hand"`
		ClosesAt       *string `json:"closes_at"`
	}
	Change *struct {
		To    string
		Ready bool
	}
}

// serveSimSMTP lets the simulated Microsoft take mail by SMTP and returns where.
func (w *World) serveSimSMTP() string {
	w.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	go w.Sim.ServeSMTP(l) // ends with the simulator
	return l.Addr().String()
}

// Address reads a support address.
func (w *World) Address(id int64) Address {
	w.Helper()
	return w.addressFrom(w.API.Get("/api/v2/recipient_addresses/" + strconv.FormatInt(id, 10)).Want(200))
}

func (w *World) addressFrom(a *Answer) Address {
	w.Helper()
	var shown struct {
		Address Address `json:"recipient_address"`
	}
	a.Into(&shown)
	return shown.Address
}

// AddForwarded adds a support address whose mail is to be forwarded.
func (w *World) AddForwarded(address string) Address {
	w.Helper()
	body := map[string]any{"recipient_address": map[string]string{"email": address}}
	return w.addressFrom(w.API.Post("/api/v2/recipient_addresses", body).Want(201))
}

// Forward makes a mailbox at Microsoft forward its mail to Tandem, and keep a copy.
func (w *World) Forward(mailbox, to string) {
	w.Helper()
	rule := map[string]any{"forwarding_smtp_address": to, "smtp": w.Config.SMTP.Listen}
	w.SimAPI().Do("PUT", "/sim/mailboxes/"+url.PathEscape(mailbox)+"/forwarding", rule).Want(200)
}

// VerifyForwarding asks for a round trip and waits until it has come back.
func (w *World) VerifyForwarding(id int64) {
	w.Helper()
	w.API.Put("/api/v2/recipient_addresses/"+strconv.FormatInt(id, 10)+"/verify", map[string]string{"type": "forwarding"}).Want(200)
	w.Until("the forwarding verified", func() bool { return w.Address(id).Forwarding.State == "verified" })
}

// Outbox lists what has left the organisation, newest first.
func (w *World) Outbox() []SimMail {
	w.Helper()
	var list struct{ Messages []SimMail }
	w.SimAPI().Get("/sim/outbox").Want(200).Into(&list)
	return list.Messages
}
