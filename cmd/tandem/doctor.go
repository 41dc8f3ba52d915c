package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tandem/blob"
	"tandem/clamd"
	"tandem/config"
	"tandem/problem"
	"tandem/store"
)

// What the doctor takes as healthy.
const (
	leastSpace = 1 << 30 // bytes free in the data folder
	// mostSkew is less than the five minutes that Microsoft's tokens allow.
	mostSkew = time.Minute
	// patience is how long the doctor waits for others.
	patience = 10 * time.Second
)

type doctorCommand struct{ settings }

// finding is what one examination found.
type finding struct {
	fine   bool
	note   string // what was seen, or what is wrong
	remedy string
}

func healthy(format string, args ...any) finding {
	return finding{fine: true, note: fmt.Sprintf(format, args...)}
}

func ill(remedy, format string, args ...any) finding {
	return finding{note: fmt.Sprintf(format, args...), remedy: remedy}
}

// diagnosis turns an error into a finding.
func diagnosis(err error, remedy string) finding {
	if p := problem.As(err); p != nil {
		return finding{note: p.Message, remedy: p.Remedy}
	}
	return finding{note: err.Error() + ".", remedy: remedy}
}

// Run examines one thing after the other and fails when something is wrong.
func (c doctorCommand) Run(term *terminal) error {
	cfg, err := c.load(nil)
	if mistakes, ok := errors.AsType[config.Mistakes](err); ok {
		for _, m := range mistakes {
			report(term.out, "configuration", finding{note: m.String()})
		}
		return errReported
	}
	report(term.out, "configuration", healthy("no mistakes"))

	ctx := context.Background()
	sick := false
	for _, examination := range []struct {
		name    string
		examine func(context.Context, config.Config) finding
	}{
		{"data folder", examineData},
		{"key file", examineKey},
		{"database", examineDatabase},
		{"attachments", examineBlobs},
		{"virus scanner", examineScanner},
		{"public address", examinePublicURL},
		{"app registration", examineRegistration},
		{"Microsoft sign-in", examineLogin},
		{"Microsoft Graph", examineGraph},
	} {
		ctx, cancel := context.WithTimeout(ctx, patience)
		found := examination.examine(ctx, cfg)
		cancel()
		report(term.out, examination.name, found)
		sick = sick || !found.fine
	}
	if sick {
		return errReported
	}
	return nil
}

func report(out io.Writer, name string, f finding) {
	word := "ok  "
	if !f.fine {
		word = "FAIL"
	}
	fmt.Fprintf(out, "%s  %-18s %s\n", word, name, strings.TrimSpace(f.note+" "+f.remedy))
}

func examineScanner(ctx context.Context, cfg config.Config) finding {
	if cfg.Scan.Clamd == "" {
		return healthy("none is set up: files are not scanned")
	}
	client, err := clamd.New(cfg.Scan.Clamd)
	if err != nil {
		return diagnosis(err, "Correct scan.clamd.")
	}
	version, err := client.Version(ctx)
	if err != nil {
		return diagnosis(err, "Start ClamAV's daemon, and let the user that Tandem runs as open its socket.")
	}
	return healthy("%s", version)
}

func examineData(_ context.Context, cfg config.Config) finding {
	remedy := "Give the user that Tandem runs as the right to write there, or set data to another folder."
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return ill(remedy, "%s cannot be made: %v.", cfg.Data, err)
	}
	probe, err := os.CreateTemp(cfg.Data, "doctor-*")
	if err != nil {
		return ill(remedy, "%s cannot be written to: %v.", cfg.Data, err)
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return diagnosis(err, remedy)
	}
	free, err := freeSpace(cfg.Data)
	if err != nil {
		return healthy("%s can be written to", cfg.Data)
	}
	if free < leastSpace {
		return ill("Free some, or make the disk larger.", "Only %d MB are free in %s.", free>>20, cfg.Data)
	}
	return healthy("%s can be written to, %d GB free", cfg.Data, free>>30)
}

func examineKey(_ context.Context, cfg config.Config) finding {
	info, err := os.Stat(cfg.KeyPath())
	if errors.Is(err, fs.ErrNotExist) {
		if path, ok := sqliteFile(cfg.DatabaseURL()); ok && exists(path) {
			return ill("Restore it from its copy. Without it, mailboxes must be connected again.", "%s is missing.", cfg.KeyPath())
		}
		return healthy("%s will be made at the first start", cfg.KeyPath())
	}
	if err != nil {
		return diagnosis(err, "Check the permissions of the folder.")
	}
	if _, err := store.LoadOrCreateKey(cfg.KeyPath()); err != nil {
		return diagnosis(err, "Check the permissions of the file.")
	}
	if info.Mode().Perm()&0o077 != 0 {
		return ill("Run chmod 600 "+cfg.KeyPath()+".", "Others can read %s.", cfg.KeyPath())
	}
	return healthy("%s", cfg.KeyPath())
}

