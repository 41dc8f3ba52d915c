package e2e

import (
	"syscall"
	"testing"
)

// awaitSending waits until a reply is being sent at this moment.
func (w *World) awaitSending() {
	w.Helper()
	w.Until("a reply being sent", func() bool {
		var list struct {
			Jobs []struct{ Kind string }
		}
		w.API.Get("/api/v2/jobs?state=running").Want(200).Into(&list)
		for _, j := range list.Jobs {
			if j.Kind == "desk.deliver_reply" {
				return len(w.ledger("direction=out&state=sending")) == 1
			}
		}
		return false
	})
}

// The first signal lets what is under way come to its end.
func TestFirstSignalDrains(t *testing.T) {
	t.Parallel()
	w, made := ticketOf(Open(t, Options{Process: true}), "The door")
	w.Break(Fault{"kind": "slow", "method": "POST", "path": "/send", "delay": "2s"})
	w.reply(made.ID, "Push it.")
	w.awaitSending()
	w.Process.Signal(syscall.SIGTERM)
	if status := w.Process.ExitCode(); status != 0 {
		t.Errorf("tandem ended with status %d", status)
	}
	w.checkSentOnce("Push it.")

	w.Start()
	if out := w.ledger("direction=out"); len(out) != 1 || out[0].State != "sent" || out[0].Attempts != 1 {
		t.Errorf("the ledger holds %+v, want one reply, sent at the first attempt", out)
	}
}

// The second one cuts, and the next start finds out what had happened.
func TestSecondSignalCuts(t *testing.T) {
	t.Parallel()
	w, made := ticketOf(Open(t, Options{Process: true}), "The door")
	w.Break(Fault{"kind": "slow", "method": "POST", "path": "/send", "delay": "5s", "count": 1})
	said := w.reply(made.ID, "Pull it.")
	w.awaitSending()
	w.Process.Signal(syscall.SIGTERM)
	w.Process.awaitOutput("a second signal cuts short")
	w.Process.Signal(syscall.SIGTERM)
	if status := w.Process.ExitCode(); status != 130 {
		t.Errorf("tandem ended with status %d, want 130", status)
	}
	w.Start()
	w.awaitDelivery(made.ID, said.ID, "sent")
	w.checkSentOnce("Pull it.")
}
