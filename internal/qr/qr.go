// Package qr draws QR codes of short texts, such as key URLs, as PNG or
// lines for a terminal. It writes no files and keeps nothing: the texts may be
// secret. Which modules are dark is decided by github.com/yeqown/go-qrcode.
package qr

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	qrcode "github.com/yeqown/go-qrcode/v2"
)

// MaxText is the greatest length of a text, in bytes. Cameras of phones read
// codes of this size with effort only.
const MaxText = 2000

// The quiet zone around a code in modules, and the side of a module in pixels.
const (
	quiet = 4
	scale = 10
)

// Errors of all drawing functions. They never hold the text.
var (
	ErrEmpty   = errors.New("qr: no text")
	ErrTooLong = errors.New("qr: text of more than 2000 bytes")
)

// Matrix holds the modules of a code, row by row, without quiet zone. True is dark.
type Matrix [][]bool

// collector takes the matrix out of the library.
type collector struct{ m Matrix }

// Write implements qrcode.Writer.
func (c *collector) Write(m qrcode.Matrix) error {
	c.m = m.Bitmap()
	return nil
}

// Close implements qrcode.Writer.
func (c *collector) Close() error { return nil }

// New encodes text as bytes, so that every text is possible, with error
// correction level M. It returns ErrEmpty or ErrTooLong.
func New(text string) (Matrix, error) {
	switch {
	case text == "":
		return nil, ErrEmpty
	case len(text) > MaxText:
		return nil, ErrTooLong
	}
	code, err := qrcode.NewWith(text, qrcode.WithEncodingMode(qrcode.EncModeByte),
		qrcode.WithErrorCorrectionLevel(qrcode.ErrorCorrectionMedium))
	if err != nil {
		return nil, fmt.Errorf("qr: encoding %d bytes: %w", len(text), err)
	}
	var c collector
	if err := code.Save(&c); err != nil {
		return nil, fmt.Errorf("qr: %w", err)
	}
	return c.m, nil
}

// dark reports the module at a place that counts from the corner of the quiet zone.
func (m Matrix) dark(x, y int) bool {
	x, y = x-quiet, y-quiet
	return y >= 0 && y < len(m) && x >= 0 && x < len(m[y]) && m[y][x]
}

// side is the number of modules of a side with the quiet zone.
func (m Matrix) side() int { return len(m) + 2*quiet }

// PNG draws text with ten pixels a module.
func PNG(text string) ([]byte, error) {
	m, err := New(text)
	if err != nil {
		return nil, err
	}
	return m.png(), nil
}

// DataURI is PNG as a data URI, to stand in an answer or a page.
func DataURI(text string) (string, error) {
	b, err := PNG(text)
	if err != nil {
		return "", err
	}
	const prefix = "data:image/png;base64,"
	out := make([]byte, len(prefix)+base64.StdEncoding.EncodedLen(len(b)))
	base64.StdEncoding.Encode(out[copy(out, prefix):], b)
	return string(out), nil
}

// Colours of the terminal form: black on white by number, so that neither a
// dark theme nor one with its own palette turns the code around.
const (
	colours = "\x1b[38;5;16;48;5;231m"
	reset   = "\x1b[0m"
)

// Terminal draws text with half blocks, two rows of modules a line. Each line
// sets its colours and ends with a reset and a line break.
func Terminal(text string) (string, error) {
	m, err := New(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	blocks := map[[2]bool]string{{false, false}: " ", {true, false}: "▀", {false, true}: "▄", {true, true}: "█"}
	n := m.side()
	for y := 0; y < n; y += 2 {
		b.WriteString(colours)
		for x := range n {
			b.WriteString(blocks[[2]bool{m.dark(x, y), m.dark(x, y+1)}])
		}
		b.WriteString(reset + "\n")
	}
	return b.String(), nil
}
