package eml

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// longestFileName is in bytes: what common file systems take, with room to
// add to it.
const longestFileName = 200

// cleanFileName makes a file name harmless on any system: no folders, no
// control or direction characters ("invoice\u202efdp.exe"), no signs that
// Windows forbids, no device names. It returns "" when nothing is left.
func cleanFileName(s string) string {
	s = norm.NFC.String(cleanLine(s)) // macOS sends kana with separate voicing marks
	if i := strings.LastIndexAny(s, `/\`); i >= 0 {
		s = s[i+1:]
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case isDirection(r) || r == 0x200b || r == 0x2060 || r == 0xfeff:
			return -1
		case strings.ContainsRune(`<>:"|?*`, r) || unicode.IsControl(r):
			return '_'
		}
		return r
	}, s)
	s = strings.Trim(s, " .")
	base, _, _ := strings.Cut(strings.ToUpper(s), ".")
	switch base {
	case "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "LPT1", "LPT2", "LPT3":
		s = "_" + s
	}
	return shortenFileName(s)
}

// shortenFileName cuts in the middle: the extension says what the file is.
func shortenFileName(s string) string {
	if len(s) <= longestFileName {
		return s
	}
	ext := ""
	if i := strings.LastIndexByte(s, '.'); i > 0 && len(s)-i <= 12 {
		ext = s[i:]
	}
	cut := longestFileName - len(ext)
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return strings.TrimRight(s[:cut], " .") + ext
}

// extensions for parts without a name. The system's own table is not asked, so
// that a mail reads the same everywhere.
var extensions = map[string]string{
	"application/json": ".json", "application/ms-tnef": ".dat", "application/msword": ".doc",
	"application/pdf": ".pdf", "application/pgp-signature": ".asc", "application/pkcs7-mime": ".p7m",
	"application/pkcs7-signature": ".p7s", "application/xml": ".xml", "application/zip": ".zip",
	"audio/mpeg": ".mp3", "audio/wav": ".wav", "audio/x-wav": ".wav",
	"image/bmp": ".bmp", "image/gif": ".gif", "image/heic": ".heic", "image/jpeg": ".jpg", "image/jpg": ".jpg",
	"image/png": ".png", "image/svg+xml": ".svg", "image/tiff": ".tif", "image/webp": ".webp",
	"message/rfc822": ".eml", "message/delivery-status": ".txt", "message/disposition-notification": ".txt",
	"text/calendar": ".ics", "text/csv": ".csv", "text/html": ".html", "text/plain": ".txt",
	"text/rfc822-headers": ".txt", "text/vcard": ".vcf", "text/x-vcard": ".vcf", "text/xml": ".xml", "video/mp4": ".mp4",
}

// inventFileName names the nth part of a mail after what it is.
func inventFileName(contentType string, n int) string {
	kind := "attachment"
	switch {
	case strings.HasPrefix(contentType, "image/"):
		kind = "image"
	case contentType == "message/rfc822":
		kind = "mail"
	case contentType == "text/calendar":
		kind = "invitation"
	case contentType == "application/ms-tnef":
		return "winmail.dat"
	case contentType == "message/delivery-status":
		kind = "delivery-status"
	}
	ext := extensions[contentType]
	if ext == "" && strings.HasPrefix(contentType, "text/") || strings.HasPrefix(contentType, "multipart/") {
		ext = ".txt"
	}
	if ext == "" {
		ext = ".bin"
	}
	return fmt.Sprintf("%s-%d%s", kind, n, ext)
}
