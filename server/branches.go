// SPDX-License-Identifier: Apache-2.0

package server

import (
	"github.com/labstack/echo/v4"

	"review-assistant/board"
)

// branchesAnswer is the answer about branches.
type branchesAnswer struct {
	// Host, Project and Mode are missing where nothing is told of whose code it is.
	Host     string         `json:"host,omitempty"`
	Project  string         `json:"project,omitempty"`
	Mode     string         `json:"mode,omitempty"`
	Branches []board.Branch `json:"branches"`
}

// branches answers a person with the branches of a component.
func (s *Server) branches(c echo.Context) error {
	entity, err := entityIn(c)
	if err != nil {
		return err
	}
	query, err := asked(c, "host")
	if err != nil {
		return err
	}
	q := board.BranchesQuery{Place: board.Place{Entity: entity, Host: query.Get("host")}}
	ctx, cancel := s.within(c)
	defer cancel()
	list, err := s.opts.API.Board.Branches(ctx, *viewerOf(c), q)
	if err != nil {
		return s.boardProblem(c, err)
	}
	out := branchesAnswer{Branches: list.Rows, Mode: list.Mode}
	out.Host, out.Project = s.whose(q.Place, list.Mode)
	return answer(c, out)
}
