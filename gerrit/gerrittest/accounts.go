// SPDX-License-Identifier: Apache-2.0

package gerrittest

import (
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Account is somebody on the server.
type Account struct {
	ID       int64
	Name     string
	Email    string
	Username string
	Password string
	Service  bool // member of "Service Users"
	Inactive bool
	Status   string
}

type group struct {
	name    string
	visible bool
	members []int64
}

func (g *group) id() string { return groupID(g.name) }

// groupID makes the id of a group of its name. System groups have ids of their
// own, which stand for themselves.
func groupID(name string) string {
	if strings.HasPrefix(name, "global:") {
		return name
	}
	return fmt.Sprintf("%x", sha1.Sum([]byte("group "+name)))
}

// addAccount fills in what is missing. The caller holds the lock or is alone.
func (s *Server) addAccount(a Account) *Account {
	a.ID = int64(1_000_000 + len(s.accounts))
	if a.Username == "" {
		a.Username = "user" + strconv.FormatInt(a.ID, 10)
	}
	if a.Name == "" {
		a.Name = strings.ToUpper(a.Username[:1]) + a.Username[1:] + " Example"
	}
	if a.Email == "" {
		a.Email = a.Username + "@example.com"
	}
	if a.Password == "" {
		a.Password = "password-of-" + a.Username
	}
	s.accounts = append(s.accounts, &a)
	return &a
}

// Bot returns the service account that the bot signs in with.
func (s *Server) Bot() Account { return s.Person("review-assistant") }

// Person returns the account with that user name, and makes it at first use.
func (s *Server) Person(username string) Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *s.person(username)
}

func (s *Server) person(username string) *Account {
	if i := slices.IndexFunc(s.accounts, func(a *Account) bool { return a.Username == username }); i >= 0 {
		return s.accounts[i]
	}
	return s.addAccount(Account{Username: username})
}

// AddAccount makes an account, with the fields that are empty filled in.
func (s *Server) AddAccount(a Account) Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *s.addAccount(a)
}

// SetActive switches an account off or on. Who is off gets 401.
func (s *Server) SetActive(username string, active bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.person(username).Inactive = !active
}

// SetPassword gives an account a new password; the old one is refused at once.
func (s *Server) SetPassword(username, password string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.person(username).Password = password
}

// Group makes a group that everybody can see, or adds to it.
func (s *Server) Group(name string, members ...Account) { s.group(name, true, members) }

// HiddenGroup makes a group that only its members can see.
func (s *Server) HiddenGroup(name string, members ...Account) { s.group(name, false, members) }

func (s *Server) group(name string, visible bool, members []Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groups[name]
	if g == nil {
		g = &group{name: name}
		s.groups[name] = g
	}
	g.visible = visible
	for _, m := range members {
		g.members = append(g.members, m.ID)
	}
}

// GroupID returns the id of a group.
func (s *Server) GroupID(name string) string { return groupID(name) }

// Leave takes an account out of a group.
func (s *Server) Leave(group string, a Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.groups[group]; g != nil {
		g.members = slices.DeleteFunc(g.members, func(id int64) bool { return id == a.ID })
	}
}

func (s *Server) authenticate(username, password string) *Account {
	for _, a := range s.accounts {
		if a.Username == username && a.Password == password && !a.Inactive {
			return a
		}
	}
	return nil
}

// account finds an account by id, user name or e-mail address.
func (s *Server) account(key string) *Account {
	for _, a := range s.accounts {
		if key == strconv.FormatInt(a.ID, 10) || key == a.Username || key == a.Email {
			return a
		}
	}
	return nil
}

func (s *Server) byID(id int64) *Account { return s.accounts[id-1_000_000] }

// info returns the account as REST shows it.
func (a *Account) info() object {
	o := object{"_account_id": a.ID, "name": a.Name, "email": a.Email, "username": a.Username}
	if a.Service {
		o["tags"] = []string{"SERVICE_USER"}
	}
	if a.Inactive {
		o["inactive"] = true
	}
	if a.Status != "" {
		o["status"] = a.Status
	}
	return o
}

