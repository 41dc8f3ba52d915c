package remoteimage

import (
	"bytes"
	"net/netip"
)

// special are networks that are not the public internet, or lead elsewhere than
// they seem to (IANA: "IPv4 Special-Purpose Address Registry", "IPv6
// Special-Purpose Address Registry").
var special = networks(
	"0.0.0.0/8",        // this network
	"10.0.0.0/8",       // private
	"100.64.0.0/10",    // shared, behind carriers' NAT; also some clouds' metadata
	"127.0.0.0/8",      // loopback
	"169.254.0.0/16",   // link-local; 169.254.169.254 is the clouds' metadata
	"172.16.0.0/12",    // private
	"192.0.0.0/24",     // protocol assignments
	"192.0.2.0/24",     // documentation
	"192.88.99.0/24",   // 6to4 relays
	"192.168.0.0/16",   // private
	"198.18.0.0/15",    // benchmarks
	"198.51.100.0/24",  // documentation
	"203.0.113.0/24",   // documentation
	"224.0.0.0/4",      // multicast
	"240.0.0.0/4",      // reserved, and broadcast
	"168.63.129.16/32", // Azure's own services, at a public address

	"::/96",        // unspecified, loopback, IPv4-compatible
	"64:ff9b::/96", // NAT64: an IPv4 address in disguise
	"64:ff9b:1::/48",
	"100::/64",      // discard
	"2001::/23",     // protocol assignments, Teredo among them
	"2001:db8::/32", // documentation
	"2002::/16",     // 6to4: an IPv4 address in disguise
	"3fff::/20",     // documentation
	"5f00::/16",     // segment routing
	"fc00::/7",      // unique local; fd00:ec2::254 is a metadata service
	"fe80::/10",     // link-local
	"fec0::/10",     // site-local, long deprecated
	"ff00::/8",      // multicast
)

func networks(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		all[i] = netip.MustParsePrefix(text)
	}
	return all
}

// Public tells whether an address belongs to the public internet. An IPv4
// address mapped into IPv6 is judged as what it is.
func Public(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" {
		return false
	}
	a = a.Unmap()
	for _, network := range special {
		if network.Contains(a) {
			return false
		}
	}
	return true
}

// signatures are how raster images begin (WHATWG MIME Sniffing, section 6.1).
var signatures = []struct {
	prefix, at8 string
	kind        string
}{
	{"\x89PNG\r\n\x1a\n", "", "image/png"},
	{"\xff\xd8\xff", "", "image/jpeg"},
	{"GIF87a", "", "image/gif"},
	{"GIF89a", "", "image/gif"},
	{"RIFF", "WEBP", "image/webp"},
}

// Sniff tells by its first bytes which raster image a content is; empty when it is none.
func Sniff(content []byte) string {
	for _, s := range signatures {
		if bytes.HasPrefix(content, []byte(s.prefix)) && (s.at8 == "" || len(content) > 12 && string(content[8:12]) == s.at8) {
			return s.kind
		}
	}
	return ""
}
