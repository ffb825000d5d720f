// SPDX-License-Identifier: Apache-2.0

package builds

import "flag"

var update = flag.Bool("update", false, "rewrite golden files")
