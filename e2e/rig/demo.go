// SPDX-License-Identifier: Apache-2.0

package rig

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"text/template"

	"golang.org/x/tools/txtar"
)

// LoadDemo reads the demo's changes and fills in secrets that nobody issued.
func LoadDemo(path string) (map[string]string, error) {
	body, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the demo: %w", err)
	}
	t, err := template.New("changes").Parse(string(body))
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	secrets := map[string]string{"AWSKey": "AKIA" + "Q3EGFXZDV5R2NHTW", "AWSSecret": "kT9vQz2LxW4nB7mR" + "dY1pC6sHgJ8fA3eUoN5iK0bV", "Password": "corr3ct-" + "H0rse-b4ttery"}
	if err := t.Execute(&text, secrets); err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, f := range txtar.Parse(text.Bytes()).Files {
		out[f.Name] = string(f.Data)
	}
	return out, nil
}

// DemoFiles returns the files below a folder of them.
func DemoFiles(files map[string]string, prefix string) Files {
	out := Files{}
	for name, body := range files {
		if path, ok := strings.CutPrefix(name, prefix); ok {
			out[path] = body
		}
	}
	return out
}
