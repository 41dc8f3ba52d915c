package eml

import (
	"bufio"
	"bytes"
	"io"
	"strings"
)

// lookahead is how far the scanner can look without reading: enough to find
// the first boundary of a multipart, or the blank line that ends a header.
const lookahead = 32 << 10

// scanner hands out a mail line by line, once, and stops at the boundaries of
// all multiparts that are open. One pass over the bytes, whatever the nesting:
// an unclosed multipart ends where an outer boundary says so, and a hostile
// tree of boundaries costs no more than text of the same length.
type scanner struct {
	r    *bufio.Reader
	open []string // "--boundary" of each open multipart, outermost first

	again   []byte // a line put back
	frag    []byte // what is left of the current line (or of a piece of a very long one)
	eol     string // line ending held back: it belongs to a boundary that follows (RFC 2046 section 5.1.1)
	eolDue  string // held line ending that turned out to be text
	midLine bool   // the last piece did not end its line

	at  *delimiter // the boundary line where we stand, until passed
	err error      // io.EOF or what the reader said
}

// delimiter is a boundary line.
type delimiter struct {
	level int  // index into scanner.open
	last  bool // with the closing "--"
}

func newScanner(r io.Reader) *scanner {
	return &scanner{r: bufio.NewReaderSize(r, lookahead)}
}

// push opens a multipart.
func (s *scanner) push(boundary string) int {
	s.open = append(s.open, "--"+boundary)
	return len(s.open) - 1
}

// pop closes the multiparts from level on.
func (s *scanner) pop(level int) { s.open = s.open[:level] }

// pass steps over the boundary line where the scanner stands.
func (s *scanner) pass() { s.at, s.eol, s.midLine = nil, "", false }

// failed returns the reader's error, nil at the end of the mail.
func (s *scanner) failed() error {
	if s.err == io.EOF {
		return nil
	}
	return s.err
}

// readLine returns the next line or piece of a long line, line ending
// included, or false at a boundary, at the end or on an error. The slice is
// valid until the next call.
func (s *scanner) readLine() ([]byte, bool) {
	if line := s.again; line != nil {
		s.again = nil
		return line, true
	}
	if s.at != nil || s.err != nil {
		return nil, false
	}
	line, err := s.r.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		err = nil
	}
	s.err = err
	if !s.midLine {
		if s.at = s.delimiter(line); s.at != nil {
			return nil, false
		}
	}
	s.midLine = len(line) > 0 && line[len(line)-1] != '\n'
	return line, len(line) > 0
}

// unread puts back the line read last, which must be a copy.
func (s *scanner) unread(line []byte) { s.again = line }

// delimiter recognises a boundary line. The innermost boundary wins when two
// levels use the same one.
func (s *scanner) delimiter(line []byte) *delimiter {
	if len(s.open) == 0 || !bytes.HasPrefix(line, []byte("--")) {
		return nil
	}
	line = bytes.TrimRight(line, " \t\r\n")
	for level := len(s.open) - 1; level >= 0; level-- {
		rest, ok := bytes.CutPrefix(line, []byte(s.open[level]))
		if ok && (len(rest) == 0 || string(rest) == "--") {
			return &delimiter{level: level, last: len(rest) > 0}
		}
	}
	return nil
}

// Read reads the body where the scanner stands, up to the next boundary.
func (s *scanner) Read(b []byte) (int, error) {
	for len(s.eolDue) == 0 && len(s.frag) == 0 {
		if !s.nextPiece() {
			if err := s.failed(); err != nil {
				return 0, err
			}
			return 0, io.EOF
		}
	}
	n := copy(b, s.eolDue)
	s.eolDue = s.eolDue[n:]
	if n == 0 {
		n = copy(b, s.frag)
		s.frag = s.frag[n:]
	}
	return n, nil
}

// nextPiece moves the held line ending and the next line to what Read gives out.
func (s *scanner) nextPiece() bool {
	line, ok := s.readLine()
	if !ok {
		if s.at == nil && s.err == io.EOF && s.eol != "" {
			s.eolDue, s.eol = s.eol, ""
			return true
		}
		return false
	}
	s.eolDue, s.eol = s.eol, ""
	switch {
	case bytes.HasSuffix(line, []byte("\r\n")):
		s.eol, line = "\r\n", line[:len(line)-2]
	case bytes.HasSuffix(line, []byte("\n")):
		s.eol, line = "\n", line[:len(line)-1]
	}
	s.frag = line
	return true
}

// drain skips the rest of the body where the scanner stands.
func (s *scanner) drain() error {
	s.frag, s.eolDue = nil, ""
	for {
		if _, ok := s.readLine(); !ok {
			return s.failed()
		}
	}
}

// peek returns what lies ahead, at most n bytes, without moving.
func (s *scanner) peek(n int) []byte {
	b, _ := s.r.Peek(n)
	return b
}

// sniffBoundary looks for the boundary of a multipart that declares none, or
// one that does not come: a line "--something" with a header field below it.
func (s *scanner) sniffBoundary(declared string) string {
	const window = 16 << 10
	ahead := s.peek(window)
	found := ""
	for len(ahead) > 0 {
		line, rest, _ := bytes.Cut(ahead, []byte("\n"))
		ahead = rest
		text, ok := bytes.CutPrefix(bytes.TrimRight(line, " \t\r"), []byte("--"))
		if !ok || len(text) == 0 {
			continue
		}
		if s.delimiter(line) != nil {
			break // the end of this multipart
		}
		if string(text) == declared {
			return declared
		}
		if found == "" && len(text) <= 200 && beginsWithContentField(rest) {
			found = string(text)
		}
	}
	return found
}

func beginsWithContentField(b []byte) bool {
	const name = "content-"
	return len(b) >= len(name) && strings.EqualFold(string(b[:len(name)]), name)
}

// standsAt reports whether the scanner stands at a boundary of this level.
func (s *scanner) standsAt(level int) bool { return s.at != nil && s.at.level == level }
