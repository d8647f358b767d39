package envelope

import (
	"net/netip"
	"strings"
	"testing"
)

func TestClientAddress(t *testing.T) {
	t.Parallel()
	const peer = "127.0.0.1"
	tests := []struct{ setting, forwarded, claimed, want string }{
		{"", "10.1.1.1", "10.2.2.2", peer},
		// The table of rest-api.md 2.6.
		{"127.0.0.1 > 10.0.0.0/8", "", "", peer},
		{"127.0.0.1 > 10.0.0.0/8", "10.1.1.1", "", "10.1.1.1"},
		{"127.0.0.1 > 10.0.0.0/8", "11.1.1.1", "", peer},
		{"127.0.0.1 > 10.0.0.0/8", "", "10.2.2.2", "10.2.2.2"},
		{"127.0.0.1 > 10.0.0.0/8", "garbage", "", peer},
		{"127.0.0.1 > 10.0.0.0/8", "", "garbage", peer},
		// C5: Nextcloud sends client=1.
		{"127.0.0.1", "", "1", peer},
		{"127.0.0.1", "9.9.9.9", "", "9.9.9.9"},
		{"127.0.0.1", "8.8.8.8, 9.9.9.9", "", "9.9.9.9"},
		{"127.0.0.1 > 9.9.9.9 > 0.0.0.0/0", "7.7.7.7, 8.8.8.8, 9.9.9.9", "", "8.8.8.8"},
		{"127.0.0.1 > 9.9.9.9 > 0.0.0.0/0", "9.9.9.9", "5.5.5.5", "5.5.5.5"},
		{"127.0.0.1 > 9.9.9.9 > 0.0.0.0/0", "1.1.1.1", "5.5.5.5", peer},
		{"10.0.0.1", "9.9.9.9", "5.5.5.5", peer},
		{"10.0.0.1, 127.0.0.0/8", "9.9.9.9", "", "9.9.9.9"},
		{"127.0.0.1 > 9.9.9.9 > 8.8.8.8, 127.0.0.1", "1.2.3.4, 9.9.9.9", "", "9.9.9.9"},
		// The longest path that holds wins, wherever it stands.
		{"127.0.0.1 > 9.9.9.9 > 0.0.0.0/0, 127.0.0.1", "7.7.7.7, 9.9.9.9", "", "7.7.7.7"},
		{"127.0.0.1", "8.8.8.8, unknown", "", "8.8.8.8"},
		{"127.0.0.1", "::ffff:9.9.9.9", "", "9.9.9.9"},
		{"127.0.0.1 > ::/0", "2001:db8::1", "", "2001:db8::1"},
		{"127.0.0.1 > ::/0", "fe80::1%eth0", "", peer},
		{"127.0.0.77/8", "9.9.9.9", "", "9.9.9.9"},
	}
	for _, tt := range tests {
		p, err := ParseProxies(tt.setting)
		if err != nil {
			t.Errorf("%q: %v", tt.setting, err)
			continue
		}
		if got := p.Client(netip.MustParseAddr(peer), []string{tt.forwarded}, tt.claimed); got.String() != tt.want {
			t.Errorf("%+v: got %s", tt, got)
		}
	}
	for _, bad := range []string{"x", "127.0.0.1 >", ">", "127.0.0.1,", "127.0.0.1/99", "fe80::1%eth0"} {
		if _, err := ParseProxies(bad); err == nil {
			t.Errorf("%q is no setting", bad)
		}
	}
}

func FuzzClientAddress(f *testing.F) {
	f.Add("127.0.0.1 > 10.0.0.0/8, ::1", "10.1.1.1, x", "1")
	f.Add("127.0.0.1", ",,,", "%")
	f.Fuzz(func(t *testing.T, setting, forwarded, claimed string) {
		p, err := ParseProxies(setting)
		if err != nil && len(p.paths) > 0 {
			t.Fatal("believes somebody although the setting cannot be read")
		}
		peer := netip.MustParseAddr("127.0.0.1")
		got := p.Client(peer, strings.Split(forwarded, "\n"), claimed)
		trusted := false
		for _, path := range p.paths {
			trusted = trusted || path[0].Contains(peer)
		}
		if !got.IsValid() || got != peer && !trusted {
			t.Fatalf("got %v though nobody vouches for it", got)
		}
	})
}
