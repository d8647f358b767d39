package envelope

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"unicode/utf8"

	"symbolon/internal/fault"
)

// Limits bound what one request may make the server hold.
type Limits struct {
	Body   int64 // bytes of the body, of everything in it together
	Params int   // parameters of form, query and multipart together; files count too
	Depth  int   // nesting of JSON
	Values int   // values in JSON
}

// DefaultLimits are those of ordinary requests. Uploads get a larger Body.
func DefaultLimits() Limits { return Limits{Body: 10 << 20, Params: 1000, Depth: 32, Values: 100_000} }

// File is one uploaded file.
type File struct {
	Field   string // the part's name
	Name    string // the file name the client gave; never a path to be used
	Content []byte
}

// Merged is what a request carries.
type Merged struct {
	Params Params
	Files  []File // in their order
}

// File returns the first uploaded file of this field.
func (m Merged) File(field string) (File, bool) {
	for _, f := range m.Files {
		if f.Field == field {
			return f, true
		}
	}
	return File{}, false
}

// Merge collects the parameters of a request: form, query, JSON, path; later
// ones win, and of a key that is repeated in one source the first
// (rest-api.md 2.2). Form, query and path values are percent-decoded once more
// when twice is set. Faults are Malformed and TooLarge; other errors mean that
// the connection broke.
func Merge(r *http.Request, path map[string]string, twice bool, limits Limits) (Merged, error) {
	kind := mediaType(r.Header.Get("Content-Type"))
	body, err := readBody(r, limits.Body)
	if err != nil {
		return Merged{}, err
	}
	c := collector{limits: limits, twice: twice, params: Params{}}
	// Some client sends the form in the body of a GET (clients.md C4); that of a
	// DELETE has never been read.
	if r.Method != http.MethodDelete {
		switch kind {
		case formType:
			err = c.pairs(string(body))
		case multipartType:
			err = c.multipart(r.Header.Get("Content-Type"), body)
		}
	}
	if err != nil {
		return Merged{}, err
	}
	if err := c.query(r.URL.RawQuery); err != nil {
		return Merged{}, err
	}
	if err := c.json(kind, body); err != nil {
		return Merged{}, err
	}
	for k, v := range path {
		c.params[k] = c.decoded(v)
	}
	if err := c.check(); err != nil {
		return Merged{}, err
	}
	return Merged{c.params, c.files}, nil
}

const (
	formType      = "application/x-www-form-urlencoded"
	multipartType = "multipart/form-data"
)

func mediaType(header string) string {
	kind, _, _ := strings.Cut(header, ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

func isJSON(kind string) bool {
	return kind == "application/json" || strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json")
}

func readBody(r *http.Request, limit int64) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	if r.ContentLength > limit {
		return nil, fault.New(fault.TooLarge, "request body")
	}
	b, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > limit {
		return nil, fault.New(fault.TooLarge, "request body")
	}
	return b, nil
}

type collector struct {
	limits Limits
	twice  bool
	count  int
	params Params
	files  []File
}

func (c *collector) decoded(s string) string {
	s = valid(s)
	if c.twice {
		s = PercentDecode(s)
	}
	return s
}

func (c *collector) one() error {
	if c.count++; c.count > c.limits.Params {
		return fault.New(fault.Malformed, "too many parameters")
	}
	return nil
}

// pairs adds form-encoded pairs; the first of repeated keys stays.
func (c *collector) pairs(s string) error {
	for pair := range strings.SplitSeq(s, "&") {
		if pair == "" {
			continue
		}
		if err := c.one(); err != nil {
			return err
		}
		k, v, _ := strings.Cut(pair, "=")
		if k = valid(unescape(k, true)); c.params[k] == nil {
			c.params[k] = c.decoded(unescape(v, true))
		}
	}
	return nil
}

func (c *collector) query(raw string) error {
	form := c.params
	c.params = Params{}
	if err := c.pairs(raw); err != nil {
		return err
	}
	for k, v := range c.params {
		form[k] = v
	}
	c.params = form
	return nil
}

// multipart adds the parts without file name as parameters and keeps the
// others as files. A part needs no content type.
func (c *collector) multipart(header string, body []byte) error {
	_, attrs, err := mime.ParseMediaType(header)
	if err != nil || attrs["boundary"] == "" {
		return fault.New(fault.Malformed, "multipart body without a boundary")
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	parts := multipart.NewReader(bytes.NewReader(body), attrs["boundary"])
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		empty := n == 0 && !bytes.Contains(body, []byte("--"+attrs["boundary"]+"--"))
		if errors.Is(err, io.EOF) && !empty {
			return nil
		}
		if err != nil {
			return fault.New(fault.Malformed, "broken multipart body")
		}
		if err := c.one(); err != nil {
			return err
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return fault.New(fault.Malformed, "broken multipart body")
		}
		c.part(part, content)
	}
}

func (c *collector) part(part *multipart.Part, content []byte) {
	disposition, attrs, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	name, named := attrs["name"]
	if err != nil || disposition != "form-data" || !named {
		return
	}
	name = valid(name)
	if file, ok := attrs["filename"]; ok {
		c.files = append(c.files, File{Field: name, Name: valid(file), Content: content})
		return
	}
	if c.params[name] == nil {
		c.params[name] = c.decoded(string(content))
	}
}

// json adds a JSON object. A body that calls itself JSON must be one, or empty;
// others are looked at only if they happen to be one.
func (c *collector) json(kind string, body []byte) error {
	if kind == formType || kind == multipartType || len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	parsed, err := parseJSON(body, c.limits)
	object, ok := parsed.(map[string]any)
	switch {
	case err != nil && isJSON(kind):
		return err
	case !ok && isJSON(kind):
		return fault.New(fault.Malformed, "the JSON body is not an object")
	case err != nil || !ok:
		return nil
	}
	for k, v := range object {
		c.params[k] = v
	}
	return nil
}

// check refuses the character NUL, which no database can be trusted to keep.
func (c *collector) check() error {
	for k, v := range c.params {
		if strings.ContainsRune(k, 0) || holdsNUL(v) {
			return fault.New(fault.Malformed, "a parameter contains the character NUL")
		}
	}
	return nil
}

func holdsNUL(v any) bool {
	switch v := v.(type) {
	case string:
		return strings.IndexByte(v, 0) >= 0
	case []any:
		for _, e := range v {
			if holdsNUL(e) {
				return true
			}
		}
	case map[string]any:
		for k, e := range v {
			if strings.IndexByte(k, 0) >= 0 || holdsNUL(e) {
				return true
			}
		}
	}
	return false
}

// valid replaces each byte that is no UTF-8 by the replacement character.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}
