package eml

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// report writes a mail from its lines and reads it.
func report(t *testing.T, lines ...string) *Report {
	t.Helper()
	m, err := Parse(strings.NewReader(strings.Join(lines, "\r\n")+"\r\n"), DefaultLimits, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m.Report
}

// statusReport is a multipart/report with the given groups of recipients.
func statusReport(groups ...string) []string {
	return []string{
		"From: postmaster@fabrikam.example", "To: support@contoso.example", "Subject: Undeliverable: hello", "Return-Path: <>",
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b", "",
		"--b", "Content-Type: text/plain", "", "Sorry.",
		"--b", "Content-Type: message/delivery-status", "",
		"Reporting-MTA: dns; mail.fabrikam.example", "", strings.Join(groups, "\r\n\r\n"),
		"--b", "Content-Type: message/rfc822", "",
		"From: support@contoso.example", "Message-ID: <sent@contoso.example>", "X-Tandem-Mail: mark1", "Subject: hello", "", "Body", "--b--",
	}
}

func TestReportTellsTheWorstOfAllRecipients(t *testing.T) {
	r := report(t, statusReport(
		"Final-Recipient: rfc822; ana@fabrikam.example\r\nAction: delivered\r\nStatus: 2.1.5",
		"Original-Recipient: rfc822;Bob@fabrikam.example\r\nFinal-Recipient: rfc822; b@internal.example\r\nAction: Failed\r\nStatus: 5.2.2 (full)\r\nDiagnostic-Code: smtp; 552 5.2.2 mailbox\r\n is full",
		"Final-Recipient: rfc822; cem@fabrikam.example\r\nAction: delayed\r\nStatus: 4.4.1",
	)...)
	if r == nil || r.Kind != Bounced {
		t.Fatalf("read as %+v, want a bounce", r)
	}
	want := []ReportedRecipient{{Address: "bob@fabrikam.example", Status: "5.2.2", Diagnostic: "552 5.2.2 mailbox is full"}}
	if diff := cmp.Diff(want, r.Recipients); diff != "" {
		t.Errorf("recipients (-want +got):\n%s", diff)
	}
	if r.OriginalID() != "sent@contoso.example" || r.Original.Get("X-Tandem-Mail") != "mark1" {
		t.Errorf("the original is not recognised: %v", r.Original)
	}
}

func TestDelayIsNoBounce(t *testing.T) {
	r := report(t, statusReport("Final-Recipient: rfc822; cem@fabrikam.example\r\nAction: delayed\r\nStatus: 4.4.1")...)
	if r == nil || r.Kind != Delayed || len(r.Recipients) != 1 || r.Recipients[0].Status != "4.4.1" {
		t.Errorf("read as %+v, want a delay of one recipient", r)
	}
}

func TestReportsThatAreOnlyProse(t *testing.T) {
	for _, test := range []struct {
		name      string
		lines     []string
		recipient string
		status    string
		original  string
	}{
		{"Exchange, read back as an item", []string{
			"From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@contoso.example>", "To: support@contoso.example",
			"Subject: Undeliverable: hello", "X-MS-Exchange-Message-Is-Ndr:", "In-Reply-To: <sent@contoso.example>", "",
			"Your message to nobody@fabrikam.example couldn't be delivered.",
			"Remote server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup'",
		}, "nobody@fabrikam.example", "5.1.10", "sent@contoso.example"},
		{"qmail", []string{
			"Return-Path: <>", "From: MAILER-DAEMON@mail.fabrikam.example", "To: support@contoso.example", "Subject: failure notice", "",
			"Hi. This is the qmail-send program at mail.fabrikam.example.", "", "<nobody@fabrikam.example>:", "550 sorry, no mailbox here by that name", "",
			"--- Below this line is a copy of the message.", "", "From: support@contoso.example", "Message-ID: <sent@contoso.example>",
		}, "nobody@fabrikam.example", "5.0.0", "sent@contoso.example"},
		{"a Japanese carrier", []string{
			"From: MAILER-DAEMON@mobile.example", "To: support@contoso.example", "Subject: =?ISO-2022-JP?B?GyRCR1s/LklUR08bKEI=?=", "Content-Type: text/plain; charset=utf-8", "",
			"宛先が見つかりません。", "<ana..b.@mobile.example>: 550 5.1.1 User unknown", "Message-ID: <sent@contoso.example>",
		}, "ana..b.@mobile.example", "5.1.1", "sent@contoso.example"},
		{"Exim names the recipients in a field", []string{
			"From: Mail Delivery System <Mailer-Daemon@fabrikam.example>", "To: support@contoso.example", "Subject: Mail delivery failed: returning message to sender",
			"X-Failed-Recipients: nobody@fabrikam.example", "References: <sent@contoso.example>", "", "host mail.fabrikam.example: 550 5.7.1 refused",
		}, "nobody@fabrikam.example", "5.7.1", "sent@contoso.example"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := report(t, test.lines...)
			if r == nil || r.Kind != Bounced || len(r.Recipients) != 1 {
				t.Fatalf("read as %+v, want one bounce", r)
			}
			if got := r.Recipients[0]; got.Address != test.recipient || got.Status != test.status {
				t.Errorf("%s with %q, want %s with %q", got.Address, got.Status, test.recipient, test.status)
			}
			if got := r.OriginalID(); got != test.original {
				t.Errorf("about the mail %q, want %q", got, test.original)
			}
		})
	}
}

