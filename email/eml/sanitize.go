package eml

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
)

// htmlElements are the elements that mail may use, with their attributes.
var htmlElements = map[string][]string{
	"a": {"href", "rel", "target"}, "abbr": nil, "address": nil, "article": nil, "aside": nil, "b": nil, "bdi": nil, "bdo": nil, "big": nil,
	"blockquote": {"type"}, "br": {"clear"}, "caption": nil, "center": nil, "cite": nil, "code": nil,
	"col": {"span", "width"}, "colgroup": {"span", "width"}, "dd": nil, "del": nil, "details": {"open"}, "dfn": nil,
	"div": {"bgcolor"}, "dl": nil, "dt": nil, "em": nil, "figcaption": nil, "figure": nil,
	"font": {"color", "face", "size"}, "footer": nil, "h1": nil, "h2": nil, "h3": nil, "h4": nil, "h5": nil, "h6": nil,
	"header": nil, "hr": {"color", "noshade", "size", "width"}, "i": nil,
	"img": {"alt", "border", remoteSource, "height", "hspace", "src", "vspace", "width"},
	"ins": nil, "kbd": nil, "li": {"type", "value"}, "main": nil, "mark": nil, "nav": nil, "ol": {"start", "type"},
	"p": nil, "pre": nil, "q": nil, "rp": nil, "rt": nil, "ruby": nil, "s": nil, "samp": nil, "section": nil,
	"small": nil, "span": nil, "strike": nil, "strong": nil, "sub": nil, "summary": nil, "sup": nil,
	"table": {"bgcolor", "border", "bordercolor", "cellpadding", "cellspacing", "frame", "height", "rules", "width"},
	"tbody": nil, "td": tableCell, "tfoot": nil, "th": tableCell, "thead": nil, "time": {"datetime"},
	"tr": {"bgcolor", "height"}, "tt": nil, "u": nil, "ul": {"type"}, "var": nil, "wbr": nil,
}

var (
	tableCell      = []string{"abbr", "bgcolor", "colspan", "height", "nowrap", "rowspan", "scope", "width"}
	everyElement   = []string{"align", "dir", "lang", "style", "title", "valign"}
	rawTextElement = map[string]bool{ // whose text is not for people
		"iframe": true, "noembed": true, "noframes": true, "noscript": true, "script": true, "style": true, "title": true,
	}
)

const mostAttributes = 50 // of one element

const (
	// remoteSource holds the address of an image that is not loaded until the
	// reader asks for it.
	remoteSource = "data-remote-src"
	// blankImage is a transparent GIF of one pixel.
	blankImage = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
)

// mailPolicy has the last word on what Sanitize lets through. It knows the
// same elements and attributes as the cleaner that runs before it. Styles are
// not its business: it parses them with regular expressions, which takes longer
// than everything else together.
var mailPolicy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	for name, attrs := range htmlElements {
		p.AllowElements(name)
		p.AllowNoAttrs().OnElements(name)
		if len(attrs) > 0 {
			p.AllowAttrs(attrs...).OnElements(name)
		}
	}
	p.AllowAttrs(everyElement...).Globally()
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.AllowURLSchemeWithCustomPolicy("data", func(u *url.URL) bool { return isImageData(u.String()) })
	p.AllowRelativeURLs(true) // of inline images; the cleaner lets no others through
	return p
})

// isImageData accepts pictures that cannot hold script; SVG can.
func isImageData(s string) bool {
	kind, data, _ := strings.Cut(s, ",")
	switch strings.ToLower(kind) {
	case "data:image/png;base64", "data:image/jpeg;base64", "data:image/jpg;base64", "data:image/gif;base64", "data:image/webp;base64":
		return !strings.ContainsFunc(data, func(r rune) bool { return !isBase64(r) && r != '=' && r != ' ' })
	}
	return false
}

// Sanitize makes the HTML of a stranger's mail fit to be shown: text, tables,
// harmless styles and links stay; scripts, handlers, forms, frames, style
// sheets, SVG and everything unknown go. Nothing in the result loads from
// elsewhere: a remote image becomes a blank one whose address waits in
// data-remote-src, and hasRemote tells that there is one. Inline images get the
// address that resolve knows, or none: it is asked for each address as it
// stands, which only text that we wrote ourselves can rightly hold, and for the
// Content-ID of a cid: image. resolve may be nil.
//
// The result is still to be shown in a sandboxed frame. Sanitising it again
// changes nothing.
func Sanitize(page string, resolve func(source string) (url string, ok bool)) (safe string, hasRemote bool) {
	if resolve == nil {
		resolve = func(string) (string, bool) { return "", false }
	}
	c := cleaner{resolve: resolve}
	c.clean(page)
	return mailPolicy().Sanitize(c.out.String()), c.remote
}

