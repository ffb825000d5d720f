#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs what the Backstage parts are built and tested with: Node 22 and Yarn
# into .cache/tools where the machine has none, the packages of yarn.lock, and
# SQLite, which is compiled. It needs npm, a C++ compiler, make and Python, and
# does nothing while all of that stands. Afterwards backstage/bin/yarn runs
# Yarn with that Node, and backstage/bin/node is that Node.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$here/../.cache/tools" "$here/bin"
tools=$(cd "$here/../.cache/tools" && pwd)
node_version=22.23.3
yarn_version=4.18.1

for tool in npm g++ make python3; do
	command -v "$tool" >/dev/null || { echo "missing: $tool"; exit 1; }
done
stamp=$(cd "$here" && cat setup.sh yarn.lock package.json .yarnrc.yml packages/*/package.json plugins/*/package.json | cksum)
if [ "$(cat "$here/node_modules/.installed" 2>/dev/null)" = "$stamp" ]; then
	exit 0
fi

# Headers of the same version as the node that runs have to be at hand: an
# npmrc may name those of another.
node=$(command -v node || true)
case $("$node" -p 'process.versions.node.split(".")[0]' 2>/dev/null || true) in
22 | 24)
	node=$("$node" -p process.execPath)
	headers=${node%/bin/*}
	npm install --silent --no-save --ignore-scripts --prefix "$tools" "@yarnpkg/cli-dist@$yarn_version" >&2
	;;
*)
	npm install --silent --no-save --prefix "$tools" "node@$node_version" "@yarnpkg/cli-dist@$yarn_version" >&2
	node=$tools/node_modules/node/bin/node
	for headers in "$tools"/node_modules/node/node_modules/node-*/ "$tools"/node_modules/node-[!b]*/; do
		[ ! -d "$headers/include/node" ] || break
	done
	;;
esac
ln -sf "$node" "$here/bin/node"
cat >"$here/bin/yarn" <<EOF
#!/bin/sh
PATH=$here/bin:\$PATH exec node "$tools/node_modules/@yarnpkg/cli-dist/bin/yarn.js" "\$@"
EOF
chmod +x "$here/bin/yarn"
PATH=$here/bin:$PATH
export PATH
cd "$here"
yarn install --immutable --mode=skip-build >&2

# From source at once: asking for a built one waits for minutes where the
# network ends at the registry.
built=node_modules/better-sqlite3/build/Release/better_sqlite3.node
kept=$tools/better_sqlite3-$(node -p "process.version + '-' + require('better-sqlite3/package.json').version").node
if [ ! -f "$built" ] && [ -f "$kept" ]; then
	mkdir -p "$(dirname "$built")"
	cp "$kept" "$built"
elif [ ! -f "$built" ]; then
	if [ -d "$headers/include/node" ]; then
		npm_config_nodedir=$headers
		export npm_config_nodedir
	fi
	gyp=$(dirname "$(dirname "$(command -v npm)")")/lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js
	[ -f "$gyp" ] || gyp=$(npm root -g)/npm/node_modules/node-gyp/bin/node-gyp.js
	(cd node_modules/better-sqlite3 && JOBS=2 node "$gyp" rebuild --release >&2)
	cp "$built" "$kept"
fi
node -e 'new (require("better-sqlite3"))(":memory:").close()'
echo "$stamp" >node_modules/.installed
