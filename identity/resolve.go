// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"review-assistant/review"
)

// Accounts is one Gerrit, asked about people. Nothing it answers is older than
// the question.
type Accounts interface {
	// Self returns the bot's own account, which is nobody's.
	Self(ctx context.Context) (review.Account, error)
	// Known maps people to accounts, in their order: Account, Gone and Doubt
	// say what was found.
	Known(ctx context.Context, people []review.Person) ([]review.Person, error)
	// Member reports whether an account is in a group, named by name or id. A
	// group that the bot cannot see is a [review.DeniedError].
	Member(ctx context.Context, group string, a review.Account) (bool, error)
}

// Catalog knows people. Its answers are those of its last read.
type Catalog interface {
	// User returns a user by reference, such as "user:default/jane".
	User(ref string) (review.Person, bool)
	// UserNamed returns the one user who has this Gerrit user name.
	UserNamed(username string) (review.Person, bool)
	// Revision names the last read, "" before the first.
	Revision() string
}

// Mapping says how persons of one provider lead to accounts.
type Mapping struct {
	Provider string // name in the configuration
	Issuer   string
	// Entities is set for a provider whose subjects are users of the catalog.
	Entities bool
	// EntityNames takes NAME of user:default/NAME for a Gerrit user name.
	EntityNames bool
	// Email has the provider's verified e-mail address agree too.
	Email bool
	Hosts []string // ids of Gerrits, empty for all
}

// ResolverOptions are what a resolver works with. Log and Now may be nil.
type ResolverOptions struct {
	Providers []Mapping
	Hosts     map[string]Accounts // by the id of their Gerrit
	Catalog   Catalog             // nil for none
	Bindings  Rows
	Roles     []RoleRule
	// Denied is told of each refusal of a proven person, once per person,
	// reason and minute. It may be nil.
	Denied func(context.Context, Proof, *RefusedError)
	// Bound is told of each binding that is made, and of the issuers by which
	// other persons are on that account already: each configured provider can
	// vouch for anybody. It may be nil.
	Bound func(ctx context.Context, b Binding, others []string)
	Log   *slog.Logger
	Now   func() time.Time
}

const (
	// freshAge is for how long somebody who was renamed, switched off or taken
	// out of a group may still be what they were.
	freshAge = time.Minute
	// refusedAge is how long a refusal stands after what caused it was mended.
	refusedAge = 10 * time.Second
	// askTime bounds all questions about one person.
	askTime = 20 * time.Second
	// maxRecent is how many people are remembered at once.
	maxRecent = 10_000
	// tellEvery is how often the same is told.
	tellEvery = time.Minute
)

// Resolver finds the accounts and roles of proven people.
type Resolver struct {
	o      ResolverOptions
	recent *recent
	denied *rarely
	told   *rarely
}

// NewResolver returns a resolver that remembers nobody yet.
func NewResolver(o ResolverOptions) *Resolver {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Resolver{o: o, recent: newRecent(maxRecent), denied: newRarely(maxRecent), told: newRarely(maxRecent)}
}

// Resolve returns who a proven person is here. Who is not certain is refused
// with a [RefusedError]; when Gerrit, the catalog or the store cannot tell now,
// the error is a [review.RetryError]. An answer is at most a minute old.
func (r *Resolver) Resolve(ctx context.Context, p Proof) (review.Viewer, error) {
	v, err := r.recent.of(ctx, p.digest(), r.o.Now, func(ctx context.Context) (review.Viewer, error) {
		w := walk{r: r, proof: p, keep: true}
		return w.viewer(ctx)
	})
	if err != nil {
		if refused, is := errors.AsType[*RefusedError](err); is {
			r.deny(ctx, p, refused)
			return review.Viewer{}, refused
		}
		return review.Viewer{}, retry(err)
	}
	v.Service, v.Until = p.Service, time.Unix(p.Until, 0).UTC()
	v.Accounts, v.Roles = maps.Clone(v.Accounts), slices.Clone(v.Roles)
	return v, nil
}

