// SPDX-License-Identifier: Apache-2.0

package gerrittest

// T is what the package needs of a test; *testing.T and *testing.B have it.
// The demo runs without, so package testing is not imported.
type T interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// New starts a server that ends with the test.
func New(t T) *Server {
	t.Helper()
	return NewWith(t, Options{})
}

// NewWith is New with options.
func NewWith(t T, o Options) *Server {
	t.Helper()
	s, err := Start(o)
	if err != nil {
		t.Fatalf("start the fake gerrit: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}
