#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Everything that has to hold of the packages here, with how long each step
# took. Where Backstage cannot be installed it is left out, but not with CI=true.
set -eu
cd "$(dirname "$0")"

step() {
	name=$1
	shift
	echo "== backstage: $name"
	began=$(date +%s)
	"$@"
	echo "== backstage: $name took $(($(date +%s) - began)) s"
}

began_all=$(date +%s)
if ! step install ./setup.sh; then
	echo "backstage: left out"
	[ "${CI:-}" != true ]
	exit
fi
# With CI=true they fail instead of writing what differs.
export CI=true
# Anew: in which order the keys of a type stand in a report depends on what tsc
# saw before.
rm -rf dist-types
# With the pieces of our pages, which are to compile as they stand.
step pages ./bin/node scripts/snippets.mjs
step types ./bin/yarn tsc
step lint ./bin/yarn lint
step format ./bin/yarn prettier:check
step tests ./bin/yarn test
step "API reports" ./bin/yarn api-reports --ci
step "build plugins" ./bin/yarn workspaces foreach --all --topological --no-private run build
step size ./bin/yarn workspace @review-assistant/backstage-plugin-gerrit-review-assistant size
step "build the app" ./bin/yarn workspace app build
step "build the old app" ./bin/yarn workspace app-legacy build
echo "== backstage: all of it took $(($(date +%s) - began_all)) s"
