// SPDX-License-Identifier: Apache-2.0

package catalog

// Problem says why the file as it stands does not count, "" when it does.
func (f *PeopleFile) Problem() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.look(); f.err != nil {
		return f.err.Error()
	}
	return ""
}
