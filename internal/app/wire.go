package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
)

// Parts are what a server is made of, once it is put together.
type Parts struct {
	HTTP    http.Handler
	Control Control
	Notes   []string     // what happened at this start, a line each for the person who started it
	Close   func() error // waits for commits under way, then closes the store
}

var errUnwired = errors.New("this build has no engine yet")

// New puts a server together over the data folder, which the caller has locked:
// it opens or creates the store and the keyring and compiles the site.
func New(ctx context.Context, cfg Config, log *slog.Logger) (*Parts, error) {
	return nil, errUnwired
}
