package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"tandem/access"
	"tandem/desk"
	"tandem/problem"
)

func (s *server) attachmentSettingsRoutes() {
	const tag = "attachments"
	route(s, op{on: "GET /attachment_settings", id: "show_attachment_settings", says: "Show what applies to files and images", tag: tag, may: admins}, s.showAttachmentSettings)
	route(s, op{on: "PUT /attachment_settings", id: "update_attachment_settings", says: "Change what applies to files and images", tag: tag, may: admins}, s.updateAttachmentSettings)
	route(s, op{on: "POST /attachments/{id}/dangerous", id: "download_dangerous_attachment", says: "Download a file that the virus scanner warns of, or has not seen", tag: tag,
		may: admins, media: "application/octet-stream"}, s.downloadDangerous)
}

// AttachmentSettings are what applies to files and images.
type AttachmentSettings struct {
	LinkAbove     int64   `json:"link_above" doc:"Bytes that the files of one mail may have together; the largest beyond leave as links"`
	LinkDays      int     `json:"link_days" doc:"Days for which such a link is good"`
	LinksPossible bool    `json:"links_possible" doc:"Tandem has a public address; without one every file is attached"`
	HoldUnscanned bool    `json:"hold_unscanned" doc:"Files stay back until the virus scanner has seen them"`
	RemoteImages  bool    `json:"remote_images" doc:"Remote images may be shown when somebody asks for them"`
	MaxMailSize   int64   `json:"max_mail_size" doc:"Bytes of the largest mail that is taken in whole; in the configuration"`
	Scanner       Scanner `json:"scanner"`
}

// Scanner is how virus scanning stands.
type Scanner struct {
	Configured bool   `json:"configured"`
	Version    string `json:"version" doc:"Of the scanner that answers; empty when none does"`
	Answers    bool   `json:"answers"`
	Waiting    int    `json:"waiting" doc:"Files whose turn comes"`
	Failed     int    `json:"failed" doc:"Files that could not be scanned so far"`
	Malware    int    `json:"malware" doc:"Files in which something was found"`
}

type attachmentSettingsOut struct {
	Body struct {
		AttachmentSettings AttachmentSettings `json:"attachment_settings"`
	}
}

func (s *server) showAttachmentSettings(ctx context.Context, by access.Actor, _ *none) (*attachmentSettingsOut, error) {
	f, err := s.desk.FileSettings(ctx, by)
	if err != nil {
		return nil, err
	}
	return s.attachmentSettings(ctx, by, f)
}

func (s *server) attachmentSettings(ctx context.Context, by access.Actor, f desk.FileSettings) (*attachmentSettingsOut, error) {
	scans, err := s.desk.ScanReport(ctx, by)
	if err != nil {
		return nil, err
	}
	if scans.Trouble != nil {
		s.log.Warn("virus scanner does not answer", "err", scans.Trouble)
	}
	out := new(attachmentSettingsOut)
	out.Body.AttachmentSettings = AttachmentSettings{
		LinkAbove: f.LinkAbove, LinkDays: int(f.LinkLife / (24 * time.Hour)), LinksPossible: s.options.PublicURL != "",
		HoldUnscanned: f.HoldUnscanned, RemoteImages: f.RemoteImages, MaxMailSize: s.options.MaxMail,
		Scanner: Scanner{
			Configured: scans.Configured, Version: scans.Version, Answers: scans.Configured && scans.Trouble == nil,
			Waiting: scans.Counts[desk.ScanWaiting], Failed: scans.Counts[desk.ScanFailed], Malware: scans.Counts[desk.ScanMalware],
		},
	}
	return out, nil
}

type attachmentSettingsIn struct {
	Body struct {
		AttachmentSettings AttachmentSettingsChange `json:"attachment_settings"`
	}
}

// AttachmentSettingsChange names what shall change.
type AttachmentSettingsChange struct {
	LinkAbove     *int64 `json:"link_above,omitempty"`
	LinkDays      *int   `json:"link_days,omitempty"`
	HoldUnscanned *bool  `json:"hold_unscanned,omitempty"`
	RemoteImages  *bool  `json:"remote_images,omitempty"`
}

func (s *server) updateAttachmentSettings(ctx context.Context, by access.Actor, in *attachmentSettingsIn) (*attachmentSettingsOut, error) {
	change := in.Body.AttachmentSettings
	f, err := s.desk.ChangeFileSettings(ctx, by, func(f *desk.FileSettings) {
		set(&f.LinkAbove, change.LinkAbove)
		if change.LinkDays != nil {
			f.LinkLife = time.Duration(*change.LinkDays) * 24 * time.Hour
		}
		set(&f.HoldUnscanned, change.HoldUnscanned)
		set(&f.RemoteImages, change.RemoteImages)
	})
	if err != nil {
		return nil, err
	}
	return s.attachmentSettings(ctx, by, f)
}

type dangerousIn struct {
	ID   int64 `path:"id"`
	Body struct {
		Confirm bool `json:"confirm" doc:"The administrator knows what the file may be"`
	}
}

func (s *server) downloadDangerous(ctx context.Context, by access.Actor, in *dangerousIn) (*huma.StreamResponse, error) {
	if !in.Body.Confirm {
		return nil, problem.New(problem.Invalid, "not_confirmed", "This file may do harm.").
			On(problem.Yours, "Confirm that you know, if you need it all the same.").In("confirm")
	}
	a, content, err := s.desk.Dangerous(ctx, by, desk.AttachmentID(in.ID))
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer content.Close()
		r, w := humago.Unwrap(c)
		describeFile(w.Header(), a, "application/octet-stream", "attachment")
		http.ServeContent(w, r, "", time.Time{}, content)
	}}, nil
}
