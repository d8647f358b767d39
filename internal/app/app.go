// Package app turns settings into a running server: it reads the configuration
// layers, owns the data folder, opens the listeners, stops cleanly, and answers
// the command line over a socket in the data folder. It also is the client of
// that socket.
//
// It decides nothing about tokens, users or policies. wire.go alone knows which
// packages the server is made of.
package app

// Version is the version of this program. Releases are tagged with it.
const Version = "0.1.0"
