package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tandem/problem"
)

// Remote images of a mail are fetched by us, not by the agent's browser, so
// that their senders learn nothing of who reads the mail, where and when. The
// frame names them by an address that we have signed: nobody else can make us
// fetch what they like.

// imageLife is for how many days the address of an image is good. It counts
// whole days, so that the same image has the same address all day and browsers
// keep it.
const imageLife = 2

// imageAddress is where the frame finds a remote image: /images/ and the last
// day of the address, the remote address and a signature over both.
func (s *server) imageAddress(remote string) string {
	until := strconv.FormatInt(today(s.now())+imageLife, 10)
	return "/images/" + until + "." + base64.RawURLEncoding.EncodeToString([]byte(remote)) + "." + s.signImage(until, remote)
}

func today(now time.Time) int64 { return now.Unix() / (24 * 60 * 60) }

func (s *server) signImage(until, remote string) string {
	mac := hmac.New(sha256.New, s.options.ImageKey)
	mac.Write([]byte(until + " " + remote))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// openImage returns the remote address that imageAddress has signed.
func (s *server) openImage(signed string) (remote string, ok bool) {
	until, rest, _ := strings.Cut(signed, ".")
	encoded, signature, _ := strings.Cut(rest, ".")
	address, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || !hmac.Equal([]byte(signature), []byte(s.signImage(until, string(address)))) {
		return "", false
	}
	day, err := strconv.ParseInt(until, 10, 64)
	return string(address), err == nil && today(s.now()) <= day
}

func (s *server) serveImage(w http.ResponseWriter, r *http.Request) {
	remote, ok := s.openImage(r.PathValue("signed"))
	if !ok {
		writeProblem(w, r, s.log, problem.New(problem.NotFound, "image_address", "The address of this image is not one of ours, or is too old.").
			On(problem.Yours, "Open the mail again."))
		return
	}
	media, content, err := s.desk.RemoteImage(r.Context(), remote)
	if err != nil {
		writeProblem(w, r, s.log, err)
		return
	}
	defer content.Close()
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", filePolicy)
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "private, max-age=86400")
	http.ServeContent(w, r, "", time.Time{}, content)
}
