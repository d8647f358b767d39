package e2e

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestDemo does what the demonstration says: it pastes its line, and scans the
// code on the terminal.
func TestDemo(t *testing.T) {
	t.Parallel()
	tools(t, "oathtool", "zbarimg", "curl")
	m := newMachine(t)
	begun := time.Now()
	m.start("demo")
	paste := m.said.wait(t, func(line string) bool { return strings.Contains(line, "user=bert") })
	last := m.said.wait(t, func(line string) bool { return strings.Contains(line, "user=anna") })
	t.Logf("ready after %v", time.Since(begun).Round(time.Millisecond))
	for _, want := range []string{`"value":true`, `"value":false`} {
		if got := m.shell(paste); !strings.Contains(got, want) {
			t.Errorf("%s\nanswers %s, not %s", paste, got, want)
		}
	}
	app := newPhone(t, zbar(t, drawn(t, m.said.String())))
	login := strings.Replace(last, "1234CODE", "1234"+app.code(""), 1)
	if got := m.shell(login); !strings.Contains(got, `"value":true`) {
		t.Errorf("%s\nanswers %s", login, got)
	}
	m.stop()
}

// shell runs a line as a person would who pastes it.
func (m *machine) shell(line string) string {
	m.t.Helper()
	cmd := exec.Command("bash", "-c", line)
	cmd.Env = m.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		m.t.Errorf("%s: %v", line, err)
	}
	return string(out)
}

// drawn makes a picture of the QR code in what the program said, as a terminal
// would show it: two modules a character.
func drawn(t *testing.T, said string) []byte {
	t.Helper()
	const side = 8 // pixels
	var rows [][2][]bool
	for line := range strings.SplitSeq(said, "\n") {
		text, ok := strings.CutPrefix(line, "\x1b[38;5;16;48;5;231m")
		if !ok {
			continue
		}
		var row [2][]bool
		for _, r := range strings.TrimSuffix(text, "\x1b[0m") {
			row[0] = append(row[0], r == '▀' || r == '█')
			row[1] = append(row[1], r == '▄' || r == '█')
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		t.Fatal("no QR code was drawn")
	}
	picture := image.NewGray(image.Rect(0, 0, len(rows[0][0])*side, 2*len(rows)*side))
	for y := range picture.Rect.Dy() {
		for x := range picture.Rect.Dx() {
			shade := color.Gray{Y: 255}
			if rows[y/side/2][y/side%2][x/side] {
				shade.Y = 0
			}
			picture.SetGray(x, y, shade)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
