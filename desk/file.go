package desk

import (
	"path"
	"strings"
	"unicode"
)

const maxFileName = 200 // characters

// FileName makes the name of a file harmless: no folders, no control or
// direction characters (a right-to-left override shows "exe.gpj" as
// "jpg.exe" reversed), no leading dots, never empty, not longer than people read.
func FileName(name string) string {
	name = path.Base(strings.ReplaceAll(clean(name), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '/' || r == '\uFFFD' {
			return -1
		}
		return r
	}, name)
	name = strings.TrimLeft(strings.TrimSpace(name), ".")
	if name == "" {
		return "file"
	}
	if ext := path.Ext(name); len(ext) <= 16 {
		return truncate(strings.TrimSuffix(name, ext), maxFileName-len(ext)) + ext
	}
	return truncate(name, maxFileName)
}
