// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
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
	files    []*secretfile.File
}

func newService(s Service, provider *Provider, log *slog.Logger) (*service, error) {
	if provider == nil {
		return nil, fmt.Errorf("provider %q is none; name one that is configured", s.Provider)
	}
	out := &service{Service: s, provider: provider}
	var usable int
	var last error
	for _, path := range s.TokenFiles {
		file := secretfile.New(path, maxSecret)
		out.files = append(out.files, file)
		secret, err := file.Current()
		if err == nil && len(secret) < minSecret {
			err = fmt.Errorf("%s: want at least %d bytes", path, minSecret)
		}
		if err == nil {
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
	found := 0
	for _, file := range s.files {
		secret, err := file.Current()
		if err != nil || len(secret) < minSecret {
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
