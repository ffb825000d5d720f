// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"review-assistant/review"
	"review-assistant/reviewers"
)

const (
	// importBatch is how many changes are stored at once.
	importBatch = 500
	// maxAddresses bounds what an import remembers of people.
	maxAddresses = 100_000
)

// ImportOptions say how past changes are added.
type ImportOptions struct {
	// Offline asks Gerrit nothing: addresses are taken for people, and whether
	// the project opted in is left to whoever imports.
	Offline  bool
	Progress func(Imported)
}

// Imported counts what an import did.
type Imported struct {
	Read  int // changes
	Added int // of them that were not known and tell something
	// People were seen, of whom Gerrit knows no active account of Unknown.
	People, Unknown int
}

// Import adds past changes of a project that were read elsewhere. Their people
// are known by e-mail address alone. Doing it again adds nothing.
func (b *Bot) Import(ctx context.Context, hostID, project string, changes iter.Seq2[review.Past, error], o ImportOptions) (Imported, error) {
	i := importer{b: b, host: hostID, o: o, people: map[string]review.Account{}}
	host, ok := b.hosts[hostID]
	if !ok {
		return i.count, fmt.Errorf("no Gerrit with id %q is configured", hostID)
	}
	may := b.notStopped(ctx, hostID, project)
	if !o.Offline {
		may = b.mayLearn(ctx, host, hostID, project)
	}
	if may != nil {
		return i.count, may
	}
	var batch []review.Past
	for p, err := range changes {
		if err != nil {
			return i.count, errors.Join(err, i.flush(ctx, batch))
		}
		if batch = append(batch, p); len(batch) == importBatch {
			if err := i.flush(ctx, batch); err != nil {
				return i.count, err
			}
			batch = batch[:0]
		}
	}
	return i.count, i.flush(ctx, batch)
}

type importer struct {
	b      *Bot
	host   string
	o      ImportOptions
	people map[string]review.Account // by address in lower case
	count  Imported
}

func (i *importer) flush(ctx context.Context, batch []review.Past) error {
	if err := i.resolve(ctx, batch); err != nil {
		return err
	}
	now := i.b.now()
	for n := range batch {
		p := &batch[n]
		p.Host, p.Author = i.host, i.people[address(p.Author)]
		p.Reviewers = i.reviewers(p)
		// A wrong clock must not keep a row for ever.
		if p.Closed.After(now) {
			p.Closed = now
		}
		if p.Created.After(p.Closed) {
			p.Created = p.Closed
		}
	}
	added, _, err := i.b.append(ctx, i.host, batch)
	i.count.Added += added
	if err != nil {
		return err
	}
	i.count.Read += len(batch)
	if i.o.Progress != nil && len(batch) > 0 {
		i.o.Progress(i.count)
	}
	return nil
}

// reviewers returns who looked at a change besides its author and robots.
func (i *importer) reviewers(p *review.Past) (out []review.Account) {
	seen := map[int64]bool{0: true, p.Author.ID: true}
	for _, r := range p.Reviewers {
		if a := i.people[address(r)]; !seen[a.ID] && !a.Service {
			seen[a.ID] = true
			out = append(out, a)
		}
	}
	return out
}

// resolve finds the accounts of people who were not met before. Who has none
// stays one person, under a number made of the address.
func (i *importer) resolve(ctx context.Context, batch []review.Past) error {
	if len(i.people) > maxAddresses {
		clear(i.people)
	}
	var unknown []review.Person
	meet := func(a review.Account) {
		at := address(a)
		if _, met := i.people[at]; met || at == "" {
			return
		}
		i.people[at] = review.Account{ID: reviewers.MailID(at)}
		i.count.People++
		unknown = append(unknown, review.Person{Email: at})
	}
	for _, p := range batch {
		meet(p.Author)
		for _, r := range p.Reviewers {
			meet(r)
		}
	}
	if i.o.Offline || len(unknown) == 0 {
		return nil
	}
	found, err := i.b.hosts[i.host].People.Resolve(ctx, unknown)
	if err != nil {
		return fmt.Errorf("look up accounts: %w", err)
	}
	for n, p := range found {
		if p.Account.ID > 0 {
			i.people[unknown[n].Email] = p.Account
		} else {
			i.count.Unknown++
		}
	}
	return nil
}

func address(a review.Account) string { return strings.ToLower(strings.TrimSpace(a.Email)) }
