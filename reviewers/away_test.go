// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"testing"
	"time"
)

func TestAway(t *testing.T) {
	for status, want := range map[string]bool{
		"OOO":                                            true,
		"Out of office":                                  true,
		"out of the office, ask @bob":                    true,
		"🌴 on vacation":                                  true,
		"On leave.":                                      true,
		"parental leave until summer":                    true,
		"Sick today":                                     true,
		"Away":                                           true,
		"away until Monday":                              true,
		"PTO":                                            true,
		"Public holiday":                                 true,
		"Im Urlaub":                                      true,
		"Krankgeschrieben":                               true,
		"Elternzeit":                                     true,
		"en congé":                                       true,
		"Absente cette semaine":                          true,
		"en vacances":                                    true,
		"De vacaciones":                                  true,
		"Fuera de la oficina":                            true,
		"OOO until 2026-12-01":                           true,
		"OOO until 2026-11-26":                           true,
		"OOO until 2026-11-25":                           false,
		"OOO, back on 2026-11-27":                        true,
		"OOO, back on 2026-11-26":                        false,
		"On vacation, back Dec 3rd":                      true,
		"On vacation, back Monday, Nov 23":               false,
		"away until January 5":                           true,
		"away until 5 Jan":                               true,
		"away until Oct 1":                               false,
		"away till Oct 1, 2027":                          true,
		"away until 1/12":                                true,
		"away until 11/25":                               false,
		"away until 25/11/26":                            false,
		"vacation 2026-12-20 - 2026-12-31":               false,
		"vacation 2026-11-20 – 2026-12-31":               true,
		"vacation from Nov 20 to Nov 24":                 false,
		"vacation from Dec 20":                           false,
		"vacation since Nov 20":                          true,
		"vacation 24 Dec":                                false,
		"vacation 26 Nov":                                true,
		"back in January, on leave":                      true,
		"on leave until November":                        false,
		"Urlaub bis 30.11.":                              true,
		"Urlaub bis zum 24.11.2026":                      false,
		"Urlaub vom 1.12. bis 24.12.":                    false,
		"Urlaub, zurück am 1. Dezember":                  true,
		"Ab 30.11. im Urlaub":                            false,
		"en vacances jusqu'au 1er décembre":              true,
		"en congé jusqu’au 20 novembre 2026":             false,
		"en vacances du 1 au 15 décembre":                true, // the first date has no month, so that it began whenever
		"de vacaciones hasta el 1 de diciembre":          true,
		"de vacaciones hasta el 20 de noviembre de 2026": false,
		"vacation until 99/99":                           true,
		"vacation until 2026-13-40":                      true,
		"":                                               false,
		"on call":                                        false,
		"On call until 2026-12-01":                       false,
		"reviewing until Friday":                         false,
		"Reviews in the morning (UTC)":                   false,
		"Back from vacation":                             false,
		"I answer right away":                            false,
		"sick of flaky tests":                            false,
		"not on vacation":                                false,
		"no longer OOO, not away":                        false,
		"leave me a comment":                             false,
		"working from home":                              false,
		"in the office":                                  false,
		"PTO on Fridays":                                 false,
		"out of memory expert":                           false,
		"SRE / payments":                                 false,
		"Takeaway team":                                  false,
		"nicht im Urlaub":                                false,
		"zurück aus dem Urlaub":                          false,
		"de retour de vacances":                          false,
		"focus week":                                     false,
		"back on 2026-11-27":                             true,
		"Back on 2026-12-24":                             true,
		"🌴 back Dec 3rd":                                 true,
		"I'll be back on 2027-08-01":                     true,
		"Back to work on 2026-12-01":                     true,
		"Returning on 12/01":                             true,
		"Wieder da am 1.12.":                             true,
		"bin am 1.12. zurück":                            false,
		"Zurück am 1. Dezember":                          true,
		"De retour le 1er décembre":                      true,
		"Back on 2026-11-26":                             false,
		"Back since 2026-11-20":                          false,
		"Back on May 6":                                  false, // nobody knows of which year
		"Back on Monday":                                 false,
		"Back on call 2026-12-01":                        false,
		"Back on Monday, 2026-11-30":                     true,
		"Backend on 2026-12-01":                          false,
		"Rolling back on 2026-12-01":                     false,
		"Feature freeze 2026-12-01":                      false,
		"Back from Rome since 2026-12-24":                false,
		"Out until Monday":                               true,
		"Out until 2026-12-01":                           true,
		"Out until Nov 20":                               false,
		"Out through Friday":                             true,
		"Gone till November":                             false,
		"out of ideas until Monday":                      false,
		"PTO 12/20-1/5":                                  false,
		"PTO 11/20-1/5":                                  true,
		"PTO 11/20 - 11/24":                              false,
		"PTO 20/11-5/1":                                  true,
		"working on vacation tracker":                    false,
		"Working on the sick leave form":                 false,
		"Vacation tracker team":                          false,
		"owner of the PTO policy":                        false,
		"holiday calendar API":                           false,
		"fixing the unavailable banner":                  false,
		"On vacation, app team has questions":            true,
		"PTO; tool questions to Bob":                     true,
		"working on payments, on vacation":               true,
	} {
		now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
		if got := Away(status, now); got != want {
			t.Errorf("Away(%q) = %v, want %v", status, got, want)
		}
	}
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	if !Away("Focus week until 2026-12-01", now, "", "focus  week") || Away("Focus week until 2026-11-01", now, "focus week") || Away("focus", now, "focus week") {
		t.Error("the operator's words do not count like ours")
	}
}

// A text does not change while time goes by.
func TestAwayLater(t *testing.T) {
	for _, tt := range []struct {
		status string
		want   string // for 19, 20, 31 December, 5, 6 January and 1 March
	}{
		{"PTO 12/20-1/5", ".###.."},
		{"PTO 12/20 – 1/5", ".###.."},
		{"Urlaub 20/12-5/1", ".###.."},
		{"Back on 2027-01-06", "####.."},
		{"Back on Jan 6", "####.."},
		{"out until Jan 5", "####.."},
		{"PTO Dec 20 - Jan 5", ".###.."},
	} {
		got := ""
		for _, day := range []string{"2026-12-19", "2026-12-20", "2026-12-31", "2027-01-05", "2027-01-06", "2027-03-01"} {
			now, err := time.Parse(time.DateOnly, day)
			if err != nil {
				t.Fatal(err)
			}
			got += map[bool]string{true: "#", false: "."}[Away(tt.status, now.Add(12*time.Hour))]
		}
		if got != tt.want {
			t.Errorf("Away(%q) = %s, want %s", tt.status, got, tt.want)
		}
	}
}

// An absence that a text dates begins and ends.
func FuzzAway(f *testing.F) {
	f.Add("OOO from 1/2/2026 until 31.12. back in März", int64(1_700_000_000))
	f.Add("away 2026-01-01 - 2026-02-30", int64(0))
	f.Fuzz(func(t *testing.T, status string, at int64) {
		now := time.Unix(at%4e9, 0)
		if Away(status, now) && !Away(status, now, "more") {
			t.Errorf("Away(%q) ends with more words", status)
		}
	})
}
