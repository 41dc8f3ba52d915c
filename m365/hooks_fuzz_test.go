package m365

import (
	"net/http"
	"testing"

	"tandem/email"
)

// Anybody can post to the address of notifications. What is answered 202 has
// been handed on with its subscription; what is refused leaves nothing behind.
func FuzzNotificationBody(f *testing.F) {
	f.Fuzz(func(t *testing.T, body string) {
		var received []email.Notice
		w := post(hooks(&received, nil, nil), "/microsoft/notifications", body)
		switch w.Code {
		case http.StatusAccepted:
			for _, n := range received {
				if n.SubscriptionID == "" {
					t.Errorf("%q gave a notice without a subscription", body)
				}
			}
		case http.StatusBadRequest:
			if len(received) > 0 {
				t.Errorf("%q was refused, and %d notices of it were taken", body, len(received))
			}
		default:
			t.Errorf("%q is answered %d", body, w.Code)
		}
	})
}
