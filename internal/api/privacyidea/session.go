package privacyidea

import (
	"symbolon/internal/audit"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// Session is the engine's side of one request. The dispatcher begins it before
// a route is served and ends it afterwards; routes decide through it.
type Session interface {
	// End records the request, with err or as a success, unless a decision of
	// the session is in the trail already.
	End(err error)
}

// Begin opens the engine's session of a request. known is what the request
// itself says of its subject; it goes into records that a decision does not
// say it in.
type Begin func(st *site.Site, o token.Origin, known audit.Record) Session

// Recorder takes records of requests that nothing was decided in. It does not
// wait for them to be stored.
type Recorder interface{ Append(audit.Record) }

// end puts a request into the trail if nothing has yet.
func (s *Server) end(req *Request, err error) {
	// Before it is known who called from where, there is nothing to record.
	if req == nil || req.Route.Quiet || req.Origin.Action == "" {
		return
	}
	if req.Session != nil {
		req.Session.End(err)
		return
	}
	if req.Recorded || s.Recorder == nil {
		return
	}
	r := req.Record
	r.Ended, r.Success = s.Now(), err == nil && !req.Failed
	if f := faultIn(err); f != nil {
		r.Reason, r.Args = f.Kind.String(), f.Args
	} else if err != nil {
		r.Reason = "internal"
	}
	s.Recorder.Append(r)
}
