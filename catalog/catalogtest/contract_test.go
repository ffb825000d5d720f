// SPDX-License-Identifier: Apache-2.0

package catalogtest_test

import (
	"testing"

	"review-assistant/catalog/catalogtest"
)

// fake lets the contract act on the fake.
type fake struct{ *catalogtest.Server }

func (f fake) URL() string   { return f.Server.URL }
func (f fake) Token() string { return f.Server.Token }

func (f fake) Move(_ *testing.T, component, owner string) {
	f.Edit(func(list []map[string]any) []map[string]any {
		for _, e := range list {
			if e["metadata"].(map[string]any)["name"] != component {
				continue
			}
			e["spec"].(map[string]any)["owner"] = owner
			relations := []any{map[string]any{"type": "ownedBy", "targetRef": owner}}
			for _, r := range e["relations"].([]any) {
				if r.(map[string]any)["type"] != "ownedBy" {
					relations = append(relations, r)
				}
			}
			e["relations"] = relations
		}
		return list
	})
}

func TestFake(t *testing.T) {
	s := catalogtest.Start("the-token-of-the-contract")
	defer s.Close()
	catalogtest.Run(t, fake{s})
}
