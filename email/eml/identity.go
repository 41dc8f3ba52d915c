package eml

import (
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
)

const (
	longestMessageID = 500 // longer ones are made up to hurt; RFC 5322 section 2.1.1 allows lines of 998
	mostReferences   = 100
)

// parseMessageIDs reads the ids of Message-ID, In-Reply-To or References,
// without brackets. Ids without any brackets are accepted, phrases are not.
func parseMessageIDs(s string) []string {
	var ids []string
	for rest := s; ; {
		_, after, found := strings.Cut(rest, "<")
		id, tail, closed := strings.Cut(after, ">")
		if !found || !closed {
			break
		}
		if i := strings.LastIndexByte(id, '<'); i >= 0 {
			id = id[i+1:]
		}
		ids = appendMessageID(ids, id)
		rest = tail
	}
	if len(ids) == 0 {
		for _, f := range strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == ',' }) {
			if strings.Contains(f, "@") {
				ids = appendMessageID(ids, strings.Trim(f, "<>"))
			}
		}
	}
	// The first names the thread, the last its nearest members.
	if len(ids) > mostReferences {
		ids = slices.Concat(ids[:1], ids[len(ids)-mostReferences+1:])
	}
	return withoutDoubles(ids)
}

// appendMessageID appends an id that was perhaps folded in the middle.
func appendMessageID(ids []string, id string) []string {
	id = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			return -1
		}
		return r
	}, id)
	if id == "" || len(id) > longestMessageID {
		return ids
	}
	return append(ids, id)
}

func withoutDoubles(ids []string) []string {
	var once []string
	for _, id := range ids {
		if !slices.Contains(once, id) {
			once = append(once, id)
		}
	}
	return once
}

// zones are the abbreviations that mailers write instead of an offset. Go
// reads an abbreviation it does not know as UTC.
var zones = strings.NewReplacer(
	" JST", " +0900", " KST", " +0900", " GMT", " +0000", " UTC", " +0000", " UT", " +0000",
	" EST", " -0500", " EDT", " -0400", " CST", " -0600", " CDT", " -0500", " MST", " -0700", " MDT", " -0600",
	" PST", " -0800", " PDT", " -0700", " BRT", " -0300", " WET", " +0000", " WEST", " +0100", " CET", " +0100", " CEST", " +0200",
)

// parseDate reads a Date field; the zero time says that it cannot be used.
func parseDate(s string) time.Time {
	s, _, _ = strings.Cut(s, "(") // comments name the zone again
	s = zones.Replace(strings.ToValidUTF8(strings.Join(strings.Fields(s), " "), ""))
	t, err := mail.ParseDate(s)
	for _, layout := range []string{
		"Mon, 2 Jan 2006 15:04:05", "2 Jan 2006 15:04:05", "Mon, 2 Jan 2006 15:04 -0700",
		time.ANSIC, "Mon Jan 2 15:04:05 -0700 2006", "Mon, 2 Jan 2006 15:04:05 -07:00",
		time.RFC3339, "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05", "2006/01/02 15:04:05",
	} {
		if err == nil {
			break
		}
		t, err = time.Parse(layout, s)
	}
	if err != nil || t.Year() < 1990 || t.Year() > 2100 {
		return time.Time{}
	}
	return t
}
