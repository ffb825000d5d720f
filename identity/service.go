// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"review-assistant/internal/secretfile"
)

const (
	minSecret = 16      // bytes: what is shorter can be guessed
	maxSecret = 4 << 10 // bytes of a file
	// serviceProof is how long a service's word for a person lasts.
	serviceProof = 5 * time.Minute
)

// Service configures a backend, such as the portal's, that signs people in
// itself and asks for them: with its secret and a person's name beside it.
type Service struct {
	Name string // unique
	// TokenFiles hold a secret of at least 16 bytes each: the current one and,
	// during a rotation, the next. They are read again when they change.
	TokenFiles []string
	// Provider names the [Provider] for whose people the service speaks, and
	// for no others.
	Provider string
}

// service is one that may speak.
type service struct {
	Service
	provider *Provider
	log      *slog.Logger

	mu    sync.Mutex
	files []secretOf
}

// secretOf is a file with a secret.
type secretOf struct {
	file *secretfile.File
	path string
	good bool // at the last look: that it is not is told once
}

// secret returns what the file holds now, if that may prove a service.
func (f secretOf) secret() (string, error) {
	secret, err := f.file.Current()
	if err == nil && len(secret) < minSecret {
		return "", fmt.Errorf("%s: want a secret of at least %d bytes", f.path, minSecret)
	}
	return secret, err
}

func newSecret(path string) secretOf {
	return secretOf{file: secretfile.New(path, maxSecret), path: path}
}

// Secret returns the secret of a file as it proves a service now: one line of at
// least 16 bytes. The error holds nothing of it.
func Secret(path string) (string, error) { return newSecret(path).secret() }

func newService(s Service, provider *Provider, log *slog.Logger) (*service, error) {
	if provider == nil {
		return nil, fmt.Errorf("provider %q is none; name one that is configured", s.Provider)
	}
	out := &service{Service: s, provider: provider, log: log}
	var usable int
	var last error
	for _, path := range s.TokenFiles {
		file := newSecret(path)
		_, err := file.secret()
		file.good = err == nil
		out.files = append(out.files, file)
		if file.good {
			usable++
			continue
		}
		last = err
		log.Warn("a secret of a service is not usable yet", "service", s.Name, "error", err)
	}
	switch {
	case len(s.TokenFiles) == 0:
		return nil, errors.New("token_files is missing; write a random secret into a file and name it here")
	case usable == 0:
		return nil, fmt.Errorf("token_files: %w", last)
	}
	return out, nil
}

// holds reports whether a sum is that of one of the service's secrets. All are
// compared, whatever comes out, in a time that says nothing about them.
func (s *service) holds(sum [sha256.Size]byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := 0
	for i := range s.files {
		file := &s.files[i]
		secret, err := file.secret()
		was := file.good
		if file.good = err == nil; !file.good {
			if was {
				s.log.Warn("a service's secret is no longer valid", "service", s.Name, "error", err)
			}
			continue
		}
		own := sha256.Sum256([]byte(secret))
		found |= subtle.ConstantTimeCompare(own[:], sum[:])
	}
	return found == 1
}

// proof is the service's word for a person.
func (s *service) proof(person string, now time.Time) (Proof, error) {
	out := Proof{
		Provider: s.provider.Name, Issuer: s.provider.Issuer, Subject: person, Service: s.Name,
		Until: now.Add(serviceProof).Unix(),
	}
	switch {
	case person == "":
		return Proof{}, refuse(BadPerson, "a service has to say for whom it asks")
	case !isName(person, maxName):
		return Proof{}, refuse(BadPerson, "want a name of at most 255 bytes")
	case s.provider.Type == TypeBackstage:
		if !isUserRef(person) {
			return Proof{}, refuse(BadPerson, "want a user of the catalog in lower case, such as user:default/jane")
		}
		out.Entity = person
	}
	return out, nil
}