func TestPeopleWhoWriteOfErrorsReportNothing(t *testing.T) {
	if r := report(t, "From: ana@client.example", "Subject: Undeliverable: my mail to you", "", "I got 550 5.1.1 user unknown. Why?"); r != nil {
		t.Errorf("a customer's question became %+v", r)
	}
	if r := report(t, "From: postmaster@client.example", "Subject: New rules", "", "Version 4.1.2.7 of our server is at 5.1.1.1 now."); r != nil {
		t.Errorf("a postmaster's letter became %+v", r)
	}
}

func TestAuthentication(t *testing.T) {
	for _, test := range []struct {
		name, from, field string
		want              Verdict
	}{
		{"Exchange Online, all well", "contoso.com",
			"spf=pass (sender IP is 40.107.1.1) smtp.mailfrom=contoso.com; dkim=pass (signature was verified) header.d=contoso.com;dmarc=pass action=none header.from=contoso.com;compauth=pass reason=100", Authentic},
		{"Exchange Online, forged", "contoso.com",
			"spf=fail (sender IP is 203.0.113.9) smtp.mailfrom=contoso.com; dkim=none (message not signed) header.d=none;dmarc=fail action=oreject header.from=contoso.com;compauth=fail reason=000", Forged},
		{"a trusted forwarder changed it", "contoso.com", "spf=fail smtp.mailfrom=contoso.com;dkim=fail (body hash did not verify) header.d=contoso.com;dmarc=fail action=none;compauth=pass reason=130", Unjudged},
		{"RFC 8601", "example.com", `mx.example.org 1; dkim=pass header.d=example.com (a comment; with "dmarc=fail" in it); spf=none`, Authentic},
		{"somebody else's domain vouches", "contoso.com", "spf=pass smtp.mailfrom=evil.example; dkim=none", Unjudged},
		{"a subdomain bounces for it", "contoso.com", "spf=pass smtp.mailfrom=bounce.mail.contoso.com", Authentic},
		{"a neighbour in the top level is nobody", "contoso.com", "spf=pass smtp.mailfrom=com", Unjudged},
		{"SPF and DKIM both fail", "contoso.com", "mx.example; spf=softfail smtp.mailfrom=contoso.com; dkim=fail header.d=contoso.com", Forged},
		{"SPF alone fails, as forwarding does", "contoso.com", "mx.example; spf=fail smtp.mailfrom=contoso.com; dkim=none", Unjudged},
		{"one signature of two holds", "contoso.com", "mx.example; dkim=fail header.d=contoso.com; dkim=pass header.d=contoso.com", Authentic},
		{"a temporary error is nobody's fault", "contoso.com", "dmarc=temperror; spf=temperror", Unjudged},
		{"nothing was tried", "contoso.com", "mx.example; none", Unjudged},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, why := ParseAuthentication(test.field).Judge(test.from); got != test.want {
				t.Errorf("judged %s because of %s, want %s", got, why, test.want)
			}
		})
	}
}

func TestOnlyTheTopmostAuthenticationCounts(t *testing.T) {
	h := Header{{"Received", "x"}, {"Authentication-Results", "spf=fail; dkim=fail; dmarc=fail"}, {"Authentication-Results", "mx.contoso.example; dmarc=pass"}}
	a, found := AuthenticationOf(h)
	if verdict, _ := a.Judge("contoso.com"); !found || verdict != Forged {
		t.Errorf("the sender's own field was believed: %s", verdict)
	}
	if _, found := AuthenticationOf(Header{{"Subject", "x"}}); found {
		t.Error("found results in a mail that has none")
	}
}

