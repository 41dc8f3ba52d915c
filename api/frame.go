package api

import "tandem/email/eml"

// framePolicy allows a mail pictures and its own styles, nothing else. The
// sandbox stands in the policy too, in case the page is opened by itself. It
// keeps our origin so that the page around can measure the mail; no script runs
// in it either way.
func framePolicy(remoteImages bool) string {
	images := "'self' data:"
	if remoteImages {
		images += " https:"
	}
	return "default-src 'none'; img-src " + images + "; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; " +
		"frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
}

// frameStyle names Japanese fonts before system-ui, which on a system of another
// language draws kanji in that language's shapes.
const frameStyle = `html{color-scheme:light}body{margin:0;padding:2px;font:14px/1.45 "Segoe UI","Hiragino Sans","Yu Gothic UI",Meiryo,"Noto Sans CJK JP","Noto Sans",system-ui,sans-serif;` +
	`color:#242424;overflow-wrap:anywhere}img{max-width:100%;height:auto}p{margin:0 0 .8em}pre{white-space:pre-wrap}` +
	`code,pre{font-family:Consolas,"Courier New",monospace;font-size:13px}` +
	`blockquote{margin:0 0 .8em;padding-left:12px;border-left:2px solid #c7c7c7}table{max-width:100%}`

// frameDarkStyle shows mail on dark ground: mail that sets its own colours
// expects white, so it keeps a light ground of its own.
const frameDarkStyle = `html{color-scheme:dark}body{color:#e0e0e0;background:#292929}a{color:#7fb4f5}` +
	`[bgcolor],[style*="background"]{color:#242424}`

// framePage is the document around a sanitised fragment.
func framePage(fragment, theme string, remoteImages bool) string {
	style := frameStyle
	if theme == "dark" {
		style += frameDarkStyle
	}
	if remoteImages {
		fragment = eml.ShowRemoteImages(fragment)
	}
	return `<!doctype html><html><head><meta charset="utf-8"><meta name="referrer" content="no-referrer">` +
		`<base target="_blank"><style>` + style + `</style></head><body>` + fragment + `</body></html>`
}
