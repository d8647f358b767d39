package policy

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
)

// clients is a compiled client list. It matches an address that lies in a
// positive entry and in no negative one.
type clients struct {
	in, out []netip.Prefix
	closed  bool // an entry cannot be read: nobody matches
}

var errClient = errors.New("neither an address nor a network")

// compileClients reads a client list; blank entries do not count. On an error
// the result matches nobody: leaving the entry out could widen the policy.
func compileClients(list []string) (clients, error) {
	var c clients
	for _, e := range list {
		if e = strings.TrimSpace(e); e == "" {
			continue
		}
		rest, negative := negated(e)
		net, err := parseNetwork(strings.TrimSpace(rest))
		if err != nil {
			return clients{closed: true}, err
		}
		if negative {
			c.out = append(c.out, net)
		} else {
			c.in = append(c.in, net)
		}
	}
	return c, nil
}

// parseNetwork reads an address, or a network with the number of bits or an
// IPv4 mask. Bits of the host are dropped.
func parseNetwork(text string) (netip.Prefix, error) {
	address, bits, ranged := strings.Cut(text, "/")
	a, err := netip.ParseAddr(address)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, errClient
	}
	n := a.BitLen()
	if ranged {
		if n, err = parseBits(bits, a); err != nil {
			return netip.Prefix{}, err
		}
	}
	if a.Is4In6() && n >= 96 {
		a, n = a.Unmap(), n-96
	}
	p, err := a.Prefix(n)
	if err != nil {
		return netip.Prefix{}, errClient
	}
	return p, nil
}

func parseBits(text string, of netip.Addr) (int, error) {
	if mask, err := netip.ParseAddr(text); err == nil {
		if !mask.Is4() || !of.Is4() {
			return 0, errClient
		}
		return maskBits(mask.As4())
	}
	if len(text) > 3 || text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, errClient
	}
	return strconv.Atoi(text)
}

func maskBits(mask [4]byte) (int, error) {
	m := uint32(mask[0])<<24 | uint32(mask[1])<<16 | uint32(mask[2])<<8 | uint32(mask[3])
	n := 0
	for ; m&(1<<31) != 0; m <<= 1 {
		n++
	}
	if m != 0 {
		return 0, errClient
	}
	return n, nil
}

func (c clients) contain(a netip.Addr) bool {
	if c.closed || !a.IsValid() {
		return false
	}
	for _, p := range c.out {
		if p.Contains(a) {
			return false
		}
	}
	for _, p := range c.in {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// address reads a client's address; an invalid one lies in no network.
func address(text string) netip.Addr {
	a, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}
