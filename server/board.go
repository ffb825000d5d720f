// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"

	"review-assistant/board"
	"review-assistant/review"
)

// Board is what people see, asked for a viewer who is proven. Each method
// returns only what Gerrit shows that viewer. A [review.GoneError] becomes a
// 404, a [review.DeniedError] a 403, a [review.RejectedError] a 400 that asks
// of which Gerrit, since the rest is checked before, and all else a 503.
type Board interface {
	// Changes returns a page of changes; the query has passed its Check.
	Changes(ctx context.Context, v review.Viewer, q board.ChangesQuery) (board.List[board.Change], error)
	// Change returns a change, with the summary of a patch set; 0 for the newest that has one.
	Change(ctx context.Context, v review.Viewer, id review.ChangeID, patchSet int) (board.Detail, error)
	// ChangeOf returns the same of a change of an entity, KIND:NAMESPACE/NAME.
	ChangeOf(ctx context.Context, v review.Viewer, entity string, id review.ChangeID, patchSet int) (board.Detail, error)
	Reviews(ctx context.Context, v review.Viewer, q board.ReviewsQuery) (board.List[board.Change], error)
	Activity(ctx context.Context, v review.Viewer, q board.ActivityQuery) (board.List[board.Activity], error)
	// Failures returns open failures, most important first.
	Failures(ctx context.Context, v review.Viewer, q board.FailuresQuery) (board.Failures, error)
	// Branches returns the branches of a place, the default branch first, on one page.
	Branches(ctx context.Context, v review.Viewer, q board.BranchesQuery) (board.List[board.Branch], error)
	// Subscribe opens a stream of news that the viewer may know of.
	Subscribe(ctx context.Context, v review.Viewer, q board.NewsQuery) (board.Stream, error)
}
