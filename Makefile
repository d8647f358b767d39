# Targets for people. .ci/run does all of it from a clean clone.
.DEFAULT_GOAL := help
STATICCHECK = $$(go -C tools tool -n staticcheck)

.PHONY: help run test check race dbs fuzz conformance bench cover ci

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

run: ## a server with example users and tokens; its password is printed
	go run ./cmd/symbolon demo

test: ## all tests that need nothing but Go
	go test ./...

check: ## format, vet, staticcheck, import rules, limits, documents
	@unformatted=$$(gofmt -l cmd internal protocol test 2>/dev/null); \
	if [ -n "$$unformatted" ]; then echo "not formatted:"; echo "$$unformatted"; exit 1; fi
	go mod tidy -diff
	go vet ./...
	$(STATICCHECK) ./...
	go test ./internal/arch

race: ## tests under the race detector
	.ci/run race

dbs: ## the store's suite, without cached results
	.ci/run store

fuzz: ## every fuzz target, FUZZTIME=5s each
	.ci/run fuzz

conformance: ## recorded scenarios; S=name plays one and prints each step
ifdef S
	go test ./test/conformance -count=1 -v -run TestScenarios -args -scenario=$(S)
else
	go test ./test/conformance -count=1 -v -run TestScenarios | grep -v '^ *\(=== \|--- PASS\)'
endif

bench: ## logins a second beside an empty handler, and of a fresh server
	BENCH_DIR=$${BENCH_DIR:-$(CURDIR)} go test ./internal/app -run '^$$' -bench LoginRatio -benchtime 1x
	test/loadgen/bench.sh

cover: ## coverage of all packages, as a page
	go test -coverpkg=./internal/...,./protocol/... -coverprofile=coverage.out ./...
	go tool cover -html=coverage.out

ci: ## everything
	.ci/run
