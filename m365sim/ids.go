package m365sim

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"strconv"
	"strings"
)

// Ids look like Exchange's: long, opaque, case-sensitive, URL-safe base64 with
// a trailing "=". The prefix tells the kind, the body carries row numbers and
// a checksum.
const (
	prefixMessage      = "AAMkADRmMWMyYTdlLWEwZDkt" // changes on a move
	prefixImmutable    = "AAkALgAAAAAAHYQDEapmEc2b" // does not
	prefixFolder       = "AQMkADRmMWMyYTdlLWEwZDkt"
	prefixAttachment   = "AAMkADRmMWMyYTdlLWF0dGFj"
	prefixConversation = "AAQkADRmMWMyYTdlLWEwZDkt"
)

// messageID names a message: by its row number for ever, or together with the
// generation until its next move.
type messageID struct {
	mailbox    int64
	message    int64
	generation int64
	immutable  bool
}

func (id messageID) String() string {
	if id.immutable {
		return encodeID(prefixImmutable, id.mailbox, id.message, 0)
	}
	return encodeID(prefixMessage, id.mailbox, id.message, id.generation)
}

func parseMessageID(s string) (messageID, bool) {
	if n, ok := decodeID(prefixImmutable, s); ok {
		return messageID{mailbox: n[0], message: n[1], immutable: true}, true
	}
	n, ok := decodeID(prefixMessage, s)
	return messageID{mailbox: n[0], message: n[1], generation: n[2]}, ok
}

func folderID(mailbox, folder int64) string { return encodeID(prefixFolder, mailbox, folder, 0) }

func parseFolderID(s string) (mailbox, folder int64, ok bool) {
	n, ok := decodeID(prefixFolder, s)
	return n[0], n[1], ok
}

func attachmentID(message, attachment int64) string {
	return encodeID(prefixAttachment, message, attachment, 0)
}

func parseAttachmentID(s string) (message, attachment int64, ok bool) {
	n, ok := decodeID(prefixAttachment, s)
	return n[0], n[1], ok
}

func encodeID(prefix string, a, b, c int64) string {
	var raw [26]byte // 26 bytes end in exactly one "="
	binary.BigEndian.PutUint32(raw[0:], uint32(a))
	binary.BigEndian.PutUint64(raw[4:], uint64(b))
	binary.BigEndian.PutUint32(raw[12:], uint32(c))
	copy(raw[16:], "\x00\x00\x01\x0c\x00\x00")
	binary.BigEndian.PutUint32(raw[22:], checksum(prefix, raw[:22]))
	return prefix + base64.URLEncoding.EncodeToString(raw[:])
}

func decodeID(prefix, s string) (n [3]int64, ok bool) {
	body, found := strings.CutPrefix(s, prefix)
	if !found {
		return n, false
	}
	raw, err := base64.URLEncoding.DecodeString(body)
	if err != nil || len(raw) != 26 || binary.BigEndian.Uint32(raw[22:]) != checksum(prefix, raw[:22]) {
		return n, false
	}
	n[0] = int64(binary.BigEndian.Uint32(raw[0:]))
	n[1] = int64(binary.BigEndian.Uint64(raw[4:]))
	n[2] = int64(binary.BigEndian.Uint32(raw[12:]))
	return n, true
}

func checksum(prefix string, body []byte) uint32 {
	return crc32.Update(crc32.ChecksumIEEE([]byte(prefix)), crc32.IEEETable, body)
}

// changeKey is the version of an item, as its etag carries it.
func changeKey(change int64) string {
	raw := binary.BigEndian.AppendUint64([]byte("\x09\x00\x00\x00\x16\x00\x00\x00"), uint64(change))
	return base64.StdEncoding.EncodeToString(raw)
}

// etag is W/"<changeKey>" (message resource type: @odata.etag).
func etag(change int64) string { return `W/` + strconv.Quote(changeKey(change)) }