// ShowRemoteImages undoes what Sanitize did to remote images, for a reader who
// asked for them, or a mail in which we mean them to be seen.
func ShowRemoteImages(safe string) string {
	return strings.ReplaceAll(safe, `src="`+blankImage+`" `+remoteSource+`="`, `src="`)
}

// cleaner rewrites a page token by token, so that nesting costs nothing.
type cleaner struct {
	resolve func(source string) (string, bool)
	out     strings.Builder
	remote  bool
}

func (c *cleaner) clean(page string) {
	z := html.NewTokenizer(strings.NewReader(page))
	skipText := false
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return // the end: a tokenizer of a string has no other error
		}
		t := z.Token()
		switch kind {
		case html.TextToken:
			if !skipText {
				c.out.WriteString(html.EscapeString(t.Data))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			c.startTag(t)
		case html.EndTagToken:
			if name := shownAs(t.Data); allowed(name) {
				c.out.WriteString("</" + name + ">")
			}
		}
		skipText = kind != html.EndTagToken && rawTextElement[t.Data]
	}
}

// shownAs renames the page's body, which carries its colours.
func shownAs(name string) string {
	if name == "body" {
		return "div"
	}
	return name
}

func allowed(name string) bool {
	_, ok := htmlElements[name]
	return ok
}

func (c *cleaner) startTag(t html.Token) {
	name := shownAs(t.Data)
	if !allowed(name) {
		return
	}
	c.out.WriteString("<" + name)
	attrs := t.Attr[:min(len(t.Attr), mostAttributes)]
	if name == "img" {
		c.image(cmp.Or(attribute(t, remoteSource), attribute(t, "src")))
	}
	for i, a := range attrs {
		sameName := func(earlier html.Attribute) bool { return earlier.Key == a.Key }
		if !slices.ContainsFunc(attrs[:i], sameName) { // browsers take the first of a name
			c.attribute(name, a.Key, a.Val)
		}
	}
	c.out.WriteByte('>')
}

// attribute writes one attribute if it is harmless.
func (c *cleaner) attribute(element, key, value string) {
	switch {
	case key == "style":
		c.write("style", cleanStyle(value))
	case element == "a" && key == "href":
		if link := cleanLink(value); link != "" {
			c.write("href", link)
			c.write("rel", "noopener noreferrer")
			c.write("target", "_blank")
		}
	case key == "src" || key == remoteSource || key == "rel" || key == "target": // written by us
	case slices.Contains(htmlElements[element], key) || slices.Contains(everyElement, key):
		c.write(key, value)
	}
}

func (c *cleaner) write(key, value string) {
	if key == "style" && value == "" {
		return
	}
	c.out.WriteString(" " + key + `="` + html.EscapeString(value) + `"`)
}

// image writes the source of an image.
func (c *cleaner) image(src string) {
	src = trimURL(src)
	if to, ok := c.resolve(src); ok {
		c.write("src", to)
		return
	}
	if link := cleanLink(src); strings.HasPrefix(link, "http") {
		c.remote = true
		c.write("src", blankImage)
		c.write(remoteSource, link)
		return
	}
	if isImageData(src) {
		c.write("src", src)
		return
	}
	if scheme, id, _ := strings.Cut(src, ":"); strings.EqualFold(scheme, "cid") {
		if to, ok := c.resolve(unescapeCID(id)); ok {
			c.write("src", to)
		}
	}
}

// cleanLink returns an address that leads out of the mail, "" for all others.
func cleanLink(s string) string {
	s = trimURL(s)
	if strings.HasPrefix(s, "//") || strings.HasPrefix(s, `\\`) {
		s = "https://" + s[2:]
	}
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || rest == "" {
		return ""
	}
	switch scheme = strings.ToLower(scheme); scheme {
	case "http", "https", "mailto", "tel":
		return scheme + ":" + strings.ReplaceAll(rest, " ", "%20")
	}
	return ""
}

// trimURL removes what browsers ignore in addresses and attackers put there:
// "java\nscript:" (WHATWG URL, section 4.4).
func trimURL(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' || r == 0 {
			return -1
		}
		return r
	}, s)
	return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
}

// contentIDs returns the inline images that a page shows.
func contentIDs(page string) map[string]bool {
	ids := make(map[string]bool)
	for {
		_, rest, found := strings.Cut(page, "cid:")
		if !found {
			return ids
		}
		end := strings.IndexAny(rest, "\"'<> )\t\r\n")
		if end < 0 {
			return ids
		}
		ids[unescapeCID(html.UnescapeString(rest[:end]))] = true
		page = rest[end:]
	}
}

// unescapeCID undoes the percent signs of a cid: address (RFC 2392).
func unescapeCID(s string) string {
	if id, err := url.PathUnescape(s); err == nil {
		return id
	}
	return s
}
