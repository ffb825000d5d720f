#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs the OpenID provider of the tests into .cache/oidc: three seconds and
# 4 MB once. It needs Node 20 and npm. What the lockfile says is installed, and
# nothing again while it stays the same.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=$here/../../.cache/oidc

for tool in node npm; do
	command -v "$tool" >/dev/null || { echo "missing: $tool"; exit 1; }
done
node -e 'process.exit(require("crypto").hash ? 0 : 1)' || { echo "missing: Node 20.12 or newer"; exit 1; }
mkdir -p "$cache"
stamp=$(cat "$here/setup.sh" "$here/package-lock.json" | cksum)
if [ "$(cat "$cache/done" 2>/dev/null)" = "$stamp" ]; then
	exit 0
fi
rm -f "$cache/done"
cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$cache/"
cd "$cache"
npm ci --loglevel=error >&2
echo "$stamp" >done
