// SPDX-License-Identifier: Apache-2.0

package scrub_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"

	"review-assistant/scrub"
)

// madeUp returns a password that nobody has. Examples make theirs when they
// run, so that no file of the project looks as if it held a secret.
func madeUp() string {
	const chars = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"
	b := []byte("Aa7")
	for range 13 {
		b = append(b, chars[rand.IntN(len(chars))])
	}
	return string(b)
}

// One Cleaner cleans all texts of one change: a value that was found once is
// known in all that follow, under the same number.
func ExampleCleaner_Clean() {
	scrubber, err := scrub.New(scrub.Options{})
	if err != nil {
		fmt.Println(err) // a pattern or class that was configured is wrong
		return
	}
	secret := madeUp()
	change := scrubber.Begin()
	for _, raw := range []string{
		"region: eu\npassword: " + secret,
		"log in as admin with " + secret + " and restart",
	} {
		text, err := change.Clean(raw)
		if err != nil {
			return // nothing may leave
		}
		fmt.Println(text)
	}
	// Output:
	// region: eu
	// password: «SECRET:password:1»
	// log in as admin with «SECRET:password:1» and restart
}

// Filter cleans a diff, message or log of any length.
func ExampleScrubber_Filter() {
	scrubber, err := scrub.New(scrub.Options{PII: []string{"none"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	diff := strings.NewReader(`--- a/app.env
+++ b/app.env
@@ -1,2 +1,2 @@
 REGION=eu
-DB_PASSWORD=` + madeUp() + `
+DB_PASSWORD=` + madeUp() + `
`)
	if _, err := scrubber.Filter(os.Stdout, diff); err != nil {
		fmt.Println(err) // what was written is clean
	}
	// Output:
	// --- a/app.env
	// +++ b/app.env
	// @@ -1,2 +1,2 @@
	//  REGION=eu
	// -DB_PASSWORD=«SECRET:password:1»
	// +DB_PASSWORD=«SECRET:password:2»
}

// A Report counts what was removed and tells where it stood, never what it was.
func ExampleCleaner_Report() {
	scrubber, err := scrub.New(scrub.Options{Key: []byte("a key of the operator's own")})
	if err != nil {
		fmt.Println(err)
		return
	}
	secret := madeUp()
	change := scrubber.Begin()
	if _, err := change.Clean("user: app\npassword: " + secret + "\nagain: " + secret); err != nil {
		return
	}
	report := change.Report()
	fmt.Println(report.Secrets, "secret, in", len(report.Findings), "places")
	for _, f := range report.Findings {
		fmt.Println(f.Kind, f.Number, "in column", f.Column, f.ID == scrubber.Fingerprint(secret))
	}
	// Output:
	// 1 secret, in 2 places
	// password 1 in column 11 true
	// password 1 in column 8 true
}
