// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"review-assistant/e2e/rig"
)

// server is the one Gerrit of this test binary. GERRIT_VERSION picks another
// version than the newest.
var server *rig.Gerrit

func TestMain(m *testing.M) { os.Exit(runAll(m)) }

func runAll(m *testing.M) int {
	version := os.Getenv("GERRIT_VERSION")
	if version == "" {
		version = rig.Newest
	}
	ctx := context.Background()
	if missing := rig.Missing(ctx, version); len(missing) > 0 {
		for _, what := range missing {
			fmt.Println("e2e:", what)
		}
		if os.Getenv("CI") == "true" {
			fmt.Println("e2e: failed: in CI nothing may be left out; ./e2e/setup.sh installs what it can")
			return 1
		}
		fmt.Println("e2e: not run: every end-to-end test is left out; ./e2e/setup.sh installs what it can")
		return 0
	}

	cache := filepath.Join("..", ".cache")
	err := os.MkdirAll(cache, 0o755)
	if err == nil {
		// Screenshots of an earlier run tell nothing of this one.
		err = os.RemoveAll(filepath.Join(cache, "e2e-artifacts"))
	}
	var log *os.File
	if err == nil {
		log, err = os.Create(filepath.Join(cache, "gerrit-"+version+".log"))
	}
	if err != nil {
		fmt.Println("e2e: open the log of gerrit:", err)
		return 1
	}
	defer log.Close()
	began := time.Now()
	server, err = rig.StartGerrit(ctx, rig.Options{Version: version, Log: log})
	if err != nil {
		fmt.Println("e2e:", err)
		return 1
	}
	defer server.Stop()
	defer stopProviders()
	defer stopChromium()
	defer stopSharedBot()
	fmt.Printf("e2e: gerrit %s after %.1f s on %s, log in %s\n", version, time.Since(began).Seconds(), server.URL, log.Name())
	// Stories wait more than they work, so more of them run at once than there
	// are processors, unless the command line says otherwise.
	if err := flag.Set("test.parallel", "6"); err != nil {
		fmt.Println("e2e:", err)
		return 1
	}
	return m.Run()
}
