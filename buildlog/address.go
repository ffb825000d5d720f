// SPDX-License-Identifier: Apache-2.0

package buildlog

import (
	"fmt"
	"net/netip"
)

// ranges are prefixes, looked through one by one: they are few.
type ranges []netip.Prefix

func parse(list ...string) ranges {
	out := make(ranges, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

func (r ranges) contain(a netip.Addr) bool {
	for _, p := range r {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// Addresses by the IANA registries of special-purpose addresses.
var (
	// inHouse are the ranges that an entry may name.
	inHouse = parse(
		"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", // RFC 1918
		"100.64.0.0/10", // shared by carriers, RFC 6598
		"127.0.0.0/8", "::1/128",
		"169.254.0.0/16", "fe80::/10", // link-local
		"fc00::/7", // unique local, RFC 4193
	)
	// never are the addresses where clouds tell a machine its own secrets. No
	// entry opens them.
	never = parse(
		"169.254.169.254/32", "169.254.170.2/32", "fd00:ec2::254/128", // AWS, GCP, Azure, OpenStack; ECS
		"168.63.129.16/32",   // Azure's wire server, a public address that only a machine's host answers
		"100.100.100.200/32", // Alibaba
		"192.0.0.192/32",     // Oracle
	)
	// special4 are the other IPv4 ranges that are no place on the internet.
	special4 = parse(
		"0.0.0.0/8", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
		"198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	)
	// global6 is all of IPv6 that is given out; special6 are parts of it for
	// protocols (Teredo among them), benchmarks and documentation.
	global6  = netip.MustParsePrefix("2000::/3")
	special6 = parse("2001::/23", "2001:db8::/32", "3fff::/20")
	// Ranges whose addresses hold an IPv4 address that is meant.
	sixToFour = netip.MustParsePrefix("2002::/16")
	nat64     = netip.MustParsePrefix("64:ff9b::/96")
)

// embedded returns the IPv4 address that a is another spelling of.
func embedded(a netip.Addr) netip.Addr {
	a = a.WithZone("").Unmap()
	if !a.Is6() {
		return a
	}
	b := a.As16()
	switch {
	case sixToFour.Contains(a):
		return netip.AddrFrom4([4]byte(b[2:6]))
	case nat64.Contains(a):
		return netip.AddrFrom4([4]byte(b[12:16]))
	}
	return a
}

// public reports whether a is a place on the internet.
func public(a netip.Addr) bool {
	if !a.IsValid() || inHouse.contain(a) || never.contain(a) {
		return false
	}
	if a.Is4() {
		return !special4.contain(a)
	}
	return global6.Contains(a) && !special6.contain(a)
}

// reachable reports whether an entry with these private ranges may go to a.
// With ranges it may go nowhere else: a name that leaves the house is not the
// machine that was meant.
func reachable(a netip.Addr, private []netip.Prefix) bool {
	a = embedded(a)
	if never.contain(a) {
		return false
	}
	if len(private) > 0 {
		return ranges(private).contain(a)
	}
	return public(a)
}

// checkPrivate says what is wrong with a private range.
func checkPrivate(p netip.Prefix) error {
	if !p.IsValid() || p != p.Masked() {
		return fmt.Errorf("private: %q is no range; write for example 10.20.0.0/16", p)
	}
	for _, r := range inHouse {
		if r.Overlaps(p) && p.Bits() >= r.Bits() {
			return nil
		}
	}
	return fmt.Errorf("private: %s does not lie within one private range (%v); public addresses need no entry here", p, []netip.Prefix(inHouse))
}
