// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"slices"
	"strings"
)

// places are the words at which something is read that no pattern describes.
var places = []struct {
	words []string
	read  func(f *finder, start, end int)
}{
	{[]string{"://"}, (*finder).url},
	{[]string{"@tcp(", "@unix(", "@("}, (*finder).dsn},
	{[]string{"authorization", "bearer ", "basic "}, (*finder).header},
	{[]string{"cookie:"}, (*finder).cookie},
	{[]string{"-----BEGIN", "---- BEGIN"}, (*finder).keyBlock},
	{[]string{"-----END", "---- END"}, (*finder).keyEnd},
	{[]string{"AAAAB3NzaC1", "AAAAC3NzaC1", "AAAAE2VjZHNh", ";base64,"}, (*finder).public},
	{[]string{".tochararray("}, (*finder).chars},
	{[]string{"--password-stdin", "chpasswd", "sudo -S", "passwd --stdin"}, (*finder).piped},
	{[]string{" -u ", " -u'", ` -u"`, "--user ", "--user=", "--proxy-user ", " -U "}, (*finder).userFlag},
	{[]string{"(at)", "[at]"}, (*finder).spelled},
	{[]string{"/home/", "/users/", `\users\`, `\\users\\`}, (*finder).home},
	{[]string{`assword:"`, "assword:'", `assword: "`, "assword: '", `assword:*"`, `assword*"`, `assword"`}, (*finder).prompted},
	{[]string{"chpasswd"}, (*finder).userLines},
	{append(columnWords("| "), columnWords("|")...), (*finder).markdown},
	{[]string{"insert into", "replace into"}, (*finder).insert},
	{[]string{" from stdin"}, (*finder).copy},
	{slices.Concat(columnWords(","), columnWords(";"), columnWords(`,"`), columnWords(`;"`), columnWords("\t")), (*finder).csv},
	{[]string{"input password", "input text"}, (*finder).robot},
	{[]string{`password" with "`, `password" field with "`}, (*finder).fillIn},
	{[]string{":5432:", ":5433:", ":6432:", ":*:", ":5439:", ":26257:"}, (*finder).pgpass},
	{[]string{"k 8", "k 10"}, (*finder).svnAuth},
	{[]string{"pass encoding="}, (*finder).element},
	{[]string{"value>"}, (*finder).property},
	{[]string{"bundle_"}, (*finder).bundler},
	{[]string{`response="`}, (*finder).digest},
	{[]string{"/hooks/"}, (*finder).hook},
	{[]string{"begin openvpn static key"}, (*finder).staticKey},
	{[]string{"kind: secret", `kind: "secret"`}, (*finder).manifest},
	{[]string{`"sensitive":`, "sensitive "}, (*finder).sensitive},
	{keyBlobs, (*finder).keyBlob},
	{assertionBlobs, (*finder).assertion},
	{[]string{"login: ", "logins: ", "log in as ", "log in with ", "login as ", "login with ", "sign in as ", "sign in with ", "/ password: ", "/password: ", "/ pass: ", "/pass: ", "/ pw: "}, (*finder).login},
	{[]string{"kinit ", "cryptsetup ", "--passphrase-fd 0"}, (*finder).piped},
	{[]string{"register => "}, (*finder).url},
	{[]string{"]:587", "]:465", "]:25", "]:submission"}, (*finder).relay},
	{[]string{"auth-user-pass>"}, (*finder).userPassLines},
	{[]string{"http -a ", "https -a "}, (*finder).userFlag},
	{[]string{".appendchar("}, (*finder).appendChar},
	{[]string{";base64,"}, (*finder).dataURL},
	{[]string{" : xauth ", " : eap ", " : ntlm ", " : rsa "}, (*finder).keyring},
	{[]string{" iv ", " iv=", " iv:", "\"iv\"", "'iv'"}, (*finder).name},
	{strings.Fields(nameWords), (*finder).name},
}
