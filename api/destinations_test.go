package api

import "testing"

func TestOutboundAddressAndPolicy(t *testing.T) {
	everywhere(t, func(w *world) {
		admin := w.as(w.admin)
		connection := admin.get("/recipient_addresses").is(200).number("recipient_addresses.0.connection_id")
		add := func(email string) *answer {
			return admin.send("POST", "/recipient_addresses", object{"recipient_address": object{"email": email, "connection_id": connection}})
		}
		if made := add("News@contoso.example").is(201); made.string("recipient_address.email") != "news@contoso.example" || made.text == "" {
			t.Errorf("added %s", made.text)
		}
		add("news@contoso.example").refused(409, "address_connected")
		add("nowhere").refused(422, "address_invalid")
		if made := add("mail.contoso.example").is(201); made.string("recipient_address.email") != "@mail.contoso.example" {
			t.Errorf("added %s", made.text)
		}
		admin.send("PUT", "/destination_policy", object{"destination_policy": object{"policy": "first"}}).is(200)
		if got := w.as(w.agent).get("/destination_policy").is(200).string("destination_policy.policy"); got != "first" {
			t.Errorf("the policy is %q", got)
		}
		admin.send("PUT", "/destination_policy", object{"destination_policy": object{"policy": "last"}}).is(422)
		preview := admin.send("POST", "/destination_policy/preview", object{"to": []string{"ana@client.example", "any@mail.contoso.example"}}).is(200)
		if len(preview.list("destinations")) != 1 {
			t.Errorf("an outbound domain's mail goes to %s, want its mailbox's address", preview.text)
		}
	})
}
