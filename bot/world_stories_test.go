// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"

	"review-assistant/review"
)

// stories is what the world knows of where changes come from. Tests fill in
// what they need.
type stories struct {
	chains     map[review.ChangeID][]review.Related
	merges     map[string][]review.Commit // by revision
	attributes map[string]string          // by project
}

func (w *world) Related(_ context.Context, c review.Change) ([]review.Related, error) {
	return w.chains[c.ID], w.call("related")
}

func (w *world) Merged(_ context.Context, _ review.Change, ps review.PatchSet) ([]review.Commit, bool, error) {
	return w.merges[ps.Revision], false, w.call("merged")
}

func (w *world) ByCommit(_ context.Context, project, sha string) (review.ChangeID, int, bool, error) {
	if err := w.call("commit"); err != nil {
		return review.ChangeID{}, 0, false, err
	}
	for id, c := range w.changes {
		for _, ps := range c.PatchSets {
			if id.Project == project && ps.Revision == sha {
				return id, ps.Number, true, nil
			}
		}
	}
	return review.ChangeID{}, 0, false, nil
}

func (w *world) Attributes(_ context.Context, project, _ string) ([]byte, error) {
	return []byte(w.attributes[project]), w.call("attributes")
}