func examineDatabase(ctx context.Context, cfg config.Config) finding {
	if path, ok := sqliteFile(cfg.DatabaseURL()); ok && !exists(path) {
		return healthy("%s will be made at the first start", path)
	}
	db, err := store.Open(ctx, cfg.DatabaseURL(), store.Options{Log: slog.New(slog.DiscardHandler), ReadOnly: true})
	if err != nil {
		return diagnosis(err, "Check that the database runs, and the key database.")
	}
	defer db.Close()
	if err := db.Ping(ctx); err != nil {
		return diagnosis(err, "Check that the database runs, and the key database.")
	}
	return healthy("%s answers, version %d", db.Kind(), db.Version())
}

func examineBlobs(ctx context.Context, cfg config.Config) finding {
	remedy := "Check the key blob, the permissions, and the credentials of the object store."
	blobs, err := blob.Open(ctx, cfg.BlobURL())
	if err != nil {
		return diagnosis(err, remedy)
	}
	defer blobs.Close()
	if _, err := blobs.PutBytes(ctx, []byte("tandem doctor")); err != nil {
		return diagnosis(err, remedy)
	}
	return healthy("%s can be written to", cfg.BlobURL())
}

func examinePublicURL(ctx context.Context, cfg config.Config) finding {
	if cfg.PublicURL == "" {
		return healthy("none; mailboxes are polled, and Microsoft sends no notifications")
	}
	if !strings.HasPrefix(cfg.PublicURL, "https://") {
		return ill("Put a reverse proxy with TLS in front and write its address, or leave public_url empty to poll.",
			"Microsoft notifies only https addresses, not %s.", cfg.PublicURL)
	}
	if _, err := get(ctx, cfg.PublicURL+"/healthz"); err != nil {
		return ill("Start Tandem and check the reverse proxy; the address must be reachable from the internet.",
			"%s does not answer: %v.", cfg.PublicURL, err)
	}
	return healthy("%s answers", cfg.PublicURL)
}

func examineRegistration(_ context.Context, cfg config.Config) finding {
	if cfg.Microsoft.ClientID == "" {
		return healthy("none in the configuration; those of the admin centre, under Microsoft tenants, are used")
	}
	return healthy("%s of tenant %s", cfg.Microsoft.ClientID, cfg.Microsoft.Tenant)
}

// examineLogin asks for the tenant's metadata and compares the clocks: tokens
// and signatures are refused when they differ too much.
func examineLogin(ctx context.Context, cfg config.Config) finding {
	answer, err := get(ctx, cfg.Microsoft.LoginURL+"/"+cfg.Microsoft.Tenant+"/v2.0/.well-known/openid-configuration")
	if err != nil {
		return ill("Check the network, the proxy and the firewall of this machine.", "%s is out of reach: %v.", cfg.Microsoft.LoginURL, err)
	}
	if answer.StatusCode >= 400 && answer.StatusCode < 500 {
		return ill("Check microsoft.tenant.", "%s knows no tenant %s.", cfg.Microsoft.LoginURL, cfg.Microsoft.Tenant)
	}
	if answer.StatusCode != http.StatusOK {
		return ill("Wait, and look at the service health in the Microsoft 365 admin centre.", "%s answers %s.", cfg.Microsoft.LoginURL, answer.Status)
	}
	if there, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		if skew := time.Since(there).Abs(); skew > mostSkew {
			return ill("Turn on time synchronisation (timedatectl set-ntp true).", "The clock of this machine is %v off.", skew.Round(time.Second))
		}
	}
	return healthy("%s answers, the clocks agree", cfg.Microsoft.LoginURL)
}

func examineGraph(ctx context.Context, cfg config.Config) finding {
	// Without a token Graph answers 401, which shows that it is there.
	if _, err := get(ctx, cfg.Microsoft.GraphURL+"/v1.0/me"); err != nil {
		return ill("Check the network, the proxy and the firewall of this machine.", "%s is out of reach: %v.", cfg.Microsoft.GraphURL, err)
	}
	return healthy("%s answers", cfg.Microsoft.GraphURL)
}

// get asks for a page and returns the answer without its body.
func get(ctx context.Context, url string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	return answer, answer.Body.Close()
}

func exists(path string) bool {
	_, err := os.Stat(filepath.Clean(path))
	return err == nil
}