func TestAutomation(t *testing.T) {
	for _, test := range []struct {
		header Header
		want   Automation
	}{
		{Header{{"Subject", "Hello"}}, ByPerson},
		{Header{{"Auto-Submitted", "auto-replied; owner-email=\"a@b.example\""}}, Replying},
		{Header{{"Auto-Submitted", "auto-generated"}, {"Subject", "Automatic reply: Printer"}}, Replying},
		{Header{{"Auto-Submitted", "auto-generated"}}, Generated},
		{Header{{"Subject", "Re: Automatic reply: Printer"}}, ByPerson},
		{Header{{"Subject", "=?UTF-8?B?6Ieq5YuV6L+U5L+hOiDlh7rlvLXkuK0=?="}}, Replying},
		{Header{{"X-Autoreply", "yes"}}, Replying},
		{Header{{"X-Autoreply", "no"}}, ByPerson},
		{Header{{"X-Autorespond", "Out until Monday"}, {"Precedence", "bulk"}}, Replying},
		{Header{{"Content-Type", "multipart/report; report-type=delivery-status"}, {"Auto-Submitted", "auto-replied"}}, Reporting},
		{Header{{"Return-Path", "<>"}}, Reporting},
		{Header{{"Return-Path", "<>"}, {"Auto-Submitted", "auto-replied"}}, Replying},
		{Header{{"Precedence", "bulk"}}, Newsletter},
		{Header{{"List-Id", "<news.example>"}, {"List-Unsubscribe", "<mailto:u@news.example>"}}, Newsletter},
		{Header{{"List-Id", "<info.contoso.example>"}, {"List-Post", "<mailto:info@contoso.example>"}, {"List-Unsubscribe", "<mailto:u@contoso.example>"}}, MailingList},
		{Header{{"Precedence", "list"}}, MailingList},
		{Header{{"X-Auto-Response-Suppress", "DR, RN"}}, ByPerson},
		{Header{{"X-Auto-Response-Suppress", "All"}}, Generated},
	} {
		if got, reason := AutomationOf(test.header); got != test.want || (got == ByPerson) != (reason == "") {
			t.Errorf("%v is %q because of %q, want %q", test.header, got, reason, test.want)
		}
	}
}

func TestGuessLanguage(t *testing.T) {
	for text, want := range map[string]string{
		"プリンターが動きません。Error 0x80 が出ます。":                 "ja",
		"Olá, minha impressora não funciona. Obrigado": "pt",
		"Hello, my printer is on fire. Please help":    "en",
		"打印机坏了":       "zh",
		"프린터가 고장났습니다": "ko",
		"12345 ...":   "",
	} {
		if got := GuessLanguage(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func FuzzAuthentication(f *testing.F) {
	for _, s := range []string{"mx.example 1; dkim=pass (x (y\\)) z) header.d=a.b", `a; spf="pass" smtp.mailfrom="<a@b;c>"`, "dmarc=fail;;=;x=", "(", `"`} {
		f.Add(s, "contoso.com")
	}
	f.Fuzz(func(t *testing.T, field, from string) {
		a := ParseAuthentication(field)
		if len(a.Results) > mostResults {
			t.Errorf("%d results", len(a.Results))
		}
		verdict, why := a.Judge(from)
		if verdict == "" || why == "" {
			t.Errorf("%q is judged %q because of %q", field, verdict, why)
		}
		if verdict != Unjudged && len(a.Results) == 0 {
			t.Errorf("judged %s without results", verdict)
		}
	})
}

func FuzzReport(f *testing.F) {
	f.Add(strings.Join(statusReport("Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1"), "\r\n"))
	f.Add("From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n<a@b.example>:\n550 no\nMessage-ID: <c@d>\n")
	f.Fuzz(func(t *testing.T, raw string) {
		m, err := Parse(strings.NewReader(raw), DefaultLimits, nil)
		if err != nil || m.Report == nil {
			return
		}
		if m.Report.Kind == "" || len(m.Report.Recipients) > mostRecipients {
			t.Errorf("report %+v", m.Report)
		}
		for _, r := range m.Report.Recipients {
			if strings.ContainsAny(r.Address+r.Status+r.Diagnostic, "\r\n\x00") {
				t.Errorf("recipient %+v", r)
			}
		}
		m.Report.OriginalID()
	})
}
