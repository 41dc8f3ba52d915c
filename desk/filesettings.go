package desk

import (
	"context"
	"fmt"
	"time"

	"tandem/access"
	"tandem/event"
	"tandem/problem"
)

// FileSettings are what administrators choose about files and images.
type FileSettings struct {
	LinkAbove     int64         // bytes that the files of one mail may have together; what exceeds it leaves as a link
	LinkLife      time.Duration // how long a link is good for, whole days
	HoldUnscanned bool          // files stay back until the scanner has seen them, also while it is away
	RemoteImages  bool          // remote images in mails may be shown when somebody asks for them
}

// DefaultFileSettings are in force until somebody chooses others. 20 MB leave
// room for base64 below the 35 MB that Exchange Online sends by default
// (Microsoft: "Exchange Online limits", Message limits).
var DefaultFileSettings = FileSettings{LinkAbove: 20 << 20, LinkLife: 30 * day, HoldUnscanned: true, RemoteImages: true}

// The bounds of the settings.
const (
	day           = 24 * time.Hour
	leastLinkSize = 1 << 20
	mostLinkSize  = 150 << 20 // Exchange Online takes no larger message
	longestLink   = 365 * day
)

// Validate refuses what would not work.
func (f FileSettings) Validate() error {
	if f.LinkAbove < leastLinkSize || f.LinkAbove > mostLinkSize {
		return problem.New(problem.Invalid, "link_size", "Files can leave as links from %d to %d MB.", leastLinkSize>>20, mostLinkSize>>20).
			On(problem.Yours, "Choose a size between them.").In("link_above")
	}
	if f.LinkLife < day || f.LinkLife > longestLink {
		return problem.New(problem.Invalid, "link_life", "A link is good for 1 to %d days.", longestLink/day).
			On(problem.Yours, "Choose a number of days between them.").In("link_days")
	}
	return nil
}

// SettingsTx stores the settings of files and images.
type SettingsTx interface {
	// GetFileSettings returns what was saved last, or DefaultFileSettings.
	GetFileSettings(context.Context) (FileSettings, error)
	SaveFileSettings(context.Context, FileSettings) error
}

// FileSettings gives the settings of files and images. Every agent may know them.
func (s *Service) FileSettings(ctx context.Context, by access.Actor) (f FileSettings, err error) {
	if err := by.MustWork(); err != nil {
		return f, err
	}
	err = s.store.View(ctx, func(tx Tx) (err error) {
		f, err = tx.GetFileSettings(ctx)
		return err
	})
	return f, err
}

// ChangeFileSettings changes the settings, which are in force with the next mail.
func (s *Service) ChangeFileSettings(ctx context.Context, by access.Actor, change func(*FileSettings)) (f FileSettings, err error) {
	if err := by.MustAdminister(); err != nil {
		return f, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		before, err := tx.GetFileSettings(ctx)
		if err != nil {
			return fmt.Errorf("read the settings of files: %w", err)
		}
		f = before
		change(&f)
		if err := f.Validate(); err != nil {
			return err
		}
		if err := tx.SaveFileSettings(ctx, f); err != nil {
			return fmt.Errorf("save the settings of files: %w", err)
		}
		tx.Publish(event.Event{Kind: event.SettingsUpdated})
		was, is := differences(before, f)
		return access.Record(ctx, tx, by, s.now(), access.Change{
			Action: "attachment_settings.changed", Object: "attachment_settings", Label: "Attachments and images", Before: was, After: is,
		})
	})
	return f, err
}

// differences shows, for the audit trail, what was changed.
func differences(before, after FileSettings) (was, is map[string]any) {
	was, is = make(map[string]any), make(map[string]any)
	for _, one := range []struct {
		name    string
		was, is any
	}{
		{"link_above", before.LinkAbove, after.LinkAbove},
		{"link_days", int(before.LinkLife / day), int(after.LinkLife / day)},
		{"hold_unscanned", before.HoldUnscanned, after.HoldUnscanned},
		{"remote_images", before.RemoteImages, after.RemoteImages},
	} {
		if one.was != one.is {
			was[one.name], is[one.name] = one.was, one.is
		}
	}
	return was, is
}
