// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// beside makes a value while its caller goes on; get waits for it. A panic
// belongs to who asked, who can give up one change: get hands it on.
func beside[T any](do func() T) (get func() T) {
	var value T
	var broken error
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				broken = fmt.Errorf("%v\n%s", p, debug.Stack())
			}
		}()
		value = do()
	}()
	return sync.OnceValue(func() T {
		<-done
		if broken != nil {
			panic(broken)
		}
		return value
	})
}

// readAll reads files on all processors.
func readAll(files []*file) {
	var next atomic.Int64
	workers := make([]func() bool, min(len(files), runtime.GOMAXPROCS(0)))
	for w := range workers {
		workers[w] = beside(func() bool {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(files) {
					return true
				}
				files[i].read()
			}
		})
	}
	for _, done := range workers {
		done()
	}
}
