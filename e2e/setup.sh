#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs what the end-to-end tests need where it may (Debian or Ubuntu, as
# root), and says what is still missing. It ends with 1 only with CI=true:
# elsewhere the tests say themselves what they leave out. With the word gerrit
# it leaves Backstage and the OpenID provider alone.
set -eu

# tool and Debian package
wanted='git git
mvn maven
redis-server redis-server'
# npm is not brought: its packages are many. Where it is, Backstage is built.
if [ "${1:-}" != gerrit ] && command -v npm >/dev/null; then
	wanted="$wanted
g++ g++
make make
python3 python3
chromium chromium"
fi

# has_jdk LEAST MOST: is there a JDK in that range? Each is asked itself.
has_jdk() {
	for javac in "${JAVA_HOME:-}/bin/javac" "$(command -v javac || true)" /usr/lib/jvm/*/bin/javac; do
		[ -x "$javac" ] || continue
		major=$("$javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')
		[ -n "$major" ] && [ "$major" -ge "$1" ] && [ "$major" -le "$2" ] && return 0
	done
	return 1
}

# available PACKAGE: does the package manager offer it?
available() {
	apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [0-9]'
}

packages=$(echo "$wanted" | while read -r tool package; do
	command -v "$tool" >/dev/null || echo "$package"
done)
need_jdk=no
has_jdk 21 99 && has_jdk 17 17 || need_jdk=yes

if [ -n "$packages$(echo "$need_jdk" | grep yes)" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	apt-get update -q
	has_jdk 17 17 || ! available openjdk-17-jdk-headless || packages="$packages openjdk-17-jdk-headless"
	if ! has_jdk 21 99; then
		for major in 25 21; do
			available "openjdk-$major-jdk-headless" || continue
			packages="$packages openjdk-$major-jdk-headless"
			break
		done
	fi
	# Servers that the packages bring are not to start by themselves: the
	# tests start their own on free ports.
	# shellcheck disable=SC2086 # one word for each package
	[ -z "$packages" ] || RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $packages
fi

missing=0
say() {
	echo "e2e/setup.sh: missing: $1"
	missing=1
}
echo "$wanted" | {
	while read -r tool package; do
		command -v "$tool" >/dev/null || say "$tool (package $package)"
	done
	has_jdk 21 99 || say "a JDK of 21 or newer below /usr/lib/jvm or in JAVA_HOME, for Gerrit 3.13"
	has_jdk 17 17 || say "a JDK 17 below /usr/lib/jvm or in JAVA_HOME, for Gerrit 3.10 and Keycloak"
	[ "$missing" = 0 ] || [ "${CI:-}" != true ] || exit 1
	if [ "${1:-}" != gerrit ] && ! why=$("$(dirname "$0")/../backstage/setup.sh"); then
		say "Backstage, so that the contract of the catalog and the stories of the portal are left out: ${why:-its installation failed, as told above}"
	fi
	if [ "${1:-}" != gerrit ] && ! why=$("$(dirname "$0")/oidc/setup.sh"); then
		say "the OpenID provider, so that tests of sign-in are left out: ${why:-its installation failed, as told above}"
	fi
	[ "$missing" = 0 ] || [ "${CI:-}" != true ] || exit 1
	[ "$missing" = 1 ] || echo "e2e/setup.sh: all there"
}
