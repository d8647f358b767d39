package qr

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// texts of many lengths: key URLs, single characters, bytes that are no ASCII.
func texts() []string {
	out := []string{"A", "0123456789", "otpauth://totp/max/m%C3%BCller?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&period=30&digits=6&issuer=ACME", "grüße 漢字"}
	for n := 17; n <= MaxText; n = n*5/3 + 1 {
		out = append(out, strings.Repeat("seed://31ab/", n/12+1)[:n])
	}
	return append(out, strings.Repeat("x", MaxText))
}

// modules reads the modules back from a drawn image.
func modules(t *testing.T, img image.Image) Matrix {
	t.Helper()
	b := img.Bounds()
	n := b.Dx()/scale - 2*quiet
	if b.Dx() != b.Dy() || b.Dx() != (n+2*quiet)*scale || n < 21 {
		t.Fatalf("size %v", b)
	}
	m := make(Matrix, n)
	for y := range n {
		m[y] = make([]bool, n)
	}
	for py := range b.Dy() {
		for px := range b.Dx() {
			grey := color.GrayModel.Convert(img.At(px, py)).(color.Gray).Y
			if grey != 0 && grey != 255 {
				t.Fatalf("grey at %d,%d", px, py)
			}
			x, y := px/scale-quiet, py/scale-quiet
			if x < 0 || y < 0 || x >= n || y >= n {
				if grey == 0 {
					t.Fatalf("dark in the quiet zone at %d,%d", px, py)
				}
				continue
			}
			if px%scale == 0 && py%scale == 0 {
				m[y][x] = grey == 0
			} else if m[y][x] != (grey == 0) {
				t.Fatalf("module %d,%d is not of one colour", x, y)
			}
		}
	}
	return m
}

func same(t *testing.T, got, want Matrix) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d modules, want %d", len(got), len(want))
	}
	for y := range want {
		for x := range want {
			if got[y][x] != want[y][x] {
				t.Fatalf("module %d,%d is wrong", x, y)
			}
		}
	}
}

// finder checks what every code has: the three corners, and the dark module.
func finder(t *testing.T, m Matrix) {
	t.Helper()
	n := len(m)
	for _, corner := range [][2]int{{0, 0}, {n - 7, 0}, {0, n - 7}} {
		for y := range 7 {
			for x := range 7 {
				ring := max(abs(x-3), abs(y-3))
				if m[corner[1]+y][corner[0]+x] != (ring != 2) {
					t.Fatalf("no finder at %v", corner)
				}
			}
		}
	}
	if !m[n-8][8] {
		t.Fatal("the dark module is light: rows and columns are exchanged")
	}
}

// inflate is the library's reader of zlib streams.
func inflate(b []byte) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func abs(n int) int { return max(n, -n) }

func TestPNGHoldsTheMatrix(t *testing.T) {
	t.Parallel()
	for _, text := range texts() {
		want, err := New(text)
		if err != nil {
			t.Fatal(err)
		}
		finder(t, want)
		b, err := PNG(text)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatalf("%d bytes: %v", len(text), err)
		}
		if p, ok := img.(*image.Paletted); !ok || len(p.Palette) != 2 {
			t.Errorf("%T with more than two colours", img)
		}
		same(t, modules(t, img), want)
		if limit := len(want)*len(want)*3/2 + 3000; len(b) > limit {
			t.Errorf("%d modules take %d bytes", len(want), len(b))
		}
	}
}

func TestZbarReadsTheText(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("zbarimg")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("zbarimg is missing; .ci/run packages installs it")
		}
		t.Skip("zbarimg is not installed (Debian: zbar-tools): that a foreign reader finds the text is not checked")
	}
	for _, text := range texts()[:6] {
		b, err := PNG(text)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "code.png")
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(program, "--quiet", "--raw", file).Output()
		if err != nil || strings.TrimSuffix(string(out), "\n") != text {
			t.Errorf("%q was read as %q (%v)", text, out, err)
		}
	}
}

func TestDataURI(t *testing.T) {
	t.Parallel()
	uri, err := DataURI("otpauth://x")
	if err != nil {
		t.Fatal(err)
	}
	b, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(uri, "data:image/png;base64,"))
	if err != nil {
		t.Fatal(err)
	}
	if want, _ := PNG("otpauth://x"); !bytes.Equal(b, want) {
		t.Error("the data URI holds another image")
	}
}

func TestTerminalHoldsTheMatrix(t *testing.T) {
	t.Parallel()
	want, err := New("otpauth://totp/x?secret=GEZDGNBV")
	if err != nil {
		t.Fatal(err)
	}
	text, err := Terminal("otpauth://totp/x?secret=GEZDGNBV")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) != (want.side()+1)/2 {
		t.Fatalf("%d lines for %d rows", len(lines), want.side())
	}
	for i, line := range lines {
		line, ok1 := strings.CutPrefix(line, colours)
		line, ok2 := strings.CutSuffix(line, reset)
		if !ok1 || !ok2 {
			t.Fatalf("line %d does not set and reset its colours", i)
		}
		cells := []rune(line)
		if len(cells) != want.side() {
			t.Fatalf("line %d has %d cells", i, len(cells))
		}
		for x, c := range cells {
			top, bottom := c == '▀' || c == '█', c == '▄' || c == '█'
			if top != want.dark(x, 2*i) || bottom != want.dark(x, 2*i+1) {
				t.Fatalf("cell %d of line %d is wrong", x, i)
			}
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{"": ErrEmpty, strings.Repeat("x", MaxText+1): ErrTooLong} {
		if b, err := PNG(text); !errors.Is(err, want) || b != nil {
			t.Errorf("PNG: %v", err)
		}
		if s, err := DataURI(text); !errors.Is(err, want) || s != "" {
			t.Errorf("DataURI: %v", err)
		}
		if s, err := Terminal(text); !errors.Is(err, want) || s != "" {
			t.Errorf("Terminal: %v", err)
		}
	}
}

// Rows of any content and width survive the special compressor.
func FuzzDeflate(f *testing.F) {
	f.Add([]byte("\x00\xff\xff\xff\xff\xff\x00\x01"), uint8(4))
	f.Add(bytes.Repeat([]byte{0}, 700), uint8(87))
	f.Fuzz(func(t *testing.T, rows []byte, stride uint8) {
		n := int(stride)
		if n == 0 || len(rows) < n {
			return
		}
		rows = rows[:len(rows)/n*n]
		var want []byte
		for y := 0; y < len(rows); y += n {
			for range scale {
				want = append(want, rows[y:y+n]...)
			}
		}
		got, err := inflate(deflate(rows, n))
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d rows of %d bytes do not come back: %v", len(rows)/n, n, err)
		}
	})
}

func BenchmarkMatrix(b *testing.B) { benchmark(b, func(text string) { New(text) }) }

func BenchmarkPNG(b *testing.B) { benchmark(b, func(text string) { PNG(text) }) }

func benchmark(b *testing.B, draw func(string)) {
	text := "otpauth://hotp/OATH0001A2B3?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=1&digits=6&creator=privacyidea&issuer=privacyIDEA&serial=OATH0001A2B3"
	b.ReportAllocs()
	for b.Loop() {
		draw(text)
	}
}

func BenchmarkDraw(b *testing.B) {
	m, err := New(strings.Repeat("x", 150))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		b.SetBytes(int64(len(m.png())))
	}
}
