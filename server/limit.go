// SPDX-License-Identifier: Apache-2.0

package server

import (
	"net"
	"net/netip"
	"sync"
)

// limiter caps connections in all and by address, so that one client that
// opens thousands and says nothing does not keep others out.
type limiter struct {
	net.Listener
	all, perIP int
	exempt     []netip.Prefix // trusted proxies: they carry many clients

	mu   sync.Mutex
	open map[netip.Addr]int
	n    int
}

func newLimiter(l net.Listener, all, perIP int, exempt []netip.Prefix) *limiter {
	return &limiter{Listener: l, all: all, perIP: perIP, exempt: exempt, open: make(map[netip.Addr]int)}
}

// Accept waits for a connection within the limits; others are closed at once.
func (l *limiter) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		addr := addrOf(c)
		if l.take(addr) {
			return &counted{Conn: c, free: sync.OnceFunc(func() { l.give(addr) })}, nil
		}
		// Nothing was said yet, so nothing can be lost by an error here.
		_ = c.Close()
	}
}

func addrOf(c net.Conn) netip.Addr {
	ap, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return netip.Addr{} // not TCP: one bucket for all
	}
	return ap.Addr().Unmap().WithZone("")
}

func (l *limiter) take(a netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.n >= l.all || (l.open[a] >= l.perIP && !l.exempted(a)) {
		return false
	}
	l.n++
	l.open[a]++
	return true
}

func (l *limiter) exempted(a netip.Addr) bool {
	for _, p := range l.exempt {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

func (l *limiter) give(a netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.n--
	if l.open[a]--; l.open[a] == 0 {
		delete(l.open, a)
	}
}

// counted gives its place free when it is closed.
type counted struct {
	net.Conn
	free func()
}

func (c *counted) Close() error {
	defer c.free()
	return c.Conn.Close()
}
