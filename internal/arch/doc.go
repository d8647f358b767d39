// Package arch holds the rules of the house as tests: which package may import
// which (docs/architecture.md), how long files and functions may be, what is
// documented, and which words stay out. The tests read the source files
// themselves: go test caches by the files a test opens, so a check that asked
// the go command would stay green after a rule was broken.
//
// The rules are policy. Who needs one loosened changes the architecture first
// and says why in docs/decisions; an exception here carries its reason.
package arch
