// SPDX-License-Identifier: Apache-2.0

package server

import (
	"cmp"

	"github.com/labstack/echo/v4"

	"review-assistant/board"
)

// branchesAnswer is the answer about branches.
type branchesAnswer struct {
	// Host and Project are missing where nothing is told of whose code it is.
	Host     string         `json:"host,omitempty"`
	Project  string         `json:"project,omitempty"`
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
	out := branchesAnswer{Host: q.Host, Branches: list}
	// Whose code an entity is, is told with what may be shown of it, not before.
	if src := s.opts.Failures.Source; src != nil && len(list) > 0 {
		found, _ := src(entity)
		out.Host, out.Project = cmp.Or(found.Host, q.Host), found.Project
	}
	out.Host = cmp.Or(out.Host, s.onlyHost())
	return answer(c, out)
}
