package eml

import "strings"

// IsAutoReply reports whether a program sent the mail, or its sender asks not
// to be answered by one: an automatic answer could then start a loop. The
// reason is the header field that says so, as evidence.
//
// A mail that is only sent to many people (List-Id) counts too; whether a
// person may answer it is not the question here.
func IsAutoReply(h Header) (auto bool, reason string) {
	for _, name := range []string{
		"Auto-Submitted", "X-Auto-Response-Suppress", "Precedence", "X-Autoreply", "X-Autorespond", "X-Auto-Reply-From",
		"List-Id", "List-Post", "Return-Path", "Content-Type",
	} {
		for _, value := range h.Values(name) {
			if saysAutomatic(name, strings.ToLower(strings.TrimSpace(value))) {
				return true, name + ": " + excerpt(value)
			}
		}
	}
	return false, ""
}

// saysAutomatic judges one field; value is in lower case.
func saysAutomatic(name, value string) bool {
	switch name {
	case "Auto-Submitted": // RFC 3834 section 5: anything but "no"
		keyword, _, _ := strings.Cut(value, ";")
		return keyword != "" && strings.TrimSpace(keyword) != "no"
	case "X-Auto-Response-Suppress": // MS-OXCMAIL 2.1.3.4.3; receipts alone (DR, RN, NRN) do not count
		return strings.Contains(value, "all") || strings.Contains(value, "oof") || strings.Contains(value, "autoreply")
	case "Precedence":
		return value == "bulk" || value == "junk" || value == "list" || value == "auto_reply"
	case "Return-Path": // RFC 5321 section 4.5.5: delivery reports have none
		return strings.ReplaceAll(value, " ", "") == "<>"
	case "Content-Type": // RFC 6522: delivery and read reports
		return parseMedia(value).value == "multipart/report"
	}
	return value != ""
}
