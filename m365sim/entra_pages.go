package m365sim

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
)

//go:embed entra_pages.html
var entraPages string

// signInPages holds the pages a browser sees: signin, accounts, mfa, consent,
// message, formpost.
var signInPages = template.Must(template.New("entra").Parse(entraPages))

// pageData is what the pages show; each uses some of it.
type pageData struct {
	Title    string
	App      string
	Text     string
	Problem  string
	Username string
	User     string // id, with Proof that this server put it into the form
	Proof    string
	Query    string
	Accounts []accountChoice
	Scopes   []scopeLine
	Action   string // where formpost posts its Fields
	Fields   []formField
}

type accountChoice struct{ ID, Name, Address, Proof string }

type scopeLine struct{ Name, Words string }

type formField struct{ Name, Value string }

func (e *entra) page(w http.ResponseWriter, status int, name string, data pageData) {
	var b bytes.Buffer
	if err := signInPages.ExecuteTemplate(&b, name, data); err != nil {
		e.log.Error("render page", "page", name, "err", err)
		http.Error(w, "The page could not be shown.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("X-Frame-Options", "DENY")
	w.WriteHeader(status)
	w.Write(b.Bytes())
}

// errorPage tells the person what must not be told to a redirect URI.
func (e *entra) errorPage(w http.ResponseWriter, err *entraError) {
	e.page(w, err.status, "message", pageData{Title: "Sorry, but we're having trouble signing you in.", Problem: err.Error()})
}
