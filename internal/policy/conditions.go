package policy

import (
	"fmt"
	"strconv"

	"symbolon/internal/fault"
)

// ParseConditions reads conditions as a request brings them: lists of 5 or 6
// values out of decoded JSON. What cannot be a condition is one of the faults
// that Validate has to report in its turn: PolicyConditionSize or
// PolicyCondition, with the values of the condition at fault. eduMFA knows
// conditions of 5 values only, and has one text for all wrong types.
func ParseConditions(policy string, raw [][]any, product string) ([]Condition, error) {
	var out []Condition
	for _, values := range raw {
		if len(values) != 5 && (len(values) != 6 || product == EduMFA) {
			return nil, fault.New(fault.PolicyConditionSize, policy, len(values), values)
		}
		c, err := conditionOf(values)
		switch {
		case err != nil && product == EduMFA:
			return nil, fault.New(fault.PolicyCondition, policy, "", values)
		case err != nil:
			return nil, fault.New(fault.PolicyCondition, policy, firstFlaw(values), values)
		}
		out = append(out, c)
	}
	return out, nil
}

// firstFlaw says what is wrong first, in the order of policies.md 3.4, with a
// condition of which some values have a wrong type.
func firstFlaw(values []any) string {
	c := Condition{Section: SectionUser, Key: "key", Comparator: "equals", Value: "value"}
	for i, to := range []*string{&c.Section, &c.Key, &c.Comparator, &c.Value} {
		s, ok := values[i].(string)
		if !ok {
			return misplaced(i, values[i])
		}
		*to = s
		if text := c.flaw(); text != "" {
			return text
		}
	}
	if _, ok := values[4].(bool); !ok {
		return misplaced(4, values[4])
	}
	return misplaced(5, values[5])
}

// misplaced is the text for a value of a wrong type at one of the six places.
func misplaced(place int, v any) string {
	shown, class := python(v)
	switch place {
	case 0:
		return fmt.Sprintf("Unknown section '%s' set in condition.", shown)
	case 1:
		return fmt.Sprintf("Key must be a non-empty string. Got '%s' of type '%s' instead.", shown, class)
	case 2:
		return fmt.Sprintf("Unknown comparator '%s'.", shown)
	case 3:
		return fmt.Sprintf("Value must be a non-empty string. Got '%s' of type '%s' instead.", shown, class)
	case 4:
		return fmt.Sprintf("Active must be a boolean. Got '%s' of type '%s' instead.", shown, class)
	}
	return fmt.Sprintf("Unknown handle missing data value '%s'!", shown)
}

// python shows a value and the name of its type as Python does.
func python(v any) (shown, class string) {
	switch v := v.(type) {
	case nil:
		return "None", "<class 'NoneType'>"
	case bool:
		return literalBool(v), "<class 'bool'>"
	case string:
		return v, "<class 'str'>"
	case float64:
		if v == float64(int64(v)) {
			return strconv.FormatInt(int64(v), 10), "<class 'int'>"
		}
		return strconv.FormatFloat(v, 'g', -1, 64), "<class 'float'>"
	case []any:
		return "[...]", "<class 'list'>"
	case map[string]any:
		return "{...}", "<class 'dict'>"
	}
	return fmt.Sprint(v), "<class 'int'>"
}

// values are the condition's values as a request brings them.
func (c Condition) values() []any {
	out := []any{c.Section, c.Key, c.Comparator, c.Value, c.Active}
	if c.Missing != "" {
		out = append(out, c.Missing)
	}
	return out
}
