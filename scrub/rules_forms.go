// SPDX-License-Identifier: Apache-2.0

package scrub

// rulesForms are formats that no single vendor owns.
var rulesForms = []Rule{
	{
		ID: "jwt", Keywords: []string{"eyJ"},
		Pattern: `eyJ[A-Za-z0-9_-]{8,}\.(?:eyJ[A-Za-z0-9_-]{8,}|[A-Za-z0-9_-]{16,})(?:\.[A-Za-z0-9_-]*){1,3}`,
		Hits:    []string{"eyJ{b30}.eyJ{b60}.{b43}"}, Misses: []string{"eyJ{b30}"},
		Source: "https://www.rfc-editor.org/rfc/rfc7519",
	},
}
