package demo

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"path"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// file is a file at a mail or a reply, made from a few words.
type file struct {
	Name    string
	Content string // of a PDF its lines, of a CSV file the file, of a picture what it shows
	Inline  bool   // a picture inside the text
}

// make returns the bytes and the media type, which follows from the name.
func (f file) make() (data []byte, kind string, err error) {
	switch path.Ext(f.Name) {
	case ".pdf":
		data, err = pdf(strings.Split(strings.TrimSpace(f.Content), "\n"))
		return data, "application/pdf", err
	case ".csv":
		return []byte(f.Content), "text/csv", nil
	case ".png":
		data, err = picture(f.Content)
		return data, "image/png", err
	}
	return nil, "", fmt.Errorf("nobody can make a file %q", f.Name)
}

// pdf writes one A5 page of text in a fixed-width font that every reader has
// (ISO 32000-1 section 9.6.2.2).
func pdf(lines []string) ([]byte, error) {
	var page strings.Builder
	page.WriteString("BT /F1 11 Tf 40 540 Td 18 TL\n")
	for _, line := range lines {
		latin, err := charmap.Windows1252.NewEncoder().String(line)
		if err != nil {
			return nil, fmt.Errorf("write %q: %w", line, err)
		}
		fmt.Fprintf(&page, "(%s) Tj T*\n", strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(latin))
	}
	page.WriteString("ET")
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 595] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", page.Len(), page.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var offsets []int
	for i, object := range objects {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.Bytes(), nil
}

// The colours of the pictures.
var (
	steel  = color.RGBA{0xc9, 0xcd, 0xd1, 0xff}
	shadow = color.RGBA{0x8d, 0x93, 0x99, 0xff}
	dark   = color.RGBA{0x1f, 0x24, 0x2a, 0xff}
	amber  = color.RGBA{0xff, 0xb0, 0x2e, 0xff}
	wood   = color.RGBA{0xc3, 0x9b, 0x6d, 0xff}
	wall   = color.RGBA{0xee, 0xec, 0xe6, 0xff}
	water  = color.RGBA{0x9c, 0xc4, 0xde, 0xff}
	kraft  = color.RGBA{0x9a, 0x6b, 0x43, 0xff}
	milk   = color.RGBA{0xf6, 0xf4, 0xef, 0xff}
)

// picture draws what a customer photographed: the puddle below a machine, two
// bags of beans, a torn tube, or a display with the given code.
func picture(of string) ([]byte, error) {
	p := canvas{image.NewRGBA(image.Rect(0, 0, 360, 240))}
	p.box(0, 0, 360, 170, wall)
	p.box(0, 170, 360, 240, wood)
	switch of {
	case "puddle":
		p.oval(190, 204, 130, 22, water)
		p.box(120, 30, 240, 190, steel)
		p.box(120, 178, 240, 196, shadow)
		p.box(140, 50, 220, 80, dark)
		p.box(172, 96, 188, 120, shadow)
	case "bags":
		for _, x := range []int{80, 200} {
			p.box(x, 60, x+90, 210, kraft)
			p.box(x, 60, x+90, 78, dark)
			p.box(x+15, 110, x+75, 160, milk)
		}
	case "tube":
		p.box(20, 112, 340, 140, shadow)
		p.box(20, 116, 340, 124, steel)
		p.oval(180, 126, 26, 7, dark)
	default:
		p.box(40, 30, 320, 200, steel)
		p.box(70, 60, 290, 170, dark)
		for i, c := range of {
			p.digit(c, 95+i*62, 80)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		return nil, fmt.Errorf("draw %q: %w", of, err)
	}
	return b.Bytes(), nil
}

type canvas struct{ *image.RGBA }

func (c canvas) box(x0, y0, x1, y1 int, fill color.Color) {
	draw.Draw(c, image.Rect(x0, y0, x1, y1), image.NewUniform(fill), image.Point{}, draw.Src)
}

func (c canvas) oval(x, y, rx, ry int, fill color.Color) {
	for dy := -ry; dy <= ry; dy++ {
		for dx := -rx; dx <= rx; dx++ {
			if dx*dx*ry*ry+dy*dy*rx*rx <= rx*rx*ry*ry {
				c.Set(x+dx, y+dy, fill)
			}
		}
	}
}

// segments of a digit, from the top clockwise and the middle last.
var segments = map[rune]string{
	'E': "adefg", '0': "abcdef", '1': "bc", '2': "abdeg", '3': "abcdg", '4': "bcfg",
	'5': "acdfg", '6': "acdefg", '7': "abc", '8': "abcdefg", '9': "abcdfg",
}

// digit draws one character of a seven-segment display.
func (c canvas) digit(char rune, x, y int) {
	for _, s := range segments[char] {
		switch s {
		case 'a':
			c.box(x, y, x+40, y+6, amber)
		case 'b':
			c.box(x+34, y, x+40, y+36, amber)
		case 'c':
			c.box(x+34, y+34, x+40, y+70, amber)
		case 'd':
			c.box(x, y+64, x+40, y+70, amber)
		case 'e':
			c.box(x, y+34, x+6, y+70, amber)
		case 'f':
			c.box(x, y, x+6, y+36, amber)
		case 'g':
			c.box(x, y+32, x+40, y+38, amber)
		}
	}
}
