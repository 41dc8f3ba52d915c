package eml

import (
	"regexp"
	"strings"
	"unicode"
)

// styleProperties are the CSS properties that change how mail looks and cannot
// leave its place: no position, no z-index, no content, no behaviour.
var styleProperties = map[string]bool{
	"background": true, "background-color": true, "border-collapse": true, "border-radius": true, "border-spacing": true,
	"caption-side": true, "clear": true, "color": true, "direction": true, "display": true, "empty-cells": true,
	"float": true, "font": true, "font-family": true, "font-size": true, "font-style": true, "font-variant": true,
	"font-weight": true, "height": true, "letter-spacing": true, "line-height": true, "list-style": true,
	"list-style-position": true, "list-style-type": true, "max-height": true, "max-width": true, "min-height": true,
	"min-width": true, "overflow-wrap": true, "table-layout": true, "text-align": true, "text-decoration": true,
	"text-decoration-color": true, "text-decoration-line": true, "text-decoration-style": true, "text-indent": true,
	"text-transform": true, "vertical-align": true, "white-space": true, "width": true, "word-break": true,
	"word-spacing": true, "word-wrap": true,
}

func styleAllowed(property string) bool {
	if styleProperties[property] {
		return true
	}
	for _, family := range []string{"border", "margin", "padding"} {
		if property == family || strings.HasPrefix(property, family+"-") && property != "border-image" && property != "border-image-source" {
			return true
		}
	}
	return false
}

const longestStyleValue = 200

// cleanStyle keeps the harmless declarations of a style attribute.
func cleanStyle(s string) string {
	var kept []string
	for s != "" {
		var declaration string
		declaration, s = cutDeclaration(s)
		property, value, ok := strings.Cut(declaration, ":")
		property = strings.ToLower(strings.TrimSpace(property))
		if !ok || !styleAllowed(property) {
			continue
		}
		if property == "background" { // the colour makes text legible, the picture does not
			value = styleURL.ReplaceAllString(value, "")
		}
		if value = strings.TrimSpace(value); value != "" && harmlessValue(value) {
			kept = append(kept, property+": "+value)
		}
	}
	return strings.Join(kept, "; ")
}

var (
	styleURL      = regexp.MustCompile(`(?i)url\([^)]*\)`)
	styleFunction = regexp.MustCompile(`(?i)(?:rgba?|hsla?)\([0-9.,%/ deg-]*\)`)
)

// cutDeclaration cuts at the next semicolon outside quotes and brackets.
func cutDeclaration(s string) (declaration, rest string) {
	var quote byte
	depth := 0
	for i := range len(s) {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ';' && depth <= 0:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// harmlessValue accepts words, numbers, colours and quoted font names. There
// is no way to write an address, an escape or a function in these characters.
func harmlessValue(value string) bool {
	if len(value) > longestStyleValue || strings.Count(value, `"`)%2 == 1 || strings.Count(value, "'")%2 == 1 {
		return false
	}
	plain := value
	if strings.ContainsRune(value, '(') {
		plain = styleFunction.ReplaceAllString(value, "")
	}
	return !strings.ContainsFunc(plain, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" #%.,'\"+-/!_\u3000", r)
	})
}
