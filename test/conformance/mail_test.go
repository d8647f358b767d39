package conformance

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"time"
)

// mailSink is an SMTP server that keeps what it is given. A scenario names its
// port as ${smtpport} and fetches the oldest mail with the step "MAIL /".
type mailSink struct {
	port     string
	listener net.Listener
	mu       sync.Mutex
	kept     []map[string]any
}

func newMailSink() (*mailSink, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	m := &mailSink{port: port, listener: l}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go m.serve(c)
		}
	}()
	return m, nil
}

// close stops taking mail; conversations under way end by themselves.
func (m *mailSink) close() { m.listener.Close() }

func (m *mailSink) serve(c net.Conn) {
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute))
	in := bufio.NewReader(c)
	say := func(s string) { fmt.Fprintf(c, "%s\r\n", s) }
	say("220 conformance")
	from, to := "", []any{}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		switch verb := strings.ToUpper(line); {
		case strings.HasPrefix(verb, "MAIL FROM:"):
			from, to = between(line, "<", ">"), []any{}
			say("250 ok")
		case strings.HasPrefix(verb, "RCPT TO:"):
			to = append(to, between(line, "<", ">"))
			say("250 ok")
		case verb == "DATA":
			say("354 go on")
			var text strings.Builder
			for {
				l, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if l == ".\r\n" {
					break
				}
				text.WriteString(strings.TrimPrefix(l, "."))
			}
			m.keep(from, to, text.String())
			say("250 ok")
		case verb == "QUIT":
			say("221 bye")
			return
		default: // EHLO, HELO, RSET, NOOP
			say("250 conformance")
		}
	}
}

func between(s, a, b string) string {
	_, s, _ = strings.Cut(s, a)
	s, _, _ = strings.Cut(s, b)
	return s
}

func (m *mailSink) keep(from string, to []any, text string) {
	entry := map[string]any{"from": from, "to": to, "subject": "", "type": "", "text": "", "words": []any{}}
	if msg, err := mail.ReadMessage(strings.NewReader(text)); err == nil {
		decoder := mime.WordDecoder{}
		entry["subject"], _ = decoder.DecodeHeader(msg.Header.Get("Subject"))
		entry["type"], entry["text"] = mailText(msg.Header.Get, msg.Body)
		words := []any{}
		for _, w := range strings.Fields(fmt.Sprint(entry["text"])) {
			words = append(words, w)
		}
		entry["words"] = words
		entry["linkends"] = linkEnds(fmt.Sprint(entry["text"]))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept = append(m.kept, entry)
}

// mailText returns the media type and the text of a part, or of its first part.
func mailText(header func(string) string, body io.Reader) (string, string) {
	media, params, _ := mime.ParseMediaType(header("Content-Type"))
	if strings.HasPrefix(media, "multipart/") {
		part, err := multipart.NewReader(body, params["boundary"]).NextRawPart()
		if err != nil {
			return media, ""
		}
		return mailText(part.Header.Get, part)
	}
	switch strings.ToLower(header("Content-Transfer-Encoding")) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	data, _ := io.ReadAll(body)
	return media, strings.ReplaceAll(string(data), "\r\n", "\n")
}

// linkEnds returns the last path segment of every link in a text: codes that
// somebody has to enter arrive this way.
func linkEnds(text string) []any {
	out := []any{}
	for _, w := range strings.Fields(text) {
		if i := strings.Index(w, "://"); i > 0 {
			out = append(out, w[strings.LastIndex(w, "/")+1:])
		}
	}
	return out
}

// clear forgets what came before a scenario.
func (m *mailSink) clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept = nil
}

// next takes the oldest mail, waiting for it up to five seconds; the answer is
// 404 when none came.
func (m *mailSink) next() *answer {
	for range 100 {
		m.mu.Lock()
		if len(m.kept) > 0 {
			first := m.kept[0]
			m.kept = m.kept[1:]
			m.mu.Unlock()
			return &answer{status: 200, media: "application/json", body: first}
		}
		m.mu.Unlock()
		time.Sleep(50 * time.Millisecond)
	}
	return &answer{status: 404, media: "text/plain", text: "no mail"}
}
