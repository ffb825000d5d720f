// SPDX-License-Identifier: Apache-2.0

// Package backstage holds the contract of package catalog against a real
// Backstage, which backstage/setup.sh installs.
package backstage
