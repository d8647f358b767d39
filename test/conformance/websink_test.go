package conformance

import (
	"encoding/json"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// webSink is an HTTP server that plays the push, SMS or voice gateway a server
// under test calls: it keeps every request. A scenario names it as ${sinkurl}
// and fetches the oldest request to a path with the step "SINK /path". What is
// sent to a path below /status/NNN/ is answered with that status.
type webSink struct {
	url    string
	server *http.Server
	mu     sync.Mutex
	kept   []map[string]any
}

func newWebSink() (*webSink, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &webSink{url: "http://" + l.Addr().String()}
	w.server = &http.Server{Handler: w, ReadHeaderTimeout: 10 * time.Second}
	go w.server.Serve(l)
	return w, nil
}

func (w *webSink) close() { w.server.Close() }

func (w *webSink) ServeHTTP(out http.ResponseWriter, req *http.Request) {
	data, _ := io.ReadAll(io.LimitReader(req.Body, 1<<20))
	media, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
	entry := map[string]any{"method": req.Method, "path": req.URL.Path, "query": firstValues(req.URL.Query()),
		"type": media, "authorization": req.Header.Get("Authorization")}
	switch media {
	case "application/json":
		var body any
		json.Unmarshal(data, &body)
		entry["json"] = body
	case "application/x-www-form-urlencoded":
		form, _ := url.ParseQuery(string(data))
		entry["form"] = firstValues(form)
	default:
		entry["text"] = string(data)
	}
	w.mu.Lock()
	w.kept = append(w.kept, entry)
	w.mu.Unlock()
	status := 200
	if rest, ok := strings.CutPrefix(req.URL.Path, "/status/"); ok {
		number, _, _ := strings.Cut(rest, "/")
		if n, err := strconv.Atoi(number); err == nil && n >= 200 && n < 600 {
			status = n
		}
	}
	out.Header().Set("Content-Type", "text/plain")
	out.WriteHeader(status)
	io.WriteString(out, "sent\n")
}

func firstValues(values url.Values) map[string]any {
	out := map[string]any{}
	for k := range values {
		out[k] = values.Get(k)
	}
	return out
}

// clear forgets what came before a scenario.
func (w *webSink) clear() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.kept = nil
}

// next takes the oldest request to path, waiting for it up to three seconds;
// the answer is 404 when none came.
func (w *webSink) next(path string) *answer {
	for range 60 {
		w.mu.Lock()
		for i, e := range w.kept {
			if e["path"] == path {
				w.kept = append(w.kept[:i:i], w.kept[i+1:]...)
				w.mu.Unlock()
				return &answer{status: 200, media: "application/json", body: e}
			}
		}
		w.mu.Unlock()
		time.Sleep(50 * time.Millisecond)
	}
	return &answer{status: 404, media: "text/plain", text: "no request"}
}
