package policy

import (
	"context"
	"fmt"

	"symbolon/internal/fault"
)

// The sections of conditions (policies.md 3.1).
const (
	SectionUser          = "userinfo"
	SectionToken         = "token"
	SectionTokenInfo     = "tokeninfo"
	SectionHeader        = "HTTP Request header"
	SectionEnvironment   = "HTTP Environment"
	SectionContainer     = "container"
	SectionContainerInfo = "container_info"
	SectionRequest       = "Request Data"
)

// What a condition means when there is nothing to look at.
const (
	MissingRaises  = "raise_error"
	MissingIsTrue  = "condition_is_true"
	MissingIsFalse = "condition_is_false"
)

// Described is a name with a description, and with the words a user interface
// shows for it where they are not the name.
type Described struct{ Name, Shown, Doc string }

// ConditionSections describes the sections that the product's policies know.
func ConditionSections(product string) []Described {
	all := []Described{
		{Name: SectionUser, Doc: "The user: an attribute that a resolver knows, or one set here."},
		{Name: SectionToken, Doc: "The token: a field such as tokentype, active or realms."},
		{Name: SectionTokenInfo, Doc: "The token: an entry of its additional information."},
		{Name: SectionHeader, Doc: "A header of the HTTP request. The client chooses it."},
		{Name: SectionEnvironment, Doc: "A variable of the HTTP request such as REQUEST_METHOD or REMOTE_ADDR."},
	}
	if product == EduMFA {
		return all
	}
	return append(all,
		Described{Name: SectionContainer, Doc: "The container: a field such as type, states or realms."},
		Described{Name: SectionContainerInfo, Doc: "The container: an entry of its additional information."},
		Described{Name: SectionRequest, Doc: "A parameter of the request, passwords excepted. The client chooses it."},
	)
}

// MissingData describes what can be asked for when a condition finds nothing to look at.
func MissingData() []Described {
	return []Described{
		{Name: MissingRaises, Shown: "Raise an error", Doc: "The request fails."},
		{Name: MissingIsTrue, Shown: "Condition is true", Doc: "The condition counts as met."},
		{Name: MissingIsFalse, Shown: "Condition is false", Doc: "The condition counts as not met, so the policy does not match."},
	}
}

func described(list []Described, name string) bool {
	for _, d := range list {
		if d.Name == name {
			return true
		}
	}
	return false
}

// flaw says what is wrong with a condition, in the words of policies.md 3.4.
func (c Condition) flaw() string {
	switch {
	case !described(ConditionSections(PrivacyIDEA), c.Section):
		return misplaced(0, c.Section)
	case c.Key == "":
		return misplaced(1, "")
	case comparisons(c.Comparator) == nil:
		return misplaced(2, c.Comparator)
	case c.Value == "":
		return misplaced(3, "")
	case c.Missing != "" && !described(MissingData(), c.Missing):
		return misplaced(5, c.Missing)
	}
	return ""
}

// test is a compiled condition.
type test struct {
	Condition
	malformed string     // why it cannot be evaluated
	holds     comparison // nil: its value cannot be used, so no comparison can be made
}

func compileCondition(c Condition) test {
	t := test{Condition: c}
	if t.malformed = c.flaw(); t.malformed != "" {
		return t
	}
	t.holds, _ = comparisons(c.Comparator)(c.Value)
	return t
}

// met evaluates the condition. What cannot be evaluated is a fault that names
// the policy.
func (t *test) met(v *View, policy string) (bool, error) {
	if t.malformed != "" {
		return false, fault.New(fault.ConditionMalformed, t.malformed, policy)
	}
	left, there, err := look(v.ctx, v.at.Facts, t.Section, t.Key)
	if err != nil {
		return false, fmt.Errorf("condition of policy %s: %w", policy, err)
	}
	if there && left == nil {
		return t.missing(fault.New(fault.ConditionKey, policy, t.Section, t.Key))
	}
	if !there {
		return t.missing(fault.New(fault.ConditionObject, policy, t.Section, t.Key, object(t.Section)))
	}
	if t.holds == nil {
		return false, fault.New(fault.ConditionInvalid, policy, t.Section)
	}
	ok, err := t.holds(left, v.at.Now)
	if err != nil {
		return false, fault.New(fault.ConditionInvalid, policy, t.Section)
	}
	return ok, nil
}

func (t *test) missing(f *fault.Fault) (bool, error) {
	switch t.Missing {
	case MissingIsTrue:
		return true, nil
	case MissingIsFalse:
		return false, nil
	}
	return false, f
}

// object is the word for what a section looks at.
func object(section string) string {
	switch section {
	case SectionUser:
		return "user"
	case SectionToken, SectionTokenInfo:
		return "token"
	case SectionContainer, SectionContainerInfo:
		return "container"
	}
	return section
}

// look finds what a condition compares. there says that the object exists; a
// nil value of an object that exists is a missing key.
func look(ctx context.Context, f Facts, section, key string) (left any, there bool, err error) {
	if f == nil {
		return nil, false, nil
	}
	switch section {
	case SectionUser:
		info, ok, err := f.UserInfo(ctx)
		return entry(info, key), ok, err
	case SectionTokenInfo:
		info, ok, err := f.TokenInfo(ctx)
		return entry(info, key), ok, err
	case SectionToken:
		row, ok, err := f.TokenRow(ctx)
		return row[key], ok, err
	case SectionContainer, SectionContainerInfo:
		return lookContainer(ctx, f, section, key)
	}
	if !f.InRequest() {
		return nil, false, nil
	}
	switch section {
	case SectionHeader:
		return text(f.Header(key)), true, nil
	case SectionEnvironment:
		return text(f.Environment(key)), true, nil
	}
	if key == "pass" || key == "password" {
		return nil, true, nil
	}
	if value, ok := f.Parameter(key); ok {
		left = value
	}
	return left, true, nil
}

// ContainerFacts is implemented by Facts that know of containers, too.
type ContainerFacts interface {
	ContainerRow(ctx context.Context) (row map[string]any, ok bool, err error)
	ContainerInfo(ctx context.Context) (info map[string]string, ok bool, err error)
}

func lookContainer(ctx context.Context, f Facts, section, key string) (any, bool, error) {
	c, ok := f.(ContainerFacts)
	if !ok {
		return nil, false, nil
	}
	if section == SectionContainer {
		row, ok, err := c.ContainerRow(ctx)
		return row[key], ok, err
	}
	info, ok, err := c.ContainerInfo(ctx)
	return entry(info, key), ok, err
}

func entry(info map[string]string, key string) any {
	v, ok := info[key]
	return text(v, ok)
}

func text(v string, ok bool) any {
	if !ok {
		return nil
	}
	return v
}
