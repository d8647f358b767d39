package privacyidea

import (
	"context"
	"errors"
	"html"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"symbolon/internal/api/envelope"
	"symbolon/internal/fault"
	"symbolon/internal/token"
)

// answer writes what a route returned.
func (d *dispatcher) answer(ctx context.Context, c *call, a Answer, err error) {
	if err != nil {
		d.refuse(ctx, c, err)
		return
	}
	for name, values := range a.Header {
		c.w.Header()[http.CanonicalHeaderKey(name)] = values
	}
	if c.status = a.Status; c.status == 0 {
		c.status = http.StatusOK
	}
	if a.Raw != nil {
		d.raw(c, a.Raw)
		return
	}
	if a.ID > 1 && a.Authentication == "" {
		a.Authentication = Authentication(a.Value, a.Detail)
	}
	s := envelope.Success{ID: a.ID, Value: a.Value, Detail: a.Detail, Root: a.Root, At: d.Now(), Thread: d.threadID}
	if a.ID > 1 {
		s.Authentication = a.Authentication
	}
	if d.showVersion(ctx, c) {
		s.Version, s.VersionNumber = d.Profile.Title(), d.Profile.Version
	}
	d.write(c, s.Body())
}

// refuse writes an error.
func (d *dispatcher) refuse(ctx context.Context, c *call, err error) {
	r := internalError()
	switch f := faultIn(err); {
	case f != nil:
		r = d.Profile.Refusal(f)
		var with *Failed
		if errors.As(err, &with) {
			r.Detail = with.Detail
		}
		if r.Detail == nil && r.Status == http.StatusUnauthorized && c.req != nil && d.Profile.LateDetail {
			r.Detail = map[string]any{}
		}
	default:
		// The route table's template is logged, not the path: paths hold codes.
		d.Log.LogAttrs(ctx, slog.LevelError, "request failed", slog.String("case", c.number), slog.String("method", c.r.Method),
			slog.String("route", c.route.Path), slog.Any("error", err))
	}
	if c.req != nil && c.req.Session != nil {
		c.req.harden(ctx, &r)
	}
	c.status = r.Status
	if r.Status == http.StatusServiceUnavailable {
		c.w.Header().Set("Retry-After", "1")
	}
	f := envelope.Failure{Code: r.Code, Message: r.Message, Detail: r.Detail, At: d.Now(), Thread: d.threadID}
	if d.showVersion(ctx, c) {
		f.Version = d.Profile.Title()
	}
	d.write(c, f.Body())
}

// faultIn returns the fault in err; a request that ran out of time met a busy
// server.
func faultIn(err error) *fault.Fault {
	if errors.Is(err, context.DeadlineExceeded) {
		return fault.New(fault.Busy)
	}
	return fault.Of(err)
}

func (d *dispatcher) showVersion(ctx context.Context, c *call) bool {
	if c.route.Quiet {
		return false
	}
	if c.signed {
		return true
	}
	host, _ := splitAddress(c.r.RemoteAddr)
	session := d.Begin(token.Origin{Client: host}) // of a request that could not be read
	if c.req != nil && c.req.Session != nil {
		session = c.req.Session
	}
	return !session.HidesVersion(ctx)
}

// write sends an envelope, signed if a key is configured.
func (d *dispatcher) write(c *call, body map[string]any) {
	signing := envelope.Signing{Rand: d.Rand, Trailing: d.Profile.SignatureLast}
	if !c.route.Quiet {
		signing.Key = d.SigningKey
	}
	if c.req != nil {
		signing.Nonce = c.req.Params["nonce"]
	}
	b, err := envelope.Write(body, signing)
	if err != nil {
		d.Log.LogAttrs(c.r.Context(), slog.LevelError, "answer not written", slog.String("case", c.number), slog.Any("error", err))
		c.status = http.StatusInternalServerError
		r := internalError()
		b, err = envelope.Write(envelope.Failure{Code: r.Code, Message: r.Message, At: d.Now()}.Body(), envelope.Signing{})
		if err != nil {
			return
		}
	}
	d.send(c, envelope.ContentType, b)
}

