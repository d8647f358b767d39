// Package race holds the tests that try to break the server's promises from
// outside: many requests at once through real HTTP, recorded histories,
// hostile input, secrets in places where none belong, a killed process. README.md
// lists which test turns red when which condition is taken out. What a single
// package promises is tested beside it.
package race
