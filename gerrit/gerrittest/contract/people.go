// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"fmt"
	"net/http"
	"path"
)

// accountDetails is about accounts of its own: others have reviews elsewhere.
func accountDetails(s *scene) {
	project := s.Project()
	busy := s.Person("busy" + path.Base(project))
	idle := s.Person("idle" + path.Base(project))
	s.want(s.call(busy, http.MethodPut, "/accounts/self/status", object{"status": "away until Monday"}), http.StatusOK, "away until Monday")
	client := s.client()
	ids := []int64{busy.ID, idle.ID, busy.ID, 999_999_999, 0}
	got, err := client.Accounts(s.Context(), ids)
	if err != nil || len(got) != 2 || got[busy.ID].Status != "away until Monday" || got[idle.ID].Username != idle.Username || got[idle.ID].Inactive {
		s.Errorf("the accounts are %+v, %v", got, err)
	}
	var open []Change
	for i := range 4 {
		open = append(open, s.Push(project, Push{Message: fmt.Sprint("Change ", i), Files: map[string]string{fmt.Sprint("f", i): "x\n"}}))
		s.Vote(open[i], busy.Username, 1)
	}
	s.SetWIP(open[1], true)
	s.Abandon(open[2])
	loads, err := client.OpenReviews(s.Context(), ids)
	if err != nil || loads[busy.ID] != 2 || loads[idle.ID] != 0 || loads[999_999_999] != 0 {
		s.Errorf("the open reviews are %v, %v; want 2 of the busy one", loads, err)
	}
	if loads, err := client.OpenReviews(s.Context(), []int64{s.Person("ann").ID}); err != nil || len(loads) != 1 {
		s.Errorf("of one account: %v, %v", loads, err)
	}
}
