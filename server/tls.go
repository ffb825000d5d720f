// SPDX-License-Identifier: Apache-2.0

package server

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// stamp tells one generation of a file from the next. Stat follows symlinks,
// so a swapped mount counts too.
type stamp struct {
	mtime time.Time
	size  int64
}

func stampOf(path string) (stamp, error) {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}, err
	}
	return stamp{info.ModTime(), info.Size()}, nil
}

// certificate is the server's certificate, read again when its files change.
type certificate struct {
	files TLS
	log   *slog.Logger

	mu        sync.Mutex
	cert      *tls.Certificate
	triedCert stamp // the last generation that was tried, good or not
	triedKey  stamp
}

func loadCertificate(files TLS, log *slog.Logger) (*certificate, error) {
	c := &certificate{files: files, log: log}
	if err := c.reload(); err != nil {
		return nil, fmt.Errorf("server certificate: %w", err)
	}
	return c, nil
}

// reload reads the pair when a file changed since it was last tried.
func (c *certificate) reload() error {
	cert, err := stampOf(c.files.CertFile)
	if err != nil {
		return err
	}
	key, err := stampOf(c.files.KeyFile)
	if err != nil {
		return err
	}
	if cert == c.triedCert && key == c.triedKey {
		return nil
	}
	c.triedCert, c.triedKey = cert, key
	pair, err := tls.LoadX509KeyPair(c.files.CertFile, c.files.KeyFile)
	if err != nil {
		return err
	}
	c.cert = &pair
	return nil
}

// current returns the newest pair that could be read. Certificate and key are
// two files: between the two writes of a rotation the old pair stays.
func (c *certificate) current() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.reload(); err != nil {
		c.log.Warn("reload certificate; the former one stays", "err", err)
	}
	return c.cert
}

func (c *certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current(), nil },
	}
}

func (c *certificate) expiry() time.Time { return c.current().Leaf.NotAfter }

func (s *Server) certificateExpiry() map[string]float64 {
	if s.cert == nil {
		return nil
	}
	return map[string]float64{"server": s.cert.expiry().Sub(s.opts.Now()).Seconds()}
}
