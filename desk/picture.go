package desk

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tandem/directory"
	"tandem/problem"
)

// MaxPicture is how many bytes a picture inside the text may have. Pictures
// travel in every mail that shows them; what is larger goes as an attachment.
const MaxPicture = 10 << 20

// pictureTypes are images that browsers and mail programs show and that cannot
// hold script; SVG can.
var pictureTypes = []string{"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/avif"}

// IsPicture tells whether a media type can be shown without running anything.
func IsPicture(contentType string) bool { return slices.Contains(pictureTypes, contentType) }

// fileAddress is how text refers to a file: as a path, or whole as programs are
// told it. The secret names the file, whatever the host in front.
var fileAddress = regexp.MustCompile(`^(?:https?://[^/]+)?/attachments/token/([A-Za-z0-9_-]+)(?:[/?#]|$)`)

// ownPictures lets text show pictures that its writer uploaded for it, and
// nothing else: not a colleague's upload, and no file of another ticket whose
// address somebody came by. It gives the address that the text is stored with.
func ownPictures(files []Attachment, writer directory.UserID) func(source string) (string, bool) {
	return func(source string) (string, bool) {
		found := fileAddress.FindStringSubmatch(source)
		if found == nil {
			return "", false
		}
		for _, a := range files {
			if a.Secret == found[1] && a.UploadedBy == writer && IsPicture(a.ContentType) {
				return a.shownAt(), true
			}
		}
		return "", false
	}
}

// shownAt is the address under which text shows a picture.
func (a *Attachment) shownAt() string { return "/attachments/token/" + a.Secret + "/?inline=1" }

// place makes a file inline when the text shows it, else an attachment. A
// picture at its place is found in the mail by its Content-ID (RFC 2392).
func (a *Attachment) place(html string) {
	a.Inline = IsPicture(a.ContentType) && strings.Contains(html, `"`+a.shownAt()+`"`)
	a.ContentID = ""
	if a.Inline {
		a.ContentID = fmt.Sprintf("image%d@tandem", a.ID)
	}
}

// mustFitIntoText refuses pictures that are too large for where the text shows them.
func mustFitIntoText(files []Attachment, html string) error {
	for _, a := range files {
		if a.place(html); a.Inline && a.Size > MaxPicture {
			return problem.New(problem.Invalid, "picture_too_large", "The picture %s is larger than %d MB.", a.FileName, MaxPicture>>20).
				On(problem.Yours, "Attach it as a file, or make it smaller.").In("uploads").
				With("name", a.FileName).With("limit", fmt.Sprint(MaxPicture>>20))
		}
	}
	return nil
}
