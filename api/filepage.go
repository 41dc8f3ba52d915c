package api

import (
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"golang.org/x/text/language"

	"tandem/desk"
	"tandem/problem"
)

//go:embed filepage.html
var filePageSource string

var filePage = template.Must(template.New("file").Parse(filePageSource))

// filePagePolicy allows the page its own styles and nothing else.
const filePagePolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// filePageWords are what the page of a link says, in the languages of the product.
var filePageWords = map[language.Tag]struct {
	title, from, until, date, button string
	trouble                          map[string][2]string // by code: what happened, what to do
}{
	language.English: {
		title: "File", from: "%s of %s sent you a file", until: "available until %s", date: "2 January 2006", button: "Download",
		trouble: map[string][2]string{
			"link_expired": {"This link has expired.", "Answer the mail in which you found it, and ask for a new one."},
			"link_revoked": {"This link was taken back by its sender.", "Answer the mail in which you found it, and ask for the file."},
			"link_unknown": {"There is no file at this address.", "Look whether the whole link was copied from the mail."},
			"":             {"This file cannot be downloaded at the moment.", "Try again later, or answer the mail in which you found the link."},
		},
	},
	language.Japanese: {
		title: "ファイル", from: "%[2]sの%[1]sさんからファイルが届いています", until: "%sまでダウンロードできます", date: "2006年1月2日", button: "ダウンロード",
		trouble: map[string][2]string{
			"link_expired": {"このリンクは期限が切れています。", "リンクが記載されていたメールに返信して、新しいリンクをご依頼ください。"},
			"link_revoked": {"このリンクは送信者によって取り消されました。", "リンクが記載されていたメールに返信して、ファイルをご依頼ください。"},
			"link_unknown": {"このアドレスにファイルはありません。", "メールのリンク全体がコピーされているか確認してください。"},
			"":             {"このファイルは現在ダウンロードできません。", "しばらくしてからもう一度お試しいただくか、リンクが記載されていたメールに返信してください。"},
		},
	},
	language.BrazilianPortuguese: {
		title: "Arquivo", from: "%s, de %s, enviou um arquivo para você", until: "disponível até %s", date: "02/01/2006", button: "Baixar",
		trouble: map[string][2]string{
			"link_expired": {"Este link expirou.", "Responda ao e-mail em que você o encontrou e peça um novo."},
			"link_revoked": {"Este link foi cancelado por quem o enviou.", "Responda ao e-mail em que você o encontrou e peça o arquivo."},
			"link_unknown": {"Não há arquivo neste endereço.", "Veja se o link inteiro foi copiado do e-mail."},
			"":             {"Este arquivo não pode ser baixado no momento.", "Tente mais tarde ou responda ao e-mail em que você encontrou o link."},
		},
	},
}

// filePageLanguages in the order of preference; the first one is for everybody else.
var filePageLanguages = []language.Tag{language.English, language.Japanese, language.BrazilianPortuguese}

// languageOf chooses the page's language by what the browser asks for.
func languageOf(r *http.Request) language.Tag {
	wished, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil {
		return filePageLanguages[0]
	}
	_, i, _ := language.NewMatcher(filePageLanguages).Match(wished...)
	return filePageLanguages[i]
}

// showSharedFile is the page of a link: what the file is, who sent it, until
// when it is there. Programs that look at the links in mails get this page and
// count as no download.
func (s *server) showSharedFile(w http.ResponseWriter, r *http.Request) {
	f, err := s.desk.Shared(r.Context(), r.PathValue("secret"))
	s.writeFilePage(w, r, f, err)
}

func (s *server) writeFilePage(w http.ResponseWriter, r *http.Request, f *desk.SharedFile, err error) {
	tag := languageOf(r)
	words := filePageWords[tag]
	page := map[string]string{"Language": tag.String(), "Title": words.title}
	status := http.StatusOK
	if f != nil {
		page["Title"], page["Name"] = f.Attachment.FileName, f.Attachment.FileName
	}
	if err != nil {
		var said [2]string
		status, said = s.fileTrouble(r, err, words.trouble)
		page["Trouble"], page["Remedy"] = said[0], said[1]
	} else {
		page["From"] = fmt.Sprintf(words.from, f.Sender, f.Brand)
		page["Size"] = fileSize(f.Attachment.Size)
		page["Until"] = fmt.Sprintf(words.until, f.Link.ExpiresAt.UTC().Format(words.date))
		page["Button"], page["Download"] = words.button, "/files/"+f.Link.Secret+"/download"
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", filePagePolicy)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer") // the address is the key to the file
	h.Set("X-Robots-Tag", "noindex")
	w.WriteHeader(status)
	_ = filePage.Execute(w, page) // the browser may be gone
}

// fileTrouble chooses the status and the words for a link that leads to no file.
// What is withheld is nothing that people outside need to know more of.
func (s *server) fileTrouble(r *http.Request, err error, words map[string][2]string) (status int, said [2]string) {
	failed := fail(s.log, requestID(r.Context()), err)
	status = failed.status
	switch failed.body.Code {
	case "link_expired", "link_revoked":
		status = http.StatusGone
	}
	said, known := words[failed.body.Code]
	if !known {
		said = words[""]
	}
	return status, said
}

// downloadSharedFile sends the file of a link. A request for a later part of
// it continues a download and is not counted again.
func (s *server) downloadSharedFile(w http.ResponseWriter, r *http.Request) {
	whole := r.Method == http.MethodGet && (r.Header.Get("Range") == "" || strings.HasPrefix(r.Header.Get("Range"), "bytes=0-"))
	a, content, err := s.desk.Download(r.Context(), r.PathValue("secret"), whole)
	if err != nil {
		if problem.As(err) == nil {
			writeProblem(w, r, s.log, err)
			return
		}
		s.writeFilePage(w, r, nil, err)
		return
	}
	defer content.Close()
	h := w.Header()
	describeFile(h, a, "application/octet-stream", "attachment")
	h.Set("Cache-Control", "no-store") // it may be taken back
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex")
	http.ServeContent(w, r, "", time.Time{}, content)
}

// fileSize is a number of bytes as people read it.
func fileSize(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%d kB", (n+999)/1000)
}
