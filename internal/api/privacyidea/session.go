package privacyidea

import "context"

// end puts a request into the trail if its decision is not there yet.
func (s *Server) end(ctx context.Context, req *Request, err error) {
	// Before it is known who called from where, there is nothing to record.
	if req == nil || req.Route.Quiet || req.Session == nil {
		return
	}
	if f := faultIn(err); f != nil {
		err = f
	}
	req.Session.End(ctx, err)
}
