// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"context"
	"slices"

	"review-assistant/review"
)

// Sources puts a catalog and the owners files of repositories together. Either
// may be missing.
type Sources struct {
	Catalog interface {
		Owners(ctx context.Context, host, project, branch string, paths []string) ([]review.Owner, string, error)
	}
	Files map[string]OwnersFiles // by the id of the Gerrit
}

// Owners returns what both say, the nearest claim first.
func (s Sources) Owners(ctx context.Context, host, project, branch string, paths []string) (owners []review.Owner, note string, err error) {
	if s.Catalog != nil {
		if owners, note, err = s.Catalog.Owners(ctx, host, project, branch, paths); err != nil {
			return nil, "", err
		}
	}
	if files, there := s.Files[host]; there {
		more, told, err := files.Owners(ctx, project, branch, paths)
		if err != nil {
			return nil, "", err
		}
		owners, note = append(owners, more...), joinNotes(note, told)
		slices.SortStableFunc(owners, nearer)
	}
	return owners, note, nil
}
