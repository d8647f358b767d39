package conformance

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// scenario is one file: a sequence of requests on a server without tokens,
// policies and containers, with the users of the passwd fixture in realm
// "realm1" (the default realm).
type scenario struct {
	Title  string            `yaml:"title"`
	Source string            `yaml:"source,omitempty"` // the server and version the answers were recorded from
	Vars   map[string]string `yaml:"vars,omitempty"`
	Steps  []*step           `yaml:"steps"`

	name string // product/file.yaml
}

// product is the folder: privacyidea, edumfa or linotp.
func (sc *scenario) product() string {
	product, _, _ := strings.Cut(sc.name, "/")
	return product
}

// slept is how long the scenario waits, all steps together.
func (sc *scenario) slept() (all time.Duration) {
	for _, s := range sc.Steps {
		d, _ := time.ParseDuration(s.Sleep)
		all += d
	}
	return all
}

// step is one request and the answer expected to it.
type step struct {
	Name      string            `yaml:"name"`
	Send      string            `yaml:"send,omitempty"` // METHOD /path?query
	As        string            `yaml:"as,omitempty"`   // "admin", "user LOGIN PASSWORD", "" = anonymous
	Headers   map[string]string `yaml:"headers,omitempty"`
	Form      map[string]string `yaml:"form,omitempty"`
	JSON      any               `yaml:"json,omitempty"`
	Raw       string            `yaml:"raw,omitempty"`       // a body sent as it is; the media type comes from headers
	Files     map[string]string `yaml:"files,omitempty"`     // parts of a multipart form: content by part name
	Set       map[string]string `yaml:"set,omitempty"`       // variable: template, computed before sending
	Until     string            `yaml:"until,omitempty"`     // repeat until the answer has this dotted path, at most 20 seconds
	Start     string            `yaml:"start,omitempty"`     // a name: send without waiting for the answer
	Await     string            `yaml:"await,omitempty"`     // send nothing, take the answer of the step started under this name
	Sleep     string            `yaml:"sleep,omitempty"`     // wait before sending, a Go duration
	Save      map[string]string `yaml:"save,omitempty"`      // variable: dotted path in the answer
	Check     map[string]string `yaml:"check,omitempty"`     // expression without ${}: the text it must give after saving
	Ignore    []string          `yaml:"ignore,omitempty"`    // dotted paths left out of the comparison; * stands for one key
	Sorted    []string          `yaml:"sorted,omitempty"`    // dotted paths of lists whose order does not matter
	Unchecked bool              `yaml:"unchecked,omitempty"` // the answer does not matter (the real server's is a defect, see note)
	Loose     []string          `yaml:"loose,omitempty"`     // dotted paths of scalars of which only the kind is compared
	Note      string            `yaml:"note,omitempty"`      // why something is ignored, or what to look at
	Repeat    int               `yaml:"repeat,omitempty"`    // send it so many times; the last answer counts
	Expect    *expect           `yaml:"expect,omitempty"`
}

// expect is an answer. Exactly one of Body and Text is set.
type expect struct {
	Status int    `yaml:"status"`
	Type   string `yaml:"type,omitempty"` // media type without parameters
	Body   any    `yaml:"body,omitempty"`
	Text   string `yaml:"text,omitempty"`
}

func loadScenario(path string) (*scenario, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	sc := &scenario{name: strings.TrimPrefix(path, "scenarios/")}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(sc); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return sc, nil
}
