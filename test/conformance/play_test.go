package conformance

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// play sends every step of the scenario and hands each answer to seen.
func (r *runner) play(sc *scenario, seen func(i int, s *step, a *answer, vars map[string]string) error) error {
	vars, err := r.provided()
	if err != nil {
		return err
	}
	for k, v := range sc.Vars {
		if vars[k], err = expand(v, vars); err != nil {
			return err
		}
	}
	for i, s := range sc.Steps {
		a, err := r.playStep(s, vars)
		if a != nil {
			r.say("%2d %s -> %d %.400s", i+1, s.Name, a.status, a.text)
		}
		if err != nil {
			return fmt.Errorf("step %d %q: %w", i+1, s.Name, err)
		}
		if err := seen(i, s, a, vars); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) playStep(s *step, vars map[string]string) (a *answer, err error) {
	if s.Sleep != "" {
		d, err := time.ParseDuration(s.Sleep)
		if err != nil {
			return nil, err
		}
		r.pause(d, vars)
	}
	for range max(1, s.Repeat) {
		if a, err = r.stepAnswer(s, vars); err != nil {
			return nil, err
		}
	}
	for name, path := range s.Save {
		v, ok := a.find(path)
		if !ok {
			return a, fmt.Errorf("nothing at %s in %.300s", path, a.text)
		}
		if f, isNumber := v.(float64); isNumber {
			vars[name] = fmt.Sprintf("%.0f", f)
		} else {
			vars[name], _ = valueText(v, ".#")
		}
	}
	return a, s.checkVars(vars)
}

// sendStep expands the step's request and sends it.
func (r *runner) sendStep(s *step, vars map[string]string) (*answer, error) {
	x := expander{vars: vars}
	method, path, ok := strings.Cut(x.text(s.Send), " ")
	c := call{
		method: method, path: path, as: x.text(s.As), headers: x.texts(s.Headers), form: x.texts(s.Form),
		json: x.value(s.JSON), raw: x.text(s.Raw), files: x.texts(s.Files),
	}
	switch {
	case x.err != nil:
		return nil, x.err
	case !ok:
		return nil, fmt.Errorf("send: want METHOD /path, got %q", s.Send)
	case method == "MAIL":
		return r.mails.next(), nil
	case method == "SINK":
		return r.sink.next(path), nil
	}
	return r.send(c)
}

// verify plays the scenario and lists the departures from what was recorded.
func (r *runner) verify(sc *scenario) []string {
	var problems []string
	err := r.play(sc, func(i int, s *step, a *answer, vars map[string]string) error {
		found, err := departures(s, a, vars)
		for _, p := range found {
			p = fmt.Sprintf("step %d %q: %s", i+1, s.Name, p)
			r.say("   departs: %s", p)
			problems = append(problems, p)
		}
		return err
	})
	if err != nil {
		problems = append(problems, err.Error())
	}
	return problems
}

// departures compares an answer with the one that was recorded.
func departures(s *step, a *answer, vars map[string]string) (problems []string, err error) {
	if s.Expect == nil {
		return nil, nil
	}
	if a.status != s.Expect.Status {
		problems = append(problems, fmt.Sprintf("want status %d, got %d: %.300s", s.Expect.Status, a.status, a.text))
	}
	if s.Expect.Type != "" && a.media != s.Expect.Type {
		problems = append(problems, fmt.Sprintf("want %s, got %s", s.Expect.Type, a.media))
	}
	if s.Expect.Body != nil {
		x := expander{vars: vars}
		want := x.value(plain(s.Expect.Body))
		if x.err != nil {
			return problems, x.err
		}
		for _, p := range slices.Concat(volatile, s.Ignore) {
			prune(want, p)
		}
		problems = append(problems, difference("", want, trimmed(s, a))...)
	}
	if s.Expect.Text != "" && a.text != s.Expect.Text {
		problems = append(problems, fmt.Sprintf("want %s, got %s", show(s.Expect.Text), show(a.text)))
	}
	return problems, nil
}

// trimmed is the answer's body without what the step does not compare.
func trimmed(s *step, a *answer) any {
	body := unfolded(deepCopy(a.body))
	for _, p := range slices.Concat(volatile, s.Ignore) {
		prune(body, p)
	}
	sortLists(body, s.Sorted)
	return blur(body, s.Loose)
}

// plain turns YAML's numbers into JSON's.
func plain(v any) any {
	data, err := yaml.Marshal(v)
	if err != nil {
		return v
	}
	var out any
	if yaml.Unmarshal(data, &out) != nil {
		return v
	}
	return deepCopy(out)
}
