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
	w := b.open(e2e.Options{Latency: latency})
	w.Connect(e2e.Support, false)
	w.Until("the first reading", func() bool { return compared(w) == 1 })
	w.Stop()
	for i := range *mails {
		b.deliver(w, e2e.Support, letter(i))
	}
	w.SimAPI().Delete("/sim/requests").Want(204)
	begin := time.Now()
	w.Start()
	b.await(*mails, 10*time.Minute, func() int { return ledgerCount(w) })
	took, computed := time.Since(begin), processor(b, w)
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
	b.row(fmt.Sprintf("processor time of Tandem per mail, at %s", latency), (computed / time.Duration(*mails)).Round(10*time.Microsecond).String(), "")
	b.row(fmt.Sprintf("peak memory meanwhile, at %s", latency), mebibytes(peakMemory(b, w)), "< 150 MB")
}

// imports measures the import of the latest 300 mails.
func (b *bench) imports(latency time.Duration) {
	w := b.open(e2e.Options{Latency: latency})
	for i := range 300 {
		b.deliver(w, e2e.Support, letter(i))
	}
	time.Sleep(1100 * time.Millisecond) // what arrives in the second of the connection is new, not old
	begin := time.Now()
	w.Connect(e2e.Support, true)
	b.await(300, 5*time.Minute, func() int { return ticketCount(w) })
	budget := ""
	if latency == 100*time.Millisecond {
		budget = "< 15 s"
	}
	b.row(fmt.Sprintf("import of the latest 300 mails, Microsoft at %s", latency), fmt.Sprintf("%.1f s", time.Since(begin).Seconds()), budget)
}

// largeMails measures memory while mails with 30 MB attachments come in.
func (b *bench) largeMails(latency time.Duration) {
	w := b.open(e2e.Options{Latency: latency})
	w.Connect(e2e.Support, false)
	w.Until("notifications", func() bool { return pushed(w) == 1 })
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
		b.deliver(w, e2e.Support, raw.Bytes())
	}
	b.await(5, 2*time.Minute, func() int { return ticketCount(w) })
	b.row(fmt.Sprintf("five mails with 30 MB attachments, Microsoft at %s: memory before, peak", latency), mebibytes(before)+", "+mebibytes(peakMemory(b, w)), "constant")
}

func (b *bench) deliver(w *e2e.World, mailbox string, raw []byte) {
	b.Helper()
	if _, err := w.Sim.Deliver(b.Context(), mailbox, raw); err != nil {
		b.Fatal(err)
	}
}

func messageID(i int) string { return fmt.Sprintf("m%d@customer.example", i) }

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
		To:   []eml.Address{{Address: e2e.Support}}, Subject: fmt.Sprintf("Request %d", i), MessageID: messageID(i),
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
