package config

import (
	"strconv"
	"strings"
)

// Size is a number of bytes as people write it: "150 MB".
type Size string

// The bounds of mail.max_size.
const (
	leastMailSize = 1 << 20
	mostMailSize  = 1000 << 20
)

var sizeUnits = []struct {
	name  string
	bytes int64
}{{"KB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}, {"B", 1}}

// Bytes is the size in bytes; 0 when it cannot be read.
func (s Size) Bytes() int64 {
	text := strings.ToUpper(strings.TrimSpace(string(s)))
	unit := int64(1)
	for _, u := range sizeUnits {
		if number, found := strings.CutSuffix(text, u.name); found {
			text, unit = strings.TrimSpace(number), u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 0 {
		return 0
	}
	return n * unit
}
