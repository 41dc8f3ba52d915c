package api

import (
	"fmt"
	"strings"
	"testing"
)

func TestForwardedAddress(t *testing.T) {
	everywhere(t, func(w *world) {
		admin := w.as(w.admin)
		settings := admin.get("/forwarding").is(200)
		if settings.at("forwarding.enabled") != true || settings.string("forwarding.domain") != "in.contoso.example" || settings.at("forwarding.relay") != false {
			w.t.Errorf("settings %s", settings.text)
		}
		made := admin.send("POST", "/recipient_addresses", object{"recipient_address": object{"email": "Help@fabrikam.example"}}).is(201)
		target := made.string("recipient_address.forwarding.address")
		if made.string("recipient_address.email") != "help@fabrikam.example" || made.string("recipient_address.forwarding_status") != "waiting" ||
			!strings.HasPrefix(target, "help+") || !strings.HasSuffix(target, "@in.contoso.example") ||
			made.string("recipient_address.connection.kind") != "forwarding" || made.string("recipient_address.connection.mode") != "smtp" {
			w.t.Errorf("made %s", made.text)
		}
		id := made.number("recipient_address.id")
		admin.send("POST", "/recipient_addresses", object{"recipient_address": object{"email": "help@fabrikam.example"}}).refused(409, "address_connected")
		admin.send("POST", "/recipient_addresses", object{"recipient_address": object{"email": "help"}}).refused(422, "invalid_email")

		verifying := admin.send("PUT", fmt.Sprintf("/recipient_addresses/%d/verify.json", id), object{"type": "forwarding"}).is(200)
		if verifying.at("recipient_address.forwarding.verifying_at") == nil || verifying.at("recipient_address.forwarding.by_hand") != false {
			w.t.Errorf("verifying %s", verifying.text)
		}
		renewed := admin.send("POST", fmt.Sprintf("/recipient_addresses/%d/renew_forwarding", id), nil).is(200)
		if renewed.string("recipient_address.forwarding.address") == target || renewed.at("recipient_address.forwarding.former_until") == nil {
			w.t.Errorf("renewed %s", renewed.text)
		}
		audit := admin.get("/audit_logs?source_type=connection").is(200)
		if audit.string("audit_logs.0.action") != "connection.forwarding_renewed" || audit.string("audit_logs.2.action") != "connection.forwarding_added" {
			w.t.Errorf("audit %s", audit.text)
		}

		// The forwarding address is for administrators' eyes.
		shown := w.as(w.agent).get("/recipient_addresses/%d", id).is(200)
		if shown.at("recipient_address.forwarding") != nil || strings.Contains(shown.text, "in.contoso.example") {
			w.t.Errorf("an agent sees %s", shown.text)
		}
		attention := admin.get("/overview").is(200)
		if !strings.Contains(attention.text, "forwarding_unverified") {
			w.t.Errorf("the overview does not say that no mail has come: %s", attention.text)
		}
	})
}

func TestChangeOfRoute(t *testing.T) {
	w := one(t)
	admin := w.as(w.admin)
	path := fmt.Sprintf("/recipient_addresses/%d/change", w.address.ID)
	admin.send("DELETE", path, nil).refused(409, "no_change")
	admin.send("POST", path, object{"to": "exchange"}).refused(409, "same_route")
	begun := admin.send("POST", path, object{"to": "forwarding"}).is(200)
	if begun.string("recipient_address.change.to") != "forwarding" || begun.at("recipient_address.change.ready") != false ||
		begun.at("connection_request") != nil || begun.string("recipient_address.connection.kind") != "exchange" {
		t.Errorf("begun %s", begun.text)
	}
	if list := admin.get("/connections").is(200); len(list.list("connections")) != 2 || list.number("connections.1.address_id") != int(w.address.ID) {
		t.Errorf("both routes are not listed: %s", list.text)
	}
	admin.send("POST", path+"/finish", nil).refused(409, "forwarding_not_verified")
	if kept := admin.send("DELETE", path, nil).is(200); kept.at("recipient_address.change") != nil || kept.string("recipient_address.connection.kind") != "exchange" {
		t.Errorf("given up %s", kept.text)
	}
	audit := admin.get("/audit_logs?source_type=support_address").is(200)
	if audit.string("audit_logs.0.action") != "address.change_cancelled" || audit.string("audit_logs.1.action") != "address.change_begun" {
		t.Errorf("audit %s", audit.text)
	}
}
