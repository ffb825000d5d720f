// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"fmt"
	"math"
	"time"
)

// Caps limit what a project, or the whole server, may use in a day and in a
// month (UTC); 0 means no cap. Money is in millionths of the currency that the
// profiles' prices are in.
type Caps struct {
	TokensPerDay, TokensPerMonth int64
	MoneyPerDay, MoneyPerMonth   int64
}

// Micros returns an amount of money in millionths. What is more than 0 stays
// so: a cap of 0 would be none.
func Micros(amount float64) int64 {
	if !(amount > 0) {
		return 0
	}
	return max(1, int64(math.Round(amount*1e6)))
}

// Scope is whom a cap is for.
type Scope string

// The scopes.
const (
	ScopeServer  Scope = "server"
	ScopeProject Scope = "project"
	ScopeChange  Scope = "change"
)

// Period is how long a cap holds before it starts anew, in UTC.
type Period string

// The periods.
const (
	Day   Period = "day"
	Month Period = "month"
)

// Unit is what a cap counts.
type Unit string

// The units. Money is counted in millionths.
const (
	Tokens Unit = "tokens"
	Money  Unit = "money"
)

// Cap is one limit in the period that it is counted for.
type Cap struct {
	Scope  Scope
	Name   string // HOST/NAME of a project, HOST/NAME~NUMBER of a change
	Period Period
	Unit   Unit
	Limit  int64     // in the unit; 0 means none
	Resets time.Time // when the period ends
}

// Whom returns the scope in words, such as "project main/demo".
func (c Cap) Whom() string {
	if c.Scope == ScopeServer {
		return "the server"
	}
	return string(c.Scope) + " " + c.Name
}

// Amount writes n of the cap's unit for people: tokens, or money with cents.
func (c Cap) Amount(n int64) string {
	if c.Unit == Money {
		return fmt.Sprintf("%.2f", float64(n)/1e6)
	}
	return fmt.Sprint(n)
}

// BudgetError says that a cap leaves no room for a request.
type BudgetError struct{ Cap Cap }

func (e *BudgetError) Error() string {
	c := e.Cap
	unit := "token"
	if c.Unit == Money {
		unit = "money"
	}
	return fmt.Sprintf("%s budget of %s (%s a %s) is spent until %s", unit, c.Whom(), c.Amount(c.Limit), c.Period, c.Resets.Format("2006-01-02 15:04 MST"))
}

// account is one number that a request counts on.
type account struct {
	Cap
	key string
}

func newAccount(now time.Time, s Scope, name string, p Period, u Unit, limit int64) account {
	now = now.UTC()
	start, layout := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC), time.DateOnly
	end := start.AddDate(0, 0, 1)
	if p == Month {
		start, layout = start.AddDate(0, 0, 1-now.Day()), "2006-01"
		end = start.AddDate(0, 1, 0)
	}
	key := string(u) + "/" + start.Format(layout) + "/" + string(s)
	if name != "" {
		key += "/" + name
	}
	return account{Cap{s, name, p, u, limit, end}, key}
}

// ttl keeps a number through its period and a day to look at it.
func (a account) ttl() time.Duration {
	if a.Period == Month {
		return 33 * 24 * time.Hour
	}
	return 48 * time.Hour
}
