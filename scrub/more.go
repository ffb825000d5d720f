// SPDX-License-Identifier: Apache-2.0

package scrub

// morePlaces are places of formats and programs, as [places] has them.
var morePlaces = []struct {
	words []string
	read  func(f *finder, start, end int)
}{
	{keyBlobs, (*finder).keyBlob},
	{assertionBlobs, (*finder).assertion},
	{[]string{"login: ", "logins: ", "log in as ", "log in with ", "login as ", "login with ", "sign in as ", "sign in with ", "/ password: ", "/password: ", "/ pass: ", "/pass: ", "/ pw: "}, (*finder).login},
	{[]string{"kinit ", "cryptsetup ", "--passphrase-fd 0"}, (*finder).piped},
	{[]string{"register => "}, (*finder).url},
	{[]string{"]:587", "]:465", "]:25", "]:submission"}, (*finder).relay},
	{[]string{"<auth-user-pass>"}, (*finder).userPassLines},
	{[]string{" : xauth ", " : eap ", " : ntlm ", " : rsa "}, (*finder).keyring},
	{[]string{"http -a ", "https -a "}, (*finder).userFlag},
	{[]string{".appendchar("}, (*finder).appendChar},
	{[]string{";base64,"}, (*finder).dataURL},
}
