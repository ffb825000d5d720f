// SPDX-License-Identifier: Apache-2.0

package scrub

var rulesMoney = []Rule{}
