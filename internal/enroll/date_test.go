package enroll

import (
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	t.Parallel()
	const plain, zoned = "2006-01-02T15:04", "2006-01-02T15:04-0700"
	for _, c := range []struct{ text, layout, want string }{
		{"2026-05-06T07:08+0200", zoned, "2026-05-06T07:08+0200"},
		{"2026-05-06T07:08:09Z", zoned, "2026-05-06T07:08+0000"},
		{"2026-05-06 07:08+00:00", zoned, "2026-05-06T07:08+0000"},
		{"2026-05-06T07:08", plain, "2026-05-06T07:08"},
		{" 2026-05-06 ", plain, "2026-05-06T00:00"},
		{"06.05.2026 07:08", plain, "2026-05-06T07:08"},
		{"06/05/2026", plain, "2026-05-06T00:00"},
		{"31/12/98 23:59", plain, "1998-12-31T23:59"},
	} {
		at, err := ParseDate(c.text)
		if err != nil || at.Format(c.layout) != c.want {
			t.Errorf("%q: got %v, %v", c.text, at, err)
		}
		// A zone that was given is never taken for the server's own.
		if (at.Location() == time.Local) != (c.layout == plain) {
			t.Errorf("%q: zone %v", c.text, at.Location())
		}
	}
	if at, err := ParseDate(""); err != nil || !at.IsZero() {
		t.Errorf("empty: %v, %v", at, err)
	}
	for _, bad := range []string{"tomorrow", "2026-13-01", "1/2/2026"} {
		if at, err := ParseDate(bad); err == nil {
			t.Errorf("%q is read as %v", bad, at)
		}
	}
}
