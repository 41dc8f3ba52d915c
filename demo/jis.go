package demo

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/encoding/japanese"
)

// wordRunes is how many characters fit into one encoded word: with both
// escape sequences and base64 it stays below 75 (RFC 2047 section 2).
const wordRunes = 15

// composeJIS writes a mail as many Japanese offices still send it: plain text
// in 7-bit ISO-2022-JP (RFC 1468), the header in encoded words.
func (l letter) composeJIS() ([]byte, error) {
	if len(l.step.Files) > 0 || l.step.HTML != "" {
		return nil, errors.New("a mail in ISO-2022-JP has text only here")
	}
	var b strings.Builder
	var failed error
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	words := func(text string) string {
		encoded, err := encodedWords(text)
		failed = errors.Join(failed, err)
		return encoded
	}
	party := func(name, address string) string {
		if name == "" {
			return address
		}
		return words(name) + " <" + address + ">"
	}
	field("From", party(l.from.Name, l.from.Address))
	field("To", party(l.to.Name, l.to.Address))
	var copies []string
	for _, a := range l.copies() {
		copies = append(copies, party(a.Name, a.Address))
	}
	field("Cc", strings.Join(copies, ",\r\n "))
	field("Subject", words(l.title()))
	field("Date", l.at.In(l.lang.zone).Format(time.RFC1123Z))
	field("Message-ID", "<"+l.id+">")
	if inReplyTo, references := l.references(); inReplyTo != "" {
		field("In-Reply-To", "<"+inReplyTo+">")
		field("References", "<"+strings.Join(references, ">\r\n <")+">")
	}
	for _, f := range l.extra() {
		field(f.Name, f.Value)
	}
	field("MIME-Version", "1.0")
	field("Content-Type", "text/plain; charset=ISO-2022-JP")
	field("Content-Transfer-Encoding", "7bit")
	body, err := japanese.ISO2022JP.NewEncoder().String(strings.ReplaceAll(l.text(), "\n", "\r\n"))
	if err = errors.Join(failed, err); err != nil {
		return nil, fmt.Errorf("write %q in ISO-2022-JP: %w", l.subject, err)
	}
	return []byte(b.String() + "\r\n" + body), nil
}

// encodedWords writes a header value as encoded words, each of which begins
// and ends in ASCII (RFC 1468).
func encodedWords(text string) (string, error) {
	var words []string
	for rest := []rune(text); len(rest) > 0; {
		n := min(wordRunes, len(rest))
		encoded, err := japanese.ISO2022JP.NewEncoder().String(string(rest[:n]))
		if err != nil {
			return "", err
		}
		words = append(words, "=?ISO-2022-JP?B?"+base64.StdEncoding.EncodeToString([]byte(encoded))+"?=")
		rest = rest[n:]
	}
	return strings.Join(words, "\r\n "), nil
}
