// SPDX-License-Identifier: Apache-2.0

package prompts

import "review-assistant/scrub"

// Problem says in our own words what was wrong with an answer. The answer
// itself never goes back to the model: it has not been scrubbed.
type Problem string

// The problems.
const (
	ProblemEmpty     Problem = "empty"     // no text at all
	ProblemNoJSON    Problem = "no-json"   // text, but no JSON object
	ProblemTruncated Problem = "truncated" // stopped at the output limit
	ProblemSchema    Problem = "schema"    // JSON that does not fit the schema
	ProblemContent   Problem = "content"   // refused by the caller's own check
)

var problemWords = map[Problem]scrub.Text{
	ProblemEmpty:     scrub.Lit("it was empty."),
	ProblemNoJSON:    scrub.Lit("it held no JSON object."),
	ProblemTruncated: scrub.Lit("it was cut off at the output limit; write less in every field."),
	ProblemSchema:    scrub.Lit("the JSON object did not fit the schema."),
	ProblemContent:   scrub.Lit("it held statements that the change does not support, or forbidden text."),
}

// Repair returns p with a note behind the fenced text that says why the last
// answer could not be used. Unknown problems read as a broken schema.
func (p Prompt) Repair(why Problem) Prompt {
	words, ok := problemWords[why]
	if !ok {
		words = problemWords[ProblemSchema]
	}
	p.user = scrub.Join("\n", p.user, scrub.Format(
		"Your last answer could not be used: %s Answer again, with one JSON object that has exactly the fields of the schema and nothing before or after it.\n", words))
	p.hash += "-repair-" + string(why)
	return p
}