// deny tells of a refusal, but not of each one of a storm.
func (r *Resolver) deny(ctx context.Context, p Proof, refused *RefusedError) {
	if r.denied.may(personHash(p.Issuer, p.Subject)+string(refused.Reason), r.o.Now()) && r.o.Denied != nil {
		r.o.Denied(ctx, p, refused)
	}
}

// retry makes an error of somebody who did not answer one that says so.
func retry(err error) error {
	if _, is := errors.AsType[*review.RetryError](err); is {
		return err
	}
	return &review.RetryError{Err: err}
}

// walk follows one person from proof to accounts. Each thing that it looks at
// is a step, so that what explain shows is what decides.
type walk struct {
	r      *Resolver
	proof  Proof
	keep   bool // bind what is certain; explain only looks
	blind  bool // no token is there, so that what it says of groups is not known
	steps  []Step
	entity string // of the catalog
}

func (w *walk) say(status, place, do, format string, args ...any) {
	w.steps = append(w.steps, Step{Status: status, Place: place, Says: fmt.Sprintf(format, args...), Do: do})
}

// refuse is say for what denies.
func (w *walk) refuse(reason Reason, place, do, format string, args ...any) *RefusedError {
	w.say(Fails, place, do, format, args...)
	detail := w.steps[len(w.steps)-1].Says
	if do != "" {
		detail += "; " + do
	}
	return &RefusedError{Reason: reason, Detail: place + ": " + detail}
}

// viewer asks everybody who knows something, and refuses unless all agree.
// What is not certain on one Gerrit denies all of them.
func (w *walk) viewer(ctx context.Context) (review.Viewer, error) {
	from, known := w.r.provider(w.proof.Provider)
	if !known {
		return review.Viewer{}, w.refuse(BadIssuer, "provider", "", "no provider %.40q is configured", w.proof.Provider)
	}
	if w.proof.Subject != "" {
		w.say(Fine, "provider", "", "%s vouches for %.200q", from.Provider, w.proof.Subject)
	}
	leads, err := w.leads(from)
	if err != nil {
		return review.Viewer{}, err
	}
	var denied, nobody *RefusedError
	accounts := map[string]review.Account{}
	hosts := w.r.hostsOf(from)
	for _, host := range hosts {
		a, refused, err := w.account(ctx, host, leads)
		switch {
		case err != nil:
			return review.Viewer{}, err
		case refused == nil:
			accounts[host] = a
		case refused.Reason == NoAccount || refused.Reason == Inactive || refused.Reason == Machine:
			// That there is none says the least.
			if nobody == nil || nobody.Reason == NoAccount || refused.Reason == Inactive {
				nobody = refused
			}
		case denied == nil:
			denied = refused
		}
	}
	// Nothing is bound of a person in doubt: what stands on each Gerrit is looked
	// at before anything is bound on one.
	may := []bool{false, true}
	if !w.keep || len(accounts) < 2 {
		may = may[1:]
	}
	for _, may := range may {
		for _, host := range slices.Sorted(maps.Keys(accounts)) {
			refused, err := w.bind(ctx, host, accounts[host], leads, may && denied == nil)
			if err != nil {
				return review.Viewer{}, err
			}
			denied = cmp.Or(denied, refused)
		}
	}
	switch {
	case denied != nil:
		return review.Viewer{}, denied
	case len(accounts) == 0 && nobody == nil:
		return review.Viewer{}, w.refuse(NoAccount, "provider", "add one to gerrits of the provider", "%s leads to no Gerrit", from.Provider)
	case len(accounts) == 0:
		return review.Viewer{}, nobody
	}
	roles, err := w.roles(ctx, accounts)
	if err != nil {
		return review.Viewer{}, err
	}
	return review.Viewer{Issuer: w.proof.Issuer, Subject: w.proof.Subject, Entity: w.entity, Accounts: accounts, Roles: roles}, nil
}

func (r *Resolver) provider(name string) (Mapping, bool) {
	i := slices.IndexFunc(r.o.Providers, func(m Mapping) bool { return m.Provider == name })
	if i < 0 {
		return Mapping{}, false
	}
	return r.o.Providers[i], true
}

