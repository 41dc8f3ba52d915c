package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"

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
