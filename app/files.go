package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"tandem/clamd"
	"tandem/desk"
	"tandem/email/eml"
)

// virusScanner is ClamAV's daemon in the desk's words.
type virusScanner struct{ *clamd.Client }

// Scan says of what the daemon does not take that it is too large.
func (v virusScanner) Scan(ctx context.Context, r io.Reader) (string, error) {
	finding, err := v.Client.Scan(ctx, r)
	if errors.Is(err, clamd.ErrTooLarge) {
		err = fmt.Errorf("%w: %w", desk.ErrTooLargeToScan, err)
	}
	return finding, err
}

// scanner is the virus scanner, nil when none is set up.
func (a *App) scanner() desk.Scanner {
	if a.cfg.Scan.Clamd == "" {
		return nil
	}
	client, err := clamd.New(a.cfg.Scan.Clamd)
	if err != nil {
		panic(err) // config has validated it
	}
	return virusScanner{client}
}

// fileURL is where people outside find the file of a link; nil when they cannot reach us.
func (a *App) fileURL() func(secret string) string {
	if a.cfg.PublicURL == "" {
		return nil
	}
	return func(secret string) string { return a.cfg.PublicURL + "/files/" + url.PathEscape(secret) }
}

// mailLimits bound what one mail may cost.
func (a *App) mailLimits() eml.Limits {
	limits := eml.DefaultLimits
	limits.Size = a.cfg.Mail.MaxSize.Bytes()
	limits.Attachment = max(limits.Attachment, limits.Size)
	return limits
}

// sanitize makes the HTML of agents' replies harmless. Images that they
// uploaded stay, whether named by a path or by our whole address.
func (a *App) sanitize(html string) (clean string, remoteImages bool) {
	if a.cfg.PublicURL != "" {
		html = strings.ReplaceAll(html, a.cfg.PublicURL+ownFiles, ownFiles)
	}
	return eml.Sanitize(html, func(src string) (string, bool) { return src, strings.HasPrefix(src, ownFiles) })
}

// ownFiles begins the path of every file that somebody uploaded.
const ownFiles = "/attachments/token/"
