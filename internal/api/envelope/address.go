package envelope

import (
	"fmt"
	"net/netip"
	"strings"
)

// Proxies are the proxies whose word on a client's address is taken: the
// setting OverrideAuthorizationClient, read (rest-api.md 2.6). The zero value
// believes nobody.
type Proxies struct{ paths [][]netip.Prefix }

// ParseProxies reads the setting: paths divided by commas, each of networks
// divided by ">", beginning at the server. A single network believes it
// everything.
func ParseProxies(setting string) (Proxies, error) {
	if strings.TrimSpace(setting) == "" {
		return Proxies{}, nil
	}
	var p Proxies
	for text := range strings.SplitSeq(setting, ",") {
		var path []netip.Prefix
		for part := range strings.SplitSeq(text, ">") {
			network, err := parseNetwork(strings.TrimSpace(part))
			if err != nil {
				return Proxies{}, err
			}
			path = append(path, network)
		}
		if len(path) == 1 {
			path = append(path, netip.PrefixFrom(netip.IPv4Unspecified(), 0))
		}
		p.paths = append(p.paths, path)
	}
	return p, nil
}

func parseNetwork(s string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(s); err == nil && addr.Zone() == "" {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	network, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("network of a proxy: %w", err)
	}
	return network.Masked(), nil
}

// Client returns the address a request counts as coming from. peer is the
// other end of the connection, forwarded the values of X-Forwarded-For,
// claimed what the request itself says, or "". Addresses that cannot be read
// are passed over.
func (p Proxies) Client(peer netip.Addr, forwarded []string, claimed string) netip.Addr {
	peer = peer.Unmap()
	if len(p.paths) == 0 {
		return peer
	}
	// No configured path is longer than this, so no more hops can matter.
	longest := 0
	for _, path := range p.paths {
		longest = max(longest, len(path))
	}
	hops := []netip.Addr{peer}
	add := func(s string) {
		if a, err := netip.ParseAddr(strings.TrimSpace(s)); err == nil && a.Zone() == "" {
			hops = append(hops, a.Unmap())
		}
	}
	for rest, more := strings.Join(forwarded, ","), true; more && rest != "" && len(hops) < longest; {
		i := strings.LastIndexByte(rest, ',')
		add(rest[i+1:])
		if more = i >= 0; more {
			rest = rest[:i]
		}
	}
	if len(hops) < longest {
		add(claimed)
	}
	best := 0
	for _, path := range p.paths {
		if best < len(path)-1 && within(path, hops) {
			best = len(path) - 1
		}
	}
	return hops[best]
}

func within(path []netip.Prefix, hops []netip.Addr) bool {
	if len(path) > len(hops) {
		return false
	}
	for i, network := range path {
		if !network.Contains(hops[i]) {
			return false
		}
	}
	return true
}
