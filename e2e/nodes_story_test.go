package e2e

import (
	"fmt"
	"testing"

	"tandem/store/storetest"
)

// Two processes share one PostgreSQL. One of them reads the mailbox; when it
// dies the other one goes on, and each mail is taken in once.
func TestTwoNodesShareAMailbox(t *testing.T) {
	t.Parallel()
	w := Open(t, Options{Process: true, Door: true, Database: storetest.PostgresURL(t)})
	connected(w)
	nodes := map[string]*Process{"http://" + w.Config.HTTP: w.Process}
	second := w.Config
	second.HTTP = freeAddress(t)
	nodes["http://"+second.HTTP] = StartProcess(w, second)
	w.Door.Add("http://" + second.HTTP)

	const each = 60
	w.burst(0, each)
	w.Until("the first mails", func() bool {
		w.holder(nodes)
		return w.states()["ticketed"] == each
	})
	if n := len(w.Requests("GET", "$value")); n != each {
		t.Errorf("%d mails were fetched %d times", each, n)
	}
	for _, m := range w.ledger("direction=in") {
		if m.NoticedBy != "push" {
			t.Errorf("%s was noticed by %s: the hint did not reach the node that reads", m.Subject, m.NoticedBy)
		}
	}

	holder := w.holder(nodes)
	w.burst(each, 2*each)
	w.Until("some of the next mails", func() bool { return w.states()["ticketed"] > each })
	w.Door.Remove(holder)
	nodes[holder].Kill()
	delete(nodes, holder)
	w.burst(2*each, 3*each)
	w.Until("all mails, by the other node", func() bool { return w.states()["ticketed"] == 3*each })
	if states := w.states(); len(states) != 1 {
		t.Errorf("the ledger holds %v, want %d tickets", states, 3*each)
	}
	said := w.reply(w.tickets("")[0].ID, "Still here.")
	w.awaitDelivery(w.tickets("")[0].ID, said.ID, "sent")
}

// burst delivers the mails from one number to below another.
func (w *World) burst(from, to int) {
	w.Helper()
	for i := from; i < to; i++ {
		if _, err := w.Sim.Deliver(w.Context(), Support, []byte(hello(fmt.Sprintf("Mail %d", i)).Raw())); err != nil {
			w.Fatal(err)
		}
	}
}

// holder is the node that reads the mailbox, of which there is never more than one.
func (w *World) holder(nodes map[string]*Process) (holder string) {
	w.Helper()
	w.Until("a node that reads the mailbox", func() bool {
		holder = ""
		for node := range nodes {
			if w.metric(node, "tandem_mailboxes_held") == 0 {
				continue
			}
			if holder != "" {
				w.Fatalf("%s and %s read the mailbox at the same time", holder, node)
			}
			holder = node
		}
		return holder != ""
	})
	return holder
}
