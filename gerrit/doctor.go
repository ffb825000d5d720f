// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"context"
	"maps"
	"slices"
)

// Version returns the server's version, such as "3.13.5".
func (c *Client) Version(ctx context.Context) (string, error) {
	var v string
	err := c.get(ctx, "version", "read the server's version", "config/server/version", "", &v)
	return v, err
}

// Capabilities returns the global capabilities of the service account, by name.
func (c *Client) Capabilities(ctx context.Context) ([]string, error) {
	var m map[string]any
	if err := c.get(ctx, "capabilities", "read own capabilities", "accounts/self/capabilities", "", &m); err != nil {
		return nil, err
	}
	// A capability that the account lacks may be listed as false.
	maps.DeleteFunc(m, func(_ string, v any) bool { return v == false })
	return slices.Sorted(maps.Keys(m)), nil
}