// hostsOf returns the Gerrits that a provider leads to, sorted.
func (r *Resolver) hostsOf(from Mapping) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(r.o.Hosts)), func(id string) bool {
		return len(from.Hosts) > 0 && !slices.Contains(from.Hosts, id)
	})
}

// lead is one word that may lead to an account, and where it did on a Gerrit.
type lead struct {
	from    string        // as a sentence says it
	person  review.Person // with a user name or an e-mail address
	exact   bool          // letters count as they are written
	account review.Account
	gone    int64 // an inactive account
	many    bool
}

func (l lead) name() bool { return l.person.Username != "" }

// what says the word, unless it is an address: those are in no log.
func (l lead) what() string {
	if l.name() {
		return fmt.Sprintf("the user name %.80q (%s)", l.person.Username, l.from)
	}
	return "the e-mail address (" + l.from + ")"
}

// defaultUsers is how references of people begin unless a namespace is told.
const defaultUsers = "user:default/"

// leads collects what token and catalog know of a person.
func (w *walk) leads(from Mapping) ([]lead, error) {
	var out []lead
	p := w.proof
	if p.Username != "" {
		out = append(out, lead{from: "claim of the provider", person: review.Person{Username: p.Username}, exact: true})
	} else if !from.Entities {
		w.say(Warns, "provider", "set username_claim of the provider to the claim that holds it", "the token names no user name")
	}
	if from.Email && p.Email != "" {
		out = append(out, lead{from: "of the provider", person: review.Person{Email: p.Email}})
	}
	// The same name in another namespace is somebody else's.
	if name, is := strings.CutPrefix(p.Entity, defaultUsers); is && from.EntityNames {
		out = append(out, lead{from: "name of the entity", person: review.Person{Username: name}})
	}
	user, known, err := w.user()
	if err != nil || !known {
		return out, err
	}
	w.entity = user.Entity
	if user.Username != "" && !(p.Entity == "" && user.Username == p.Username) {
		out = append(out, lead{from: "annotation in the catalog", person: review.Person{Username: user.Username}})
	}
	if user.Email != "" {
		out = append(out, lead{from: "of the catalog", person: review.Person{Email: user.Email}})
	}
	return out, nil
}

// user finds the person in the catalog. Who was named by it has to be in it.
func (w *walk) user() (user review.Person, known bool, err error) {
	c, p := w.r.o.Catalog, w.proof
	switch {
	case p.Entity != "" && !isUserRef(p.Entity):
		return user, false, w.refuse(Unknown, "catalog", "write user:NAMESPACE/NAME in lower case, as the API wants it", "%.200q is no user of a catalog", p.Entity)
	case c == nil && p.Entity != "":
		w.entity = p.Entity
		w.say(Warns, "catalog", "set catalog.url or catalog.files", "no catalog is configured: whether %.200q is still there is not known", p.Entity)
		return user, false, nil
	case c == nil || p.Entity == "" && p.Username == "":
		return user, false, nil
	case c.Revision() == "":
		return user, false, &review.RetryError{Err: errors.New("the catalog was not read yet")}
	case p.Entity == "":
		if user, known = c.UserNamed(p.Username); !known {
			w.say(Fine, "catalog", "", "nobody is annotated with the user name %.80q: the catalog says nothing", p.Username)
			return user, false, nil
		}
	default:
		if user, known = c.User(p.Entity); !known {
			return user, false, w.refuse(Unknown, "catalog", "add the user to the catalog", "%.200q is not, or no longer, in the catalog", p.Entity)
		}
	}
	name := "has no user name for Gerrit"
	if user.Username != "" {
		name = fmt.Sprintf("has the user name %.80q for Gerrit", user.Username)
	}
	w.say(Fine, "catalog", "", "%s %s", user.Entity, name)
	return user, true, nil
}

