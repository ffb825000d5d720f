# SPDX-License-Identifier: Apache-2.0
.DEFAULT_GOAL := help
SHELL := /bin/bash
export CGO_ENABLED ?= 0
BIN := bin/review-assistant
VERSION ?= $(shell git describe --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION)
# Labelled data and scorers, for bench-scrub, bench-summaries and bench-reviewers.
SHARED ?= ../shared
TOOL := go tool -modfile=tools/go.mod

.PHONY: help build demo demo-gerrit test unit race e2e lint backstage fuzz bench bench-scrub bench-summaries bench-reviewers bench-builds docs setup clean

help: ## print the targets
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

build: ## build bin/review-assistant: static, stripped, no cgo
	go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/review-assistant

demo: build ## show the whole job in ten seconds: no server, no account
	$(BIN) demo

demo-gerrit: build ## the same on a real Gerrit (needs a JDK 21 or newer, Maven and git)
	./e2e/setup.sh gerrit
	go run -tags e2e ./e2e/cmd/demogerrit -binary $(BIN)

setup: ## install what the end-to-end tests need, or say what is missing
	./e2e/setup.sh

test: setup unit backstage e2e ## all tests: units, the packages of backstage/, end to end

unit: ## tests without other programs (a redis-server on PATH is used when it is there)
	go test ./...

race: ## unit tests under the race detector (needs a C compiler)
	CGO_ENABLED=1 go test -race ./...

e2e: build ## end-to-end tests on a real Gerrit, Redis, Backstage and Keycloak
	go test -tags e2e -count=1 -timeout 40m ./e2e/...

backstage: ## the packages of backstage/: types, lint, format, tests, API reports, size, builds
	./backstage/check.sh

lint: ## formatting, vet, staticcheck, dead code
	@out=$$($(TOOL) gofumpt -l $$(git ls-files '*.go')); if [ -n "$$out" ]; then echo "not formatted; run: go tool -modfile=tools/go.mod gofumpt -w ."; echo "$$out"; exit 1; fi
	go vet ./... && go vet -tags e2e ./e2e/...
	$(TOOL) staticcheck ./... && $(TOOL) staticcheck -tags e2e ./e2e/...
	@out=$$($(TOOL) deadcode -test -tags e2e ./...); if [ -n "$$out" ]; then echo "dead code:"; echo "$$out"; exit 1; fi

fuzz: ## every fuzz target for FUZZTIME each (default 10s)
	@for p in $$(go list ./...); do for f in $$(go test -list '^Fuzz' $$p 2>/dev/null | grep '^Fuzz' || true); do \
		echo "== $$p $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $${FUZZTIME:-10s} -fuzzminimizetime 20x $$p || exit 1; done; done

bench: build ## the figures of docs/performance.md, as a table
	go run ./internal/bench -binary $(BIN)

bench-scrub: build ## the scrubber beside its peers; SHARED names the folder with labelled data (docs/scrubbing.md)
	cd tools/scrubbench && go run . -binary $(abspath $(BIN)) -shared $(abspath $(SHARED)) $(BENCH)

bench-summaries: build ## summaries and packing on labelled changes; SHARED names the folder with data and scorers (docs/summaries.md)
	python3 $(SHARED)/bench/summaries/score_summary.py --corpus $(SHARED)/corpora/changes-dev --cmd '$(abspath $(BIN)) summarize --diff - --json'
	$(BIN) eval summaries $(SHARED)/corpora/changes-dev
	@for m in '--method ranked-hunks' "--cmd '$(abspath $(BIN)) summarize --diff - --print-prompt --max-tokens {n}'"; do \
		eval python3 $(SHARED)/bench/summaries/compress_bench.py --corpus $(SHARED)/corpora/changes-dev $$m; done
	CHANGES=$(abspath $(SHARED)/corpora/changes-dev) go test ./summarize -run '^$$' -bench 'Sentences|ThousandLines|TenMegabytes' -benchtime 5x

bench-reviewers: build ## who is suggested, on review histories; SHARED names the folder with histories and the scorer (docs/reviewers.md)
	@for s in golang pigweed mediawiki; do for m in "" "--without hour" "--balanced"; do echo "$$s $$m"; \
		python3 $(SHARED)/bench/reviewers/rr_eval.py $(SHARED)/corpora/reviewers-dev/$$s.jsonl.gz --delay --cmd "$(abspath $(BIN)) eval reviewers $$m" || exit 1; done; done
	go test ./reviewers -run '^$$' -bench SixtyThousand

bench-builds: build ## build failures: logs, causes, whose they are; SHARED names the folder with logs and scorers (docs/builds.md)
	python3 $(SHARED)/bench/builds/score_extract.py --corpus $(SHARED)/corpora/builds-dev --baseline-flag=--baseline --cmd '$(abspath $(BIN)) builds extract --json'
	@t=$$(mktemp -d) && trap 'rm -rf '$$t EXIT && for s in 1 2 3 4 5 7; do \
		python3 $(SHARED)/bench/builds/cluster_bench.py gen --corpus $(SHARED)/corpora/builds-dev --seed $$s --out $$t/items && \
		python3 $(SHARED)/bench/builds/cluster_bench.py score --items $$t/items --cmd '$(abspath $(BIN)) builds fingerprint --jsonl' || exit 1; done; \
	zcat $(SHARED)/corpora/builds-dev/*/*/fail.log.gz >$$t/one && while [ $$(stat -c %s $$t/all 2>/dev/null || echo 0) -lt 500000000 ]; do cat $$t/one >>$$t/all; done && \
	python3 $(SHARED)/bench/scrub/throughput.py --pin --input $$t/all --cmd '$(abspath $(BIN)) builds extract --json'
	@set -o pipefail; dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && for s in 1 2 3 4 5 6 7 8 9 10; do \
		python3 $(SHARED)/bench/builds/history_bench.py gen --seed $$s --out "$$dir/$$s" 2>"$$dir/log" || { cat "$$dir/log"; exit 1; }; \
		python3 $(SHARED)/bench/builds/history_bench.py score --dir "$$dir/$$s" --cmd "$(abspath $(BIN)) eval builds" || exit 1; rm -rf "$$dir/$$s"; done | tee "$$dir/rows" && \
		awk '{ for (i = 1; i <= NF; i++) if (split($$i, f, "=") > 1) { if (!(f[1] in sum)) order[++n] = f[1]; sum[f[1]] += f[2] } } \
		END { printf "mean:"; for (i = 1; i <= n; i++) printf " %s=%.3f", order[i], sum[order[i]] / NR; print "" }' "$$dir/rows"
	go test ./builds -run '^$$' -bench Month -benchtime 5x

docs: ## write the generated pages again
	go test ./cmd/review-assistant -run TestDocs -update
	go test ./scrub -run TestDocs -update

clean: ## remove what builds left
	rm -rf bin .cache demo-out
