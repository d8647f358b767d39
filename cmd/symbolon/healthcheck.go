package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"time"

	"symbolon/internal/app"
)

type healthcheckCommand struct{}

// Run asks the server whether it is well, and each of its listeners for any
// answer. It says nothing when all is well.
func (healthcheckCommand) Run(ctx context.Context, s *session) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	got, err := s.status(ctx)
	if err != nil {
		return err
	}
	if !got.Healthy {
		return &app.Problem{Exit: app.No, Text: fmt.Sprintf("the server is not healthy: %v", got.Findings)}
	}
	// Whether it answers is asked here, not who it is: the certificate names the
	// public host, and this is the loopback address.
	client := &http.Client{
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	for _, address := range got.Listeners {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/", nil)
		if err != nil {
			return err
		}
		resp, err := client.Do(req)
		if err != nil {
			return &app.Problem{Exit: app.Unreachable, Text: fmt.Sprintf("%s does not answer: %v", address, err)}
		}
		resp.Body.Close()
		if resp.StatusCode >= 500 {
			return &app.Problem{Exit: app.No, Text: fmt.Sprintf("%s answers with status %d", address, resp.StatusCode)}
		}
	}
	return nil
}
