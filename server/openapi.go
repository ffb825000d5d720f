// SPDX-License-Identifier: Apache-2.0

package server

import (
	"crypto/sha256"
	_ "embed"

	"github.com/labstack/echo/v4"
)

// openapi is the description of all routes below /api/v1. Tests compare it
// with the routes, the types and the answers.
//
//go:embed openapi.yaml
var openapi []byte

// document tells everybody what the API is.
func (s *Server) document(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-cache")
	return tagged(c, "application/yaml", openapi, sha256.Sum256(openapi))
}
