// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"fmt"
	"os/exec"
)

// Missing returns one sentence for each thing that this machine lacks to run
// the given versions of Gerrit, and Redis; none when all is there.
func Missing(ctx context.Context, versions ...string) []string {
	var missing []string
	for _, tool := range []struct{ name, why string }{
		{"git", "pushes the changes of the stories"},
		{"mvn", "fetches Gerrit's jars"},
		{"redis-server", "is the second store"},
	} {
		if _, err := exec.LookPath(tool.name); err != nil {
			missing = append(missing, fmt.Sprintf("%s is not installed; it %s", tool.name, tool.why))
		}
	}
	for _, v := range versions {
		r, err := releaseOf(v)
		if err == nil {
			_, err = findJDK(ctx, r.minJDK, r.maxJDK)
		}
		if err != nil {
			missing = append(missing, fmt.Sprintf("Gerrit %s cannot run: %v", v, err))
		}
	}
	return missing
}
