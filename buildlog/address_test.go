// SPDX-License-Identifier: Apache-2.0

package buildlog

import (
	"net/netip"
	"strings"
	"testing"
)

func TestReachable(t *testing.T) {
	house := []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16"), netip.MustParsePrefix("fd12:3456::/32"), netip.MustParsePrefix("169.254.0.0/16")}
	for _, tt := range []struct {
		addr            string
		bare, fromHouse bool // without ranges, and with those above
	}{
		{"8.8.8.8", true, false},
		{"2606:4700::1111", true, false},
		{"::ffff:8.8.8.8", true, false},
		{"64:ff9b::808:808", true, false}, // NAT64 of 8.8.8.8
		{"2002:808:808::1", true, false},  // 6to4 of 8.8.8.8
		{"10.20.3.4", false, true},
		{"::ffff:10.20.3.4", false, true},
		{"64:ff9b::a14:304", false, true},
		{"2002:a14:304::1", false, true},
		{"10.21.3.4", false, false},
		{"fd12:3456::9", false, true},
		{"fd12:3457::9", false, false},
		{"169.254.1.1", false, true},
		{"169.254.169.254", false, false}, // never, whatever the entry says
		{"169.254.170.2", false, false},
		{"::ffff:169.254.169.254", false, false},
		{"64:ff9b::a9fe:a9fe", false, false},
		{"2002:a9fe:a9fe::", false, false},
		{"fd00:ec2::254", false, false},
		{"168.63.129.16", false, false},
		{"100.100.100.200", false, false},
		{"127.0.0.1", false, false},
		{"::1", false, false},
		{"::ffff:127.0.0.1", false, false},
		{"::127.0.0.1", false, false}, // the old form
		{"0.0.0.0", false, false},
		{"0.1.2.3", false, false},
		{"::", false, false},
		{"172.16.0.1", false, false},
		{"172.32.0.1", true, false},
		{"192.168.1.1", false, false},
		{"100.64.0.1", false, false},
		{"100.128.0.1", true, false},
		{"192.0.0.8", false, false},
		{"192.0.2.1", false, false},
		{"198.18.0.1", false, false},
		{"198.19.255.255", false, false},
		{"198.51.100.1", false, false},
		{"203.0.113.1", false, false},
		{"224.0.0.1", false, false},
		{"239.1.1.1", false, false},
		{"240.0.0.1", false, false},
		{"255.255.255.255", false, false},
		{"fe80::1", false, false},
		{"fe80::1%eth0", false, false},
		{"fc00::1", false, false},
		{"fec0::1", false, false}, // site-local
		{"ff02::1", false, false},
		{"2001:db8::1", false, false},
		{"2001::1", false, false}, // Teredo
		{"3fff::1", false, false},
		{"64:ff9b:1::1", false, false}, // NAT64 of one's own
		{"100::1", false, false},
	} {
		a := netip.MustParseAddr(tt.addr)
		if got := reachable(a, nil); got != tt.bare {
			t.Errorf("reachable(%s) = %v", a, got)
		}
		if got := reachable(a, house); got != tt.fromHouse {
			t.Errorf("reachable(%s) from the house = %v", a, got)
		}
	}
	if reachable(netip.Addr{}, nil) || reachable(netip.Addr{}, house) {
		t.Error("no address is reachable")
	}
}

func TestPrivateRanges(t *testing.T) {
	for s, ok := range map[string]bool{
		"10.0.0.0/8": true, "10.1.2.3/32": true, "127.0.0.0/8": true, "::1/128": true, "fd00::/8": true, "100.64.0.0/10": true,
		"0.0.0.0/0": false, "::/0": false, "8.0.0.0/8": false, "10.0.0.0/7": false, "172.16.0.0/11": false, "10.0.0.1/8": false,
		"::ffff:10.0.0.0/104": false, "fc00::/6": false, "2000::/3": false,
	} {
		if err := checkPrivate(netip.MustParsePrefix(s)); (err == nil) != ok {
			t.Errorf("checkPrivate(%s) = %v", s, err)
		}
	}
	if err := checkPrivate(netip.Prefix{}); err == nil || !strings.Contains(err.Error(), "write for example") {
		t.Errorf("checkPrivate() of nothing = %v", err)
	}
}

// FuzzReachable checks that no spelling of an address opens what another one closes.
func FuzzReachable(f *testing.F) {
	for _, s := range []string{"10.0.0.1", "169.254.169.254", "8.8.8.8", "127.0.0.1"} {
		b := netip.MustParseAddr(s).As4()
		f.Add(b[:])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) != 4 {
			return
		}
		a := netip.AddrFrom4([4]byte(b))
		want := reachable(a, nil)
		for _, prefix := range []string{"::ffff:0:0", "64:ff9b::"} {
			p := netip.MustParseAddr(prefix).As16()
			copy(p[12:], b)
			if got := reachable(netip.AddrFrom16(p), nil); got != want {
				t.Errorf("%s is %v, %s is %v", a, want, netip.AddrFrom16(p), got)
			}
		}
		p := [16]byte{0x20, 0x02}
		copy(p[2:], b)
		if got := reachable(netip.AddrFrom16(p), nil); got != want {
			t.Errorf("%s is %v, %s is %v", a, want, netip.AddrFrom16(p), got)
		}
	})
}
