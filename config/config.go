package config

import (
	"path/filepath"
	"reflect"
	"strings"
	"time"
)

// Config is the whole configuration. The tags are the key in the file and the
// text of the sample file and the manual.
type Config struct {
	HTTP           string   `key:"http" doc:"Address and port of the web pages and the API. Listen on loopback behind a reverse proxy that does TLS."`
	Data           string   `key:"data" doc:"Folder for everything Tandem keeps itself: the SQLite database, mails and attachments, the key."`
	Database       string   `key:"database" doc:"Where the data lives: sqlite:PATH, or postgres://user:password@host/name for several nodes.\nEmpty: tandem.db in the data folder."`
	DatabaseFile   string   `key:"database_file" doc:"File to read database from, as its URL may hold a password."`
	PublicURL      string   `key:"public_url" doc:"The address people and Microsoft reach Tandem at, such as https://help.example.com.\nUsed in links, for the sign-in at Microsoft and for change notifications. Empty: mailboxes are polled."`
	TrustedProxies []string `key:"trusted_proxies" doc:"Networks of your reverse proxies. Their X-Forwarded-For and X-Forwarded-Proto headers are believed."`
	KeyFile        string   `key:"key_file" doc:"File with the key that encrypts secrets in the database. Made when missing.\nEmpty: secret.key in the data folder. Keep a copy apart from the backups: without it, mailboxes must be connected again."`
	Blob           string   `key:"blob" doc:"Where raw mails and attachments lie: a folder, or s3://bucket?region=eu-central-1 or azblob://container\nfor several nodes. Empty: blob in the data folder."`
	RateLimit      int      `key:"rate_limit" doc:"Requests a minute that programs may send with one API token, on each node. 0: any number."`
	Metrics        bool     `key:"metrics" doc:"Serve figures for Prometheus at /metrics."`
	MetricsToken   Secret   `key:"metrics_token" doc:"Bearer token that Prometheus sends. Empty: figures are for this machine only."`

	Log       Log       `key:"log"`
	Microsoft Microsoft `key:"microsoft"`
	SMTP      SMTP      `key:"smtp"`
	Mail      Mail      `key:"mail"`
	Scan      Scan      `key:"scan"`

	// What the command adds; these are no keys.

	Version      string        // of this build
	SimulatorURL string        // of the simulated Microsoft 365, in the demo; else empty
	SafetyPoll   time.Duration // how often a mailbox is read while notifications work; 0: as the reader does
}

// Log says what is logged and how.
type Log struct {
	Level  string `key:"level" doc:"Least level that is written: debug, info, warn or error."`
	Format string `key:"format" doc:"text for people, json for machines."`
}

// Microsoft is where Microsoft is, and the app registration that seeds the first
// Microsoft tenant; others, and all further credentials, are added in the admin centre.
type Microsoft struct {
	Tenant           string `key:"tenant" doc:"Directory (tenant) id or domain of your organisation, or organizations to let mailboxes of any be connected."`
	ClientID         string `key:"client_id" doc:"Application (client) id of the app registration in Microsoft Entra.\nIt becomes a Microsoft tenant at the start. Empty: tenants are added in the admin centre only."`
	ClientSecret     Secret `key:"client_secret" doc:"Its client secret (the value, not the id). A new one is added to those that are there; rotate in the admin centre."`
	ClientSecretFile string `key:"client_secret_file" doc:"File to read client_secret from."`
	LoginURL         string `key:"login_url" doc:"Where people sign in; another one for national clouds."`
	GraphURL         string `key:"graph_url" doc:"Where Microsoft Graph is; another one for national clouds."`
}

// Mail bounds what is taken in.
type Mail struct {
	MaxSize Size `key:"max_size" doc:"How large a mail may be that is taken in whole, up to 1000 MB. Of a larger one the text becomes a ticket,\nand its files stay at Microsoft until somebody fetches them."`
}

// Scan says which virus scanner looks at files.
type Scan struct {
	Clamd string `key:"clamd" doc:"Where ClamAV's daemon listens: unix:/run/clamav/clamd.ctl or tcp:127.0.0.1:3310. Empty: files are not scanned.\nIts StreamMaxLength should be as large as the files you expect."`
}

// Default returns the configuration of a Tandem that nobody configured.
func Default() Config {
	return Config{
		HTTP:    "127.0.0.1:8080",
		Data:    "tandem-data",
		Metrics: true, RateLimit: 700,
		Log: Log{Level: "info", Format: "text"},
		Microsoft: Microsoft{
			Tenant:   "organizations",
			LoginURL: "https://login.microsoftonline.com",
			GraphURL: "https://graph.microsoft.com",
		},
		SMTP: SMTP{MaxMegabytes: 150},
		Mail: Mail{MaxSize: "150 MB"},
	}
}

// tidy removes what makes no difference but would break the joining of paths.
func (c *Config) tidy() {
	for _, base := range []*string{&c.PublicURL, &c.Microsoft.LoginURL, &c.Microsoft.GraphURL} {
		*base = strings.TrimRight(*base, "/")
	}
}

// DatabaseURL is the database, with the default filled in.
func (c *Config) DatabaseURL() string {
	if c.Database == "" {
		return "sqlite:" + filepath.Join(c.Data, "tandem.db")
	}
	return c.Database
}

// KeyPath is the key file, with the default filled in.
func (c *Config) KeyPath() string {
	if c.KeyFile == "" {
		return filepath.Join(c.Data, "secret.key")
	}
	return c.KeyFile
}

// BlobURL is where raw mails and attachments lie, with the default filled in.
func (c *Config) BlobURL() string {
	if c.Blob == "" {
		return filepath.Join(c.Data, "blob")
	}
	return c.Blob
}

// Secret is a text that never appears in logs and printed values; Reveal gives it.
type Secret string

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "(hidden)"
}

// GoString hides the secret.
func (s Secret) GoString() string { return s.String() }

// MarshalText hides the secret, also from structured logs.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Reveal gives the secret itself.
func (s Secret) Reveal() string { return string(s) }

// setting is one key of the configuration and the field behind it.
type setting struct {
	section string // "" or "log"
	name    string // "level"
	env     string // variable that sets it; empty: made of the key
	doc     string
	field   reflect.Value
}

// Key is the setting's full name, such as "log.level".
func (s setting) Key() string {
	if s.section == "" {
		return s.name
	}
	return s.section + "." + s.name
}

// Env is the environment variable that sets it, such as "TANDEM_LOG_LEVEL".
func (s setting) Env() string {
	if s.env != "" {
		return s.env
	}
	return "TANDEM_" + strings.ToUpper(strings.ReplaceAll(s.Key(), ".", "_"))
}

// settings lists the keys in the order of the struct.
func (c *Config) settings() []setting { return settingsOf("", reflect.ValueOf(c).Elem()) }

func settingsOf(section string, v reflect.Value) []setting {
	var all []setting
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag
		key := tag.Get("key")
		switch {
		case key == "":
		case v.Field(i).Kind() == reflect.Struct:
			all = append(all, settingsOf(key, v.Field(i))...)
		default:
			all = append(all, setting{section, key, tag.Get("env"), tag.Get("doc"), v.Field(i)})
		}
	}
	return all
}
