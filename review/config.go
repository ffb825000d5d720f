// SPDX-License-Identifier: Apache-2.0

package review

import (
	"strconv"
	"strings"
	"time"
)

// ConfigState says why a project's configuration file is or is not there.
type ConfigState string

// The states, which doctor and the API tell apart.
const (
	ConfigFound   ConfigState = "found"
	ConfigAbsent  ConfigState = "absent"    // the ref can be read, the file is not there
	ConfigNoRead  ConfigState = "no-access" // the service account cannot read refs/meta/config
	ConfigTooLong ConfigState = "too-long"
)

// ConfigFile is a project's review-assistant.config as it stands on
// refs/meta/config, or, for linting only, a file in a patch set of it.
type ConfigFile struct {
	Project  string
	State    ConfigState
	Revision string // commit of refs/meta/config, "" when unknown
	Body     []byte
}

// Stub is what a query tells of an open change.
type Stub struct {
	ID       ChangeID
	PatchSet int // 0 when unknown
	Revision string
	Branch   string
	Updated  time.Time
	Private  bool
	WIP      bool
}

// Problem is one fault of a configuration file: where, what and how to mend it.
type Problem struct {
	File  string
	Line  int // 0 when it is about the whole file
	Key   string
	Cause string
	Fix   string
}

// String returns FILE:LINE: KEY: cause; fix.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		b.WriteString(":" + strconv.Itoa(p.Line))
	}
	if p.Key != "" {
		b.WriteString(": " + p.Key)
	}
	b.WriteString(": " + p.Cause)
	if p.Fix != "" {
		b.WriteString("; " + p.Fix)
	}
	return b.String()
}
