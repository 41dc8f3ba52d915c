package email_test

import (
	"crypto/rand"
	"log/slog"
	"testing"

	"tandem/access"
	"tandem/email"
	"tandem/problem"
)

// connections is the administrator's hand on the office's addresses.
func (o *office) connections() *email.Connections {
	return email.NewConnections(o.store, o.boxes, nil, email.ConnectionOptions{
		CallbackURL: func(origin string) string { return origin }, NewSecret: rand.Text, Now: o.clock.Now, Log: slog.New(slog.DiscardHandler),
	})
}

func TestTokenThatComesAfterDisconnectingIsNotKept(t *testing.T) {
	o := setup(t)
	o.connect(sales)
	connections := o.connections()
	check(t, connections.SaveToken(t.Context(), o.ids[sales], "newer"))
	if token := o.connection(sales).RefreshToken; token != "newer" {
		t.Errorf("the new token was not kept")
	}
	check(t, connections.Disconnect(t.Context(), access.System(), o.ids[sales]))
	check(t, connections.SaveToken(t.Context(), o.ids[sales], "late"))
	if c := o.connection(sales); c.State != email.Disconnected || c.RefreshToken != "" {
		t.Errorf("a %s mailbox keeps a token", c.State)
	}
}

func TestDisconnectedMailboxIsNotImported(t *testing.T) {
	o := setup(t)
	o.connect(sales)
	connections := o.connections()
	check(t, connections.Disconnect(t.Context(), access.System(), o.ids[sales]))
	if _, err := connections.StartImport(t.Context(), access.System(), o.ids[sales]); problem.KindOf(err) != problem.Conflict {
		t.Errorf("importing from a disconnected mailbox: %v, want a conflict instead of an import that never ends", err)
	}
}

func TestDefaultAddressStaysConnected(t *testing.T) {
	o := setup(t)
	o.connect(sales)
	err := o.connections().Disconnect(t.Context(), access.System(), o.ids[support])
	if p := problem.As(err); p == nil || p.Code != "address_is_default" || p.Args["other"] != sales {
		t.Errorf("disconnecting the default address: %v, want to be told of %s", err, sales)
	}
}
