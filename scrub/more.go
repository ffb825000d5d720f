// SPDX-License-Identifier: Apache-2.0

package scrub

// morePlaces are places of formats and programs, as [places] has them.
var morePlaces = []struct {
	words []string
	read  func(f *finder, start, end int)
}{
	{keyBlobs, (*finder).keyBlob},
	{assertionBlobs, (*finder).assertion},
	{[]string{".appendchar("}, (*finder).appendChar},
	{[]string{";base64,"}, (*finder).dataURL},
}
