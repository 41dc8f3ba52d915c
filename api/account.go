package api

import (
	"context"
	"strings"
	"time"

	"tandem/access"
	"tandem/desk"
	"tandem/problem"
)

func (s *server) accountRoutes() {
	const tag = "account"
	route(s, op{on: "GET /account/settings", id: "show_account_settings", says: "What holds for the whole account", tag: tag, may: agents}, s.showAccountSettings)
	route(s, op{on: "GET /locales", id: "list_locales", says: "List the languages", tag: tag, may: signedIn}, s.listLocales)
	route(s, op{on: "GET /locales/public", id: "list_public_locales", says: "List the languages that people may have", tag: tag, may: signedIn}, s.listLocales)
	route(s, op{on: "GET /locales/agent", id: "list_agent_locales", says: "List the languages of the application", tag: tag, may: signedIn}, s.listLocales)
	route(s, op{on: "GET /locales/current", id: "show_current_locale", says: "The language of whoever asks", tag: tag, may: signedIn}, s.showCurrentLocale)
	route(s, op{on: "GET /locales/{id}", id: "show_locale", says: "Show a language by its number or its tag", tag: tag, may: signedIn}, s.showLocale)
	route(s, op{on: "GET /tickets/{id}/related", id: "show_ticket_related", says: "What a ticket is related to", tag: "tickets", may: agents}, s.showTicketRelated)
}

// Locale is a language as the API shows it.
type Locale struct {
	ID               int64   `json:"id"`
	URL              string  `json:"url"`
	Locale           string  `json:"locale" doc:"Language tag"`
	Name             string  `json:"name"`
	NativeName       string  `json:"native_name"`
	PresentationName string  `json:"presentation_name"`
	RTL              bool    `json:"rtl"`
	Default          bool    `json:"default"`
	CreatedAt        instant `json:"created_at"`
	UpdatedAt        instant `json:"updated_at"`
}

// since is when the languages came to be, for clients that expect a time.
var since = instant(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))

// locales are the languages of the application; the numbers are Zendesk's.
var locales = []Locale{
	{ID: 1, Locale: "en", Name: "English", NativeName: "English", Default: true},
	{ID: 67, Locale: "ja", Name: "Japanese", NativeName: "日本語"},
	{ID: 19, Locale: "pt-BR", Name: "Portuguese (Brazil)", NativeName: "Português (Brasil)"},
}

func encodeLocale(q *request, l Locale) Locale {
	l.URL, l.CreatedAt, l.UpdatedAt = q.link("/locales/%s.json", l.Locale), since, since
	l.PresentationName = l.Name + " - " + l.NativeName
	return l
}

type localesOut struct {
	Body struct {
		Locales []Locale `json:"locales"`
		OffsetMeta
	}
}

func (s *server) listLocales(ctx context.Context, _ access.Actor, _ *none) (*localesOut, error) {
	out := new(localesOut)
	out.Body.Locales = each(locales, encoder(requestOf(ctx), encodeLocale))
	n := len(locales)
	out.Body.Count = &n
	return out, nil
}

type localeIn struct {
	ID string `path:"id"`
}

type localeOut struct {
	Body struct {
		Locale Locale `json:"locale"`
	}
}

func (s *server) showLocale(ctx context.Context, _ access.Actor, in *localeIn) (*localeOut, error) {
	for _, l := range locales {
		if idText(l.ID) == in.ID || strings.EqualFold(l.Locale, in.ID) {
			out := new(localeOut)
			out.Body.Locale = encodeLocale(requestOf(ctx), l)
			return out, nil
		}
	}
	return nil, problem.New(problem.NotFound, "not_found", "There is no language %q.", in.ID).On(problem.Yours, "GET /locales lists them.")
}

func (s *server) showCurrentLocale(ctx context.Context, by access.Actor, _ *none) (*localeOut, error) {
	u, err := s.access.GetUser(ctx, by, by.UserID)
	if err != nil {
		return nil, err
	}
	out, err := s.showLocale(ctx, by, &localeIn{u.Locale})
	if err != nil { // they have not chosen one that we have
		return s.showLocale(ctx, by, &localeIn{locales[0].Locale})
	}
	return out, nil
}

// AccountSettings are the settings that Zendesk's clients look for.
type AccountSettings struct {
	Brands struct {
		DefaultBrandID int64 `json:"default_brand_id"`
	} `json:"brands"`
	Tickets struct {
		CommentsPublicByDefault bool `json:"comments_public_by_default"`
		Collaboration           bool `json:"collaboration"`
		Tagging                 bool `json:"tagging"`
	} `json:"tickets"`
	Localization struct {
		LocaleIDs []int64 `json:"locale_ids"`
	} `json:"localization"`
	API struct {
		AcceptedAPIAgreement bool `json:"accepted_api_agreement"`
		PasswordAccess       bool `json:"api_password_access"`
		TokenAccess          bool `json:"api_token_access"`
	} `json:"api"`
	Limits struct {
		AttachmentSize int64 `json:"attachment_size"`
	} `json:"limits"`
}

type accountSettingsOut struct {
	Body struct {
		Settings AccountSettings `json:"settings"`
	}
}

func (s *server) showAccountSettings(ctx context.Context, by access.Actor, _ *none) (*accountSettingsOut, error) {
	brands, err := s.desk.Brands(ctx, by)
	if err != nil {
		return nil, err
	}
	out := new(accountSettingsOut)
	set := &out.Body.Settings
	for _, b := range brands {
		if b.Default {
			set.Brands.DefaultBrandID = int64(b.ID)
		}
	}
	set.Tickets.CommentsPublicByDefault, set.Tickets.Collaboration, set.Tickets.Tagging = true, true, true
	set.API.AcceptedAPIAgreement, set.API.TokenAccess = true, true
	set.Limits.AttachmentSize = desk.MaxUpload
	for _, l := range locales {
		set.Localization.LocaleIDs = append(set.Localization.LocaleIDs, l.ID)
	}
	return out, nil
}

// TicketRelated is what a ticket is related to.
type TicketRelated struct {
	URL               string  `json:"url"`
	TopicID           *int64  `json:"topic_id" doc:"Always null"`
	FollowupSourceIDs []int64 `json:"followup_source_ids"`
	FromArchive       bool    `json:"from_archive" doc:"Always false: nothing is archived"`
	Incidents         int     `json:"incidents"`
}

type ticketRelatedOut struct {
	Body struct {
		Related TicketRelated `json:"ticket_related"`
	}
}

func (s *server) showTicketRelated(ctx context.Context, by access.Actor, in *ofTicketIn) (*ticketRelatedOut, error) {
	t, summary, err := s.desk.Get(ctx, by, desk.TicketID(in.ID))
	if err != nil {
		return nil, err
	}
	out := new(ticketRelatedOut)
	out.Body.Related = TicketRelated{Incidents: summary.Incidents, URL: requestOf(ctx).link("/tickets/%d/related.json", t.ID), FollowupSourceIDs: []int64{}}
	if t.FollowUpOf != 0 {
		out.Body.Related.FollowupSourceIDs = []int64{int64(t.FollowUpOf)}
	}
	return out, nil
}