func (d *dispatcher) send(c *call, kind string, b []byte) {
	h := c.w.Header()
	if kind != "" {
		h.Set("Content-Type", kind)
	}
	if c.status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(b)))
	}
	c.w.WriteHeader(c.status)
	if c.r.Method == http.MethodHead || c.status == http.StatusNoContent {
		return
	}
	// A caller who has gone is no error of the server.
	_, _ = c.w.Write(b)
}

func (d *dispatcher) raw(c *call, r *Raw) {
	if r.Stream == nil {
		d.send(c, r.Type, r.Body)
		return
	}
	if r.Type != "" {
		c.w.Header().Set("Content-Type", r.Type)
	}
	c.w.WriteHeader(c.status)
	if c.r.Method == http.MethodHead {
		return
	}
	if err := r.Stream(c.w); err != nil {
		d.Log.LogAttrs(c.r.Context(), slog.LevelWarn, "answer broken off", slog.String("case", c.number), slog.Any("error", err))
		// The caller must not take half an answer for the whole.
		panic(http.ErrAbortHandler)
	}
}

const pageType = "text/html; charset=utf-8"

// page writes the HTML that clients know from the original's framework.
func (d *dispatcher) page(c *call, status int, text string) {
	name := http.StatusText(status)
	c.status = status
	d.send(c, pageType, []byte("<!doctype html>\n<html lang=en>\n<title>"+strconv.Itoa(status)+" "+name+"</title>\n<h1>"+
		name+"</h1>\n<p>"+text+"</p>\n"))
}

func (d *dispatcher) redirect(c *call) {
	base := ""
	if d.Base != nil {
		base = d.Base(c.r)
	} else if c.r.TLS != nil {
		base = "https://" + c.r.Host
	} else {
		base = "http://" + c.r.Host
	}
	target := base + c.r.URL.EscapedPath() + "/"
	if c.r.URL.RawQuery != "" {
		target += "?" + c.r.URL.RawQuery
	}
	c.w.Header().Set("Location", target)
	c.status = http.StatusPermanentRedirect
	shown := html.EscapeString(target)
	d.send(c, pageType, []byte("<!doctype html>\n<html lang=en>\n<title>Redirecting...</title>\n<h1>Redirecting...</h1>\n"+
		"<p>You should be redirected automatically to the target URL: <a href=\""+shown+"\">"+shown+"</a>. If not, click the link.\n"))
}

func (d *dispatcher) notFound(c *call) {
	switch {
	case !d.Profile.NotFoundJSON:
		d.page(c, http.StatusNotFound, "The requested URL was not found on the server. If you entered the URL manually please "+
			"check your spelling and try again.")
	case (c.r.Method == http.MethodGet || c.r.Method == http.MethodHead) && prefersHTML(c.r.Header.Get("Accept")) &&
		!strings.HasPrefix(c.r.URL.Path, "/static/") && (d.Pages != nil || c.r.URL.Path != "/"):
		if d.Pages != nil {
			c.status = http.StatusOK
			d.Pages.ServeHTTP(c.w, c.r)
			return
		}
		c.w.Header().Set("Location", "/")
		c.status = http.StatusFound
		d.send(c, pageType, nil)
	default:
		c.status = http.StatusNotFound
		d.send(c, envelope.ContentType, []byte("{\"error\":\"Not found\"}\n"))
	}
}

// prefersHTML reports whether an Accept header prefers text/html over JSON.
func prefersHTML(accept string) bool {
	return quality(accept, "text", "html") > quality(accept, "application", "json")
}

// quality is the weight an Accept header gives to a media type, by its most
// specific entry.
func quality(accept, major, minor string) float64 {
	best, rank := 0.0, -1
	for entry := range strings.SplitSeq(accept, ",") {
		kind, params, _ := strings.Cut(entry, ";")
		a, b, ok := strings.Cut(strings.ToLower(strings.TrimSpace(kind)), "/")
		if !ok || a != "*" && a != major || b != "*" && b != minor {
			continue
		}
		r := 0
		if a != "*" {
			r++
		}
		if b != "*" {
			r++
		}
		q := 1.0
		for p := range strings.SplitSeq(params, ";") {
			if v, ok := strings.CutPrefix(strings.TrimSpace(p), "q="); ok {
				if n, err := strconv.ParseFloat(v, 64); err == nil {
					q = n
				}
			}
		}
		if r > rank {
			best, rank = q, r
		}
	}
	return best
}
