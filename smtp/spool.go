package smtp

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
)

// spoolMemory is how much of a mail is kept in memory; the rest goes to a file.
const spoolMemory = 256 << 10

// spool holds the bytes of a mail between its end and its keeping: what has to
// be written on top is known only then.
type spool struct {
	head []byte   // the first spoolMemory bytes
	rest *os.File // the others; nil: there are none
	size int64    // as it came
	sum  string   // hash of all of it
}

// spoolMail reads a mail to its end. An error is the reader's, or that of the
// machine's temporary folder.
func spoolMail(r io.Reader) (_ *spool, err error) {
	s := &spool{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	hash := sha256.New()
	r = io.TeeReader(r, hash)
	var head bytes.Buffer
	n, err := io.CopyN(&head, r, spoolMemory)
	s.head, s.size = head.Bytes(), n
	if err != nil && err != io.EOF {
		return nil, err
	}
	if err == nil {
		if err := s.readRest(r); err != nil {
			return nil, err
		}
	}
	s.sum = hex.EncodeToString(hash.Sum(nil))
	return s, nil
}

func (s *spool) readRest(r io.Reader) (err error) {
	if s.rest, err = os.CreateTemp("", "tandem-mail-*"); err != nil {
		return fmt.Errorf("spool a mail: %w", err)
	}
	n, err := io.Copy(s.rest, r)
	s.size += n
	return err
}

// reader reads the mail from the beginning. One reader may be in use at a time.
func (s *spool) reader() io.Reader {
	head := bytes.NewReader(s.head)
	if s.rest == nil {
		return head
	}
	return io.MultiReader(head, io.NewSectionReader(s.rest, 0, s.size))
}

// removeFields removes fields from the header, as far as it is in memory.
func (s *spool) removeFields(unwanted func(name, value string) bool) {
	header, whole := s.header()
	if !whole {
		return
	}
	kept := make([]byte, 0, len(s.head))
	for raw := range rawFields(header) {
		if !unwanted(splitField(raw)) {
			kept = append(kept, raw...)
		}
	}
	s.head = append(kept, s.head[len(header):]...)
}

// header is the header of the mail. It is false when the header does not end
// within what is in memory: then nobody meant it to be read.
func (s *spool) header() ([]byte, bool) {
	if bytes.HasPrefix(s.head, []byte("\r\n")) {
		return nil, true
	}
	end := bytes.Index(s.head, []byte("\r\n\r\n"))
	if end < 0 {
		return s.head, s.rest == nil
	}
	return s.head[:end+2], true
}

func (s *spool) close() {
	if s.rest == nil {
		return
	}
	_ = s.rest.Close()
	_ = os.Remove(s.rest.Name())
}
