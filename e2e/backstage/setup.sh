#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs the Backstage backend of the tests into .cache/backstage:
# about three minutes once, of which SQLite's compiler takes the most. It needs
# npm, a C++ compiler, make and Python, and brings Node 22 with it where the
# machine has none. What the lockfile says is installed, and nothing again
# while it stays the same.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=$here/../../.cache
node_version=22.23.3

for tool in npm g++ make python3; do
	command -v "$tool" >/dev/null || { echo "missing: $tool"; exit 1; }
done
mkdir -p "$cache/backstage" "$cache/node"
cache=$(cd "$cache" && pwd)
stamp=$(cat "$here/setup.sh" "$here/package-lock.json" | cksum)
if [ "$(cat "$cache/backstage/done" 2>/dev/null)" = "$stamp" ]; then
	exit 0
fi
rm -f "$cache/backstage/done" "$cache/backstage/node"
cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$cache/backstage/"

# Headers of the same version as the node that runs have to be at hand: an
# npmrc may name those of another.
node=$(command -v node || true)
if [ -n "$node" ] && [ "$("$node" -p 'process.versions.node.split(".")[0] >= 22')" = true ]; then
	node=$("$node" -p process.execPath)
	headers=${node%/bin/*}
else
	npm install --silent --no-save --prefix "$cache/node" "node@$node_version" >&2
	node=$cache/node/node_modules/node/bin/node
	for headers in "$cache"/node/node_modules/node/node_modules/node-*/ "$cache"/node/node_modules/node-[!b]*/; do
		[ ! -d "$headers/include/node" ] || break
	done
fi
PATH=$(dirname "$node"):$PATH
export PATH
cd "$cache/backstage"
npm ci --loglevel=error >&2
if [ -d "$headers/include/node" ]; then
	npm_config_nodedir=$headers
	export npm_config_nodedir
fi
# From source at once: asking for a built one waits for minutes where the
# network ends at the registry.
JOBS=2 npm_config_build_from_source=true npm rebuild better-sqlite3 --ignore-scripts=false --loglevel=error >&2
"$node" -e 'new (require("better-sqlite3"))(":memory:").close()'
ln -sf "$node" node
echo "$stamp" >done