// event returns the account as events show it: without an id.
func (a *Account) event() object {
	return object{"name": a.Name, "email": a.Email, "username": a.Username}
}

func (q *request) accountsAPI(path []string) *answer {
	s := q.s
	if len(path) == 0 || path[0] == "" {
		return q.queryAccounts()
	}
	a := q.me
	if path[0] != "self" {
		a = s.account(path[0])
	}
	if a == nil {
		return text(http.StatusNotFound, "Account '%s' not found", path[0])
	}
	switch strings.Join(path[1:], "/") {
	case "":
		return ok(a.info())
	case "detail":
		o := a.info()
		o["registered_on"], o["secondary_emails"] = "2026-01-02 03:04:05.000000000", []string{}
		return ok(o)
	case "capabilities":
		if a.Username == "admin" {
			return ok(object{"administrateServer": true, "emailReviewers": true})
		}
		return ok(object{"emailReviewers": true, "queryLimit": object{"min": 0, "max": s.o.PageLimit}})
	case "status":
		var in struct{ Status string }
		if err := json.Unmarshal(q.body, &in); err != nil || q.method != http.MethodPut || a != q.me {
			return text(http.StatusForbidden, "not allowed to set status")
		}
		a.Status = in.Status
		return ok(a.Status)
	case "groups":
		list := []object{}
		if a == q.me {
			list = append(list,
				object{"id": "global%3AAnonymous-Users", "name": "Anonymous Users"},
				object{"id": "global%3ARegistered-Users", "name": "Registered Users"})
		}
		for _, g := range s.groups {
			if slices.Contains(g.members, a.ID) && q.seesGroup(g) {
				list = append(list, object{"id": g.id(), "name": g.name})
			}
		}
		return ok(list)
	}
	return notFound(path[1])
}

func (q *request) seesGroup(g *group) bool { return g.visible || slices.Contains(g.members, q.me.ID) }

func (q *request) groupsAPI(path []string) *answer {
	if len(path) == 0 {
		return notFound("groups")
	}
	for _, g := range q.s.groups {
		if (g.name != path[0] && g.id() != path[0]) || !q.seesGroup(g) {
			continue
		}
		if len(path) == 1 {
			return ok(object{"id": g.id(), "name": g.name})
		}
		members := []object{}
		for _, id := range g.members {
			members = append(members, q.s.byID(id).info())
		}
		return ok(members)
	}
	return text(http.StatusNotFound, "%s", path[0])
}

// queryAccounts knows operands joined by OR. Inactive accounts are found only
// by a query that names them.
func (q *request) queryAccounts() *answer {
	query := strings.NewReplacer("(", " ", ")", " ", `"`, "").Replace(q.values.Get("q"))
	list := []object{}
	words := strings.Fields(query)
	for _, w := range words {
		op, _, _ := strings.Cut(w, ":")
		_, err := strconv.ParseInt(w, 10, 64)
		if w != "OR" && op != "is" && op != "username" && op != "email" && err != nil {
			return text(http.StatusBadRequest, "unsupported operator %s", op)
		}
	}
	for _, a := range q.s.accounts {
		matches := slices.ContainsFunc(words, func(w string) bool {
			op, value, _ := strings.Cut(w, ":")
			return w == strconv.FormatInt(a.ID, 10) || op == "username" && a.Username == value ||
				op == "email" && strings.HasPrefix(strings.ToLower(a.Email), strings.ToLower(value))
		})
		if matches && (!a.Inactive || slices.Contains(words, "is:inactive")) {
			info := a.info()
			if !slices.Contains(q.values["o"], "DETAILS") {
				info = object{"_account_id": a.ID}
			}
			list = append(list, info)
		}
	}
	return ok(list)
}
