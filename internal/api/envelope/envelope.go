// Package envelope holds what the HTTP dialects have in common below their
// wording: merging the parameters of a request, reading them with their types,
// recognising plugins and the caller's address, and writing the JSON envelope
// with its signature (rest-api.md 2 and 3).
//
// It leaves to others: which routes exist, who may call them, what an answer
// says, and the texts of faults (internal/api/privacyidea, internal/api/linotp).
package envelope

import "time"

// Success is an answer that is no error.
type Success struct {
	ID             int // 0 counts as 1
	Value          any
	Authentication string         // "": left out
	Detail         map[string]any // empty: left out
	Root           map[string]any // further keys beside result
	At             time.Time      // the answer's time
	Version        string         // "privacyIDEA 3.14"; "": hidden
	VersionNumber  string         // "3.14"
	Thread         int64          // what detail.threadid says
}

// Body returns the answer as the object that is written.
func (s Success) Body() map[string]any {
	result := map[string]any{"status": true, "value": s.Value}
	if s.Authentication != "" {
		result["authentication"] = s.Authentication
	}
	body := make(map[string]any, 8+len(s.Root))
	for k, v := range s.Root {
		body[k] = v
	}
	body["id"], body["jsonrpc"], body["result"], body["time"] = max(s.ID, 1), "2.0", result, Seconds(s.At)
	if len(s.Detail) > 0 {
		body["detail"] = withThread(s.Detail, s.Thread)
	}
	if s.Version != "" {
		body["version"], body["versionnumber"] = s.Version, s.VersionNumber
	}
	return body
}

// Failure is an error on the wire. A nil Detail is written as null, an empty
// one as {}; only one with content gets a threadid.
type Failure struct {
	Code    int
	Message string
	Detail  map[string]any
	At      time.Time
	Version string // "": hidden
	Thread  int64
}

// Body returns the error as the object that is written.
func (f Failure) Body() map[string]any {
	body := map[string]any{"id": 1, "jsonrpc": "2.0", "time": Seconds(f.At), "detail": nil,
		"result": map[string]any{"status": false, "error": map[string]any{"code": f.Code, "message": f.Message}}}
	if f.Detail != nil {
		body["detail"] = f.Detail
		if len(f.Detail) > 0 {
			body["detail"] = withThread(f.Detail, f.Thread)
		}
	}
	if f.Version != "" {
		body["version"] = f.Version
	}
	return body
}

// Seconds is a time as Unix seconds with microseconds.
func Seconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }

func withThread(detail map[string]any, thread int64) map[string]any {
	if _, ok := detail["threadid"]; ok {
		return detail
	}
	out := make(map[string]any, len(detail)+1)
	for k, v := range detail {
		out[k] = v
	}
	out["threadid"] = thread
	return out
}
