package privacyidea

import (
	"context"

	"symbolon/internal/fault"
)

// What the route table names and nobody has written yet. Whoever writes one
// takes its line away.

func later(ctx context.Context, req *Request) (Answer, error) {
	return Answer{}, fault.New(fault.NotSupported, req.Origin.Action)
}

func (s *Server) validateInitialize(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) ttype(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) validateOfflineRefill(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) validateCapabilities(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) validateRememberDevice(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) tokenLoad(ctx context.Context, r *Request) (Answer, error)     { return later(ctx, r) }
func (s *Server) tokenAddGroup(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) tokenSetGroups(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) tokenRemoveGroup(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) resolverDefault(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) systemDocumentation(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
