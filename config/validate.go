package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Validate returns everything that is wrong with the values. It looks at
// nothing outside: whether a folder is writable is for tandem doctor to find.
func (c *Config) Validate() Mistakes {
	var m Mistakes
	check := func(key string, fine bool, what, remedy string) {
		if !fine {
			m = append(m, Mistake{Key: key, What: what, Remedy: remedy})
		}
	}
	check("http", isAddress(c.HTTP), fmt.Sprintf("%q is not an address with a port.", c.HTTP), "Write it like 127.0.0.1:8080.")
	check("data", c.Data != "", "There is no data folder.", "Name a folder that Tandem may write to.")
	check("database", isDatabase(c.Database), "This is neither SQLite nor PostgreSQL.", "Write sqlite:PATH or postgres://user:password@host/name.")
	check("public_url", c.PublicURL == "" || isBaseURL(c.PublicURL), fmt.Sprintf("%q is not the address of a site.", c.PublicURL),
		"Write it like https://help.example.com, without a query.")
	for _, network := range c.TrustedProxies {
		check("trusted_proxies", isNetwork(network), fmt.Sprintf("%q is not a network.", network), "Write it like 10.0.0.0/8 or 192.0.2.7.")
	}
	check("blob", isBlob(c.Blob), fmt.Sprintf("%q is neither a folder nor a known object store.", c.Blob),
		"Name a folder, or write s3://bucket?region=eu-central-1 or azblob://container.")
	check("log.level", slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log.Level),
		fmt.Sprintf("There is no level %q.", c.Log.Level), "Write debug, info, warn or error.")
	check("log.format", slices.Contains([]string{"text", "json"}, c.Log.Format),
		fmt.Sprintf("There is no format %q.", c.Log.Format), "Write text or json.")

	size := c.Mail.MaxSize.Bytes()
	check("mail.max_size", size >= leastMailSize && size <= mostMailSize, fmt.Sprintf("%q is not a size from 1 MB to 1000 MB.", c.Mail.MaxSize), "Write it like 150 MB.")
	check("scan.clamd", c.Scan.Clamd == "" || isDaemon(c.Scan.Clamd), fmt.Sprintf("%q is not where a daemon listens.", c.Scan.Clamd),
		"Write unix:/run/clamav/clamd.ctl or tcp:127.0.0.1:3310.")

	ms := c.Microsoft
	check("microsoft.tenant", ms.Tenant != "" && !strings.ContainsAny(ms.Tenant, "/ ?#"), fmt.Sprintf("%q is not a tenant.", ms.Tenant),
		"Write the directory (tenant) id, a domain of yours, or organizations.")
	check("microsoft.client_id", ms.ClientID != "" || ms.ClientSecret == "", "There is a client secret but no client id.",
		"Add the application (client) id of the app registration.")
	check("microsoft.client_secret", ms.ClientSecret != "" || ms.ClientID == "", "There is a client id but no client secret.",
		"Add the value of a client secret, or client_secret_file.")
	check("microsoft.login_url", isBaseURL(ms.LoginURL), fmt.Sprintf("%q is not the address of a site.", ms.LoginURL),
		"Write https://login.microsoftonline.com, or that of your national cloud.")
	check("microsoft.graph_url", isBaseURL(ms.GraphURL), fmt.Sprintf("%q is not the address of a site.", ms.GraphURL),
		"Write https://graph.microsoft.com, or that of your national cloud.")
	c.SMTP.validate(c, check)
	return m
}

// isDaemon accepts unix:PATH and tcp:HOST:PORT.
func isDaemon(s string) bool {
	network, address, _ := strings.Cut(s, ":")
	switch network {
	case "unix":
		return strings.HasPrefix(address, "/")
	case "tcp":
		return isAddress(address)
	}
	return false
}

func isAddress(s string) bool {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

func isDatabase(s string) bool {
	if path, ok := strings.CutPrefix(s, "sqlite:"); ok {
		return path != ""
	}
	if s == "" {
		return true
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "postgres" || u.Scheme == "postgresql")
}

func isBlob(s string) bool {
	scheme, _, isURL := strings.Cut(s, "://")
	return !isURL || scheme == "s3" || scheme == "azblob"
}

// isBaseURL accepts https everywhere and http for what is on this machine or in
// a closed network; nobody but the operator can know the latter.
func isBaseURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.RawQuery == "" && u.Fragment == "" && u.User == nil
}

func isNetwork(s string) bool {
	if _, err := netip.ParsePrefix(s); err == nil {
		return true
	}
	_, err := netip.ParseAddr(s)
	return err == nil
}