// account asks one Gerrit where the leads lead.
func (w *walk) account(ctx context.Context, host string, leads []lead) (review.Account, *RefusedError, error) {
	place := "gerrit " + host
	people := make([]review.Person, len(leads))
	for i, l := range leads {
		people[i] = l.person
	}
	gerrit := w.r.o.Hosts[host]
	known, err := gerrit.Known(ctx, people)
	if err == nil && len(known) != len(people) {
		err = errors.New("the answer does not fit the question")
	}
	if err != nil {
		return review.Account{}, nil, fmt.Errorf("look up accounts on %s: %w", host, err)
	}
	self, err := gerrit.Self(ctx)
	if err != nil {
		return review.Account{}, nil, fmt.Errorf("look up accounts on %s: %w", host, err)
	}
	leads = slices.Clone(leads)
	for i := range leads {
		l, k := &leads[i], known[i]
		switch {
		case k.Account.ID != 0 && l.exact && k.Account.Username != l.person.Username:
			w.say(Warns, place, "letters count as they are written: have the claim hold the user name as Gerrit has it", "%s leads to nobody; there is %.80q", l.what(), k.Account.Username)
		case k.Account.ID != 0:
			l.account = k.Account
			w.say(Fine, place, "", "%s leads to account %d, %.80q", l.what(), k.Account.ID, k.Account.Display())
		case k.Gone != 0:
			l.gone = k.Gone
			w.say(Warns, place, "", "%s leads to account %d, which is switched off", l.what(), k.Gone)
		case k.Doubt != "":
			l.many = true
			w.say(Warns, place, "", "%s leads to more than one account", l.what())
		default:
			w.say(Fine, place, "", "%s leads to nobody", l.what())
		}
	}
	a, no := decide(leads, self)
	if no != nil && no.do == "" {
		no.do = "set username_claim of the provider to the claim that holds the Gerrit user name"
		if w.proof.Entity != "" {
			no.do = "annotate the catalog's user with review-assistant/username"
		}
	}
	if no != nil {
		return review.Account{}, w.refuse(no.reason, place, no.do, "%s", no.says), nil
	}
	return a, nil, nil
}

// no is why leads decide for nobody. Do is empty for what depends on the provider.
type no struct {
	reason   Reason
	says, do string
}

// decide returns the one account to which all leads lead. A user name leads;
// an e-mail address only has to agree.
func decide(leads []lead, self review.Account) (review.Account, *no) {
	const mend = "correct the annotation in the catalog, or the claim at the provider"
	var found review.Account
	var id int64
	first, lost := "", ""
	for _, l := range leads {
		at := cmp.Or(l.account.ID, l.gone)
		switch {
		case l.many:
			return found, &no{Ambiguous, l.what() + " is that of more than one active account", "leave it to one of them"}
		case !l.name():
		case at == 0:
			lost = l.what()
		case id != 0 && id != at:
			return found, &no{Ambiguous, fmt.Sprintf("%s leads to account %d, %s to account %d", first, id, l.what(), at), mend}
		default:
			found, id, first = l.account, at, l.what()
		}
	}
	hint := ""
	for _, l := range leads {
		switch {
		case l.name() || l.account.ID == 0 || l.account.ID == id:
		case id == 0:
			hint = fmt.Sprintf(", and the e-mail address of account %d alone is no proof", l.account.ID)
		default:
			return found, &no{Ambiguous, fmt.Sprintf("%s leads to account %d, %s to account %d", first, id, l.what(), l.account.ID), mend}
		}
	}
	switch {
	case id == 0 && lost == "":
		return found, &no{NoAccount, "no user name is known" + hint, ""}
	case id == 0:
		return found, &no{NoAccount, lost + " leads to no account" + hint, "have the person sign in to Gerrit once, or correct the name: review-assistant/username in the catalog, or the claim"}
	case lost != "":
		return found, &no{Ambiguous, fmt.Sprintf("%s leads to account %d, %s to nobody", first, id, lost), mend}
	case found.ID == 0:
		return found, &no{Inactive, fmt.Sprintf("account %d is switched off", id), "switch it on in Gerrit, if the person may work there"}
	case found.Service || found.ID == self.ID:
		return review.Account{}, &no{Machine, fmt.Sprintf("account %d is no person's: it is a service user", id), "use the person's own account"}
	}
	return found, nil
}
