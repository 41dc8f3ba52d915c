//go:build bench

package bench

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"tandem/e2e"
	"tandem/email/eml"
)

// intake measures how fast a mailbox is taken in that filled while Tandem was down.
func (b *bench) intake(latency time.Duration) {
	w := b.open(latency)
	w.Connect(e2e.Support, false)
	w.Until("the first reading", func() bool { return ledgerCount(w) == 0 && synced(w) })
	w.Stop()
	for i := range *mails {
		b.deliver(w, letter(i))
	}
	w.SimAPI().Delete("/sim/requests").Want(204)
	begin := time.Now()
	w.Start()
	b.await(*mails, 10*time.Minute, func() int { return ledgerCount(w) })
	took := time.Since(begin)
	b.await(0, 10*time.Minute, func() int { return len(w.Folder(e2e.Support, "inbox")) })
	filed := time.Since(begin)
	requests, trips := asked(w)
	perMail := float64(trips) / float64(*mails)
	rate := float64(*mails) / took.Seconds()
	budget := "≥ 300/s"
	if latency > 0 {
		bound := 3 / (perMail * latency.Seconds())
		budget = fmt.Sprintf("≥ %.0f/s (90 %% of the bound %.0f)", 0.9*bound, bound)
	}
	b.row(fmt.Sprintf("%d mails of 12 KiB into one mailbox, Microsoft at %s", *mails, latency),
		fmt.Sprintf("%.0f mails/s (all decided after %.1f s, all filed after %.1f s)", rate, took.Seconds(), filed.Seconds()), budget)
	b.row(fmt.Sprintf("requests per mail at %s", latency),
		fmt.Sprintf("%.2f round trips, %.2f as Microsoft counts", perMail, float64(requests)/float64(*mails)), "≤ 1.3, ≤ 3.1")
	b.row(fmt.Sprintf("peak memory meanwhile, at %s", latency), mebibytes(peakMemory(b, w)), "< 150 MB")
}

// lag measures single mails into an idle system: from Microsoft's acceptance
// to the ticket in the API.
func (b *bench) lag() {
	w := b.open(0)
	w.Connect(e2e.Support, false)
	w.Until("notifications", func() bool { return mode(w) == "push" })
	var lags []time.Duration
	for i := range 200 {
		begin := time.Now()
		b.deliver(w, letter(i))
		for ticketCount(w) <= i {
			if time.Since(begin) > time.Minute {
				b.Fatal("the ticket does not appear")
			}
			time.Sleep(2 * time.Millisecond)
		}
		lags = append(lags, time.Since(begin))
		time.Sleep(20 * time.Millisecond)
	}
	b.row("mail accepted by Microsoft → ticket in the API, idle, by notification", quantiles(lags), "p99 < 300 ms")
	time.Sleep(5 * time.Second)
	b.row("memory, idle", mebibytes(memory(b, w)), "< 120 MB")
}

// imports measures the import of the latest 300 mails.
func (b *bench) imports() {
	w := b.open(100 * time.Millisecond)
	for i := range 300 {
		b.deliver(w, letter(i))
	}
	time.Sleep(1100 * time.Millisecond) // what arrives in the second of the connection is new, not old
	begin := time.Now()
	w.Connect(e2e.Support, true)
	b.await(300, 5*time.Minute, func() int { return ticketCount(w) })
	b.row("import of the latest 300 mails, Microsoft at 100ms", fmt.Sprintf("%.1f s", time.Since(begin).Seconds()), "< 15 s")
}

// largeMails measures memory while mails with 30 MB attachments come in.
func (b *bench) largeMails() {
	w := b.open(0)
	w.Connect(e2e.Support, false)
	w.Until("notifications", func() bool { return mode(w) == "push" })
	resetPeakMemory(b, w)
	before := memory(b, w)
	content := make([]byte, 30_000_000)
	for i := range content {
		content[i] = byte(rand.Uint32())
	}
	for i := range 5 {
		var raw bytes.Buffer
		fmt.Fprintf(&raw, "From: p%d@customer.example\r\nTo: %s\r\nSubject: Large %d\r\nMessage-ID: <large%d@customer.example>\r\nMIME-Version: 1.0\r\n"+
			"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee attachment.\r\n--b\r\n"+
			"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=big.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n", i, e2e.Support, i, i)
		encoded := base64.StdEncoding.EncodeToString(content)
		for len(encoded) > 76 {
			raw.WriteString(encoded[:76] + "\r\n")
			encoded = encoded[76:]
		}
		raw.WriteString(encoded + "\r\n--b--\r\n")
		b.deliver(w, raw.Bytes())
	}
	b.await(5, 2*time.Minute, func() int { return ticketCount(w) })
	b.row("five mails with 30 MB attachments: memory before, peak", mebibytes(before)+", "+mebibytes(peakMemory(b, w)), "constant")
}

func (b *bench) deliver(w *e2e.World, raw []byte) {
	b.Helper()
	if _, err := w.Sim.Deliver(b.Context(), e2e.Support, raw); err != nil {
		b.Fatal(err)
	}
}

// letter is a mail of about 12 KiB: text and HTML, in turn English, Japanese
// and Portuguese, from 500 people; every fourth with a small attachment.
func letter(i int) []byte {
	sentences := []string{
		"The machine in our kitchen stopped this morning, and the display says E%02d.",
		"今朝からコーヒーマシンの表示がE%02dのまま動きません。ご確認をお願いいたします。",
		"A máquina da nossa copa parou hoje de manhã e o visor mostra E%02d.",
	}
	var text, html strings.Builder
	for n := range 24 {
		line := fmt.Sprintf(sentences[i%3], n)
		text.WriteString(line + "\n")
		fmt.Fprintf(&html, `<p style="margin:0;font-family:Calibri,sans-serif;color:#1f1f1f">%s <a href="https://example.com/%d">link</a></p>`, line, n)
	}
	m := eml.Message{
		From: eml.Address{Name: fmt.Sprintf("Person %d", i%500), Address: fmt.Sprintf("person%d@customer%d.example", i%500, i%40)},
		To:   []eml.Address{{Address: e2e.Support}}, Subject: fmt.Sprintf("Request %d", i), MessageID: fmt.Sprintf("m%d@customer.example", i),
		Date: time.Now(), Text: text.String(), HTML: html.String(),
	}
	if i%4 == 0 {
		m.Attachments = []eml.Attachment{{FileName: "photo.jpg", ContentType: "image/jpeg", Data: bytes.Repeat([]byte{byte(i), 1, 2, 3}, 1500)}}
	}
	raw, err := eml.Compose(m)
	if err != nil {
		panic(err) // the letter is ours
	}
	return raw
}
