package e2e

import (
	"fmt"
	"strings"
	"testing"
)

type probe struct {
	ID    int64
	State string
	Hops  []struct {
		Name string
		At   *string
	}
	Error *struct{ Code, Side, Remedy string }
}

func (w *World) startProbe(address int64) probe {
	w.Helper()
	var started struct{ Probe probe }
	w.API.Post(fmt.Sprintf("/api/v2/recipient_addresses/%d/probes", address), nil).Want(201).Into(&started)
	return started.Probe
}

func (w *World) latestProbe(address int64) probe {
	w.Helper()
	var list struct{ Probes []probe }
	w.API.Get(fmt.Sprintf("/api/v2/recipient_addresses/%d/probes", address)).Want(200).Into(&list)
	return list.Probes[0]
}

// "Test successful" is only said when a mail has gone all the way, and nothing of it is left.
func TestProbeGoesAllTheWayAndLeavesNothing(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{})
	address := w.Connect(Support, false)
	w.startProbe(address)
	w.Until("the probe to end", func() bool { return w.latestProbe(address).State != "running" })
	p := w.latestProbe(address)
	if p.State != "passed" {
		t.Fatalf("the probe %s: %+v", p.State, p.Error)
	}
	for _, hop := range p.Hops {
		if hop.At == nil {
			t.Errorf("no time at the hop %s", hop.Name)
		}
	}
	if n := len(w.tickets("")); n != 0 {
		t.Errorf("%d tickets, want none of a probe", n)
	}
	for _, folder := range []string{"inbox", "Tandem", "sentitems", "drafts"} {
		for _, m := range w.Folder(Support, folder) {
			if strings.Contains(m.Subject, "probe") {
				t.Errorf("%q is left in %s", m.Subject, folder)
			}
		}
	}
}

// A stranger who imitates a probe has written an ordinary mail.
func TestForgedProbeIsAnOrdinaryMail(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{})
	address := w.Connect(Support, false)
	w.startProbe(address)
	w.Until("the probe to end", func() bool { return w.latestProbe(address).State != "running" })
	w.Deliver(Support, strings.Replace(rawMail("Message-ID: <forged@evil.example>\nX-Tandem-Mail: guessed\n", "Trust me."), "Mallory <mallory@stranger.example>", Support, 1))
	w.Until("the forged one to be decided", func() bool { return len(w.ledger("direction=in")) == 3 && len(w.ledger("state=noticed")) == 0 })
	probes := 0
	for _, m := range w.ledger("direction=in") {
		if m.Rule == "probe" {
			probes++
		}
	}
	if probes != 2 {
		t.Errorf("%d mails count as probes, want the two of ours", probes)
	}
}
