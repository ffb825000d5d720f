// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// OptIn runs the scaffolder action that opens a change by which a project opts
// in, as an account of the server, and returns its output.
func OptIn(g *Gerrit, account Account, project string) (map[string]any, error) {
	dir, err := workspace()
	if err != nil {
		return nil, err
	}
	host := strings.TrimPrefix(g.URL, "http://")
	config, err := json.Marshal(M{"integrations": M{"gerrit": []M{{
		"host": host, "baseUrl": g.URL, "gitilesBaseUrl": g.URL + "/plugins/gitiles", "username": account.Username, "password": account.Password,
	}}}})
	if err != nil {
		return nil, err
	}
	input, err := json.Marshal(M{"host": host, "project": project, "mode": "on"})
	if err != nil {
		return nil, err
	}
	cmd := node(dir, "src/testing/optIn.ts", string(config), string(input))
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("opt in by the scaffolder: %w: %s", err, tail(errs.String()))
	}
	var output map[string]any
	return output, json.Unmarshal(out.Bytes(), &output)
}
