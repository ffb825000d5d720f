// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"fmt"
	"slices"
	"time"
)

func (s *sight) wordsAround() string  { return "around" }
func (s *sight) wordsBranch() string  { return "branch" }
func (s *sight) wordsAlone() string   { return "alone" }
func (s *sight) wordsFlips() string   { return "flips" }
func (s *sight) wordsSibling() string { return "sibling" }
func (s *sight) wordsEarlier() string { return fmt.Sprintf("failed on patch set %d too", s.earlier) }
func (s *sight) wordsTrouble() string { return "trouble" }
func (s *sight) wordsNode() string    { return "node" }

var (
	_ = slices.Sort[[]int]
	_ time.Time
)

func when(t int64, now time.Time) string { return "" }
