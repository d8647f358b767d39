// Package e2e uses the real program as an administrator, a phone and a login
// page do: over its command line and its API, with the code generator and the
// QR reader of other people. It imports nothing of the server.
package e2e
