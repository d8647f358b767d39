package envelope

import (
	"encoding/json"
	"reflect"
	"testing"

	"symbolon/internal/fault"
)

func TestParamsRequired(t *testing.T) {
	t.Parallel()
	p := Params{"a": "x", "e": "", "n": nil, "i": int64(5)}
	tests := []struct {
		name               string
		required, nonEmpty fault.Kind // 0: fine
	}{
		{"a", 0, 0}, {"e", 0, fault.ParameterEmpty}, {"n", fault.ParameterMissing, fault.ParameterMissing},
		{"i", fault.ParameterInvalid, fault.ParameterInvalid}, {"gone", fault.ParameterMissing, fault.ParameterMissing},
	}
	for _, tt := range tests {
		_, err := p.Required(tt.name)
		_, err2 := p.NonEmpty(tt.name)
		if kindOf(err) != tt.required || kindOf(err2) != tt.nonEmpty {
			t.Errorf("%s: got %v, %v", tt.name, err, err2)
		}
	}
	if name, v, err := p.OneOf("e", "n", "a"); name != "a" || v != "x" || err != nil {
		t.Errorf("got %s, %s, %v", name, v, err)
	}
	if _, _, err := p.OneOf("e", "gone"); !fault.Is(err, fault.ParameterMissingOneOf) {
		t.Errorf("got %v", err)
	}
	if got := p.Choice("a", "d", "x", "y"); got != "x" {
		t.Errorf("got %s", got)
	}
	if p.Choice("e", "d", "x") != "d" || p.Choice("i", "d", "x") != "d" || p.Choice("gone", "d") != "d" {
		t.Error("anything else is the default")
	}
}

func kindOf(err error) fault.Kind {
	if f := fault.Of(err); f != nil {
		return f.Kind
	}
	return 0
}

func TestParamsTrue(t *testing.T) {
	t.Parallel()
	for _, v := range []any{int64(1), "1", true, "True", "true", "TRUE", 1.0} {
		if !(Params{"a": v}).True("a") {
			t.Errorf("%#v is true", v)
		}
	}
	for _, v := range []any{nil, "yes", "on", int64(2), "tRue", "", "0", false, []any{true}, map[string]any{}, 1.5} {
		if (Params{"a": v}).True("a") {
			t.Errorf("%#v is false", v)
		}
	}
}

func TestParamsInt(t *testing.T) {
	t.Parallel()
	for v, want := range map[any]int64{int64(7): 7, "7": 7, " -7 ": -7, "+7": 7, 7.0: 7, nil: 42} {
		if got, err := (Params{"a": v}).Int("a", 42); got != want || err != nil {
			t.Errorf("%#v: got %d, %v", v, got, err)
		}
	}
	for _, v := range []any{"", "x", "7.0", "0x7", "99999999999999999999", 7.5, 1e300, true, []any{}, map[string]any{}, json.Number("99999999999999999999")} {
		if _, err := (Params{"a": v}).Int("a", 42); !fault.Is(err, fault.NotANumber) {
			t.Errorf("%#v: got %v", v, err)
		}
	}
}

func TestParamsList(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		v    any
		want []string
		ok   bool
	}{
		{nil, nil, false}, {"", []string{}, true}, {" a, b,,c ", []string{"a", "b", "c"}, true},
		{[]any{"a,b", " c ", "", int64(1), true}, []string{"a,b", "c", "1", "True"}, true}, {[]any{}, []string{}, true},
	} {
		got, ok, err := (Params{"a": tt.v}).List("a")
		if !reflect.DeepEqual(got, tt.want) || ok != tt.ok || err != nil {
			t.Errorf("%#v: got %#v, %v, %v", tt.v, got, ok, err)
		}
	}
	for _, v := range []any{int64(1), true, map[string]any{}, []any{[]any{}}, []any{nil}} {
		if _, _, err := (Params{"a": v}).List("a"); !fault.Is(err, fault.ParameterInvalid) {
			t.Errorf("%#v: got %v", v, err)
		}
	}
}

func TestParamsObject(t *testing.T) {
	t.Parallel()
	want := map[string]any{"k": int64(1)}
	for _, v := range []any{want, `{"k": 1}`} {
		if got, ok, err := (Params{"a": v}).Object("a"); !reflect.DeepEqual(got, want) || !ok || err != nil {
			t.Errorf("%#v: got %#v, %v, %v", v, got, ok, err)
		}
	}
	if _, ok, err := (Params{}).Object("a"); ok || err != nil {
		t.Error("absent is no error")
	}
	for _, v := range []any{"", "x", "[1]", "{", int64(1), []any{}} {
		if _, _, err := (Params{"a": v}).Object("a"); !fault.Is(err, fault.ParameterInvalid) {
			t.Errorf("%#v: got %v", v, err)
		}
	}
}

func TestParamsScalar(t *testing.T) {
	t.Parallel()
	for v, want := range map[any]string{"x": "x", int64(5): "5", true: "True", false: "False", 1.5: "1.5", 2.0: "2.0", json.Number("12345678901234567890"): "12345678901234567890"} {
		if got, ok, err := (Params{"a": v}).Scalar("a"); got != want || !ok || err != nil {
			t.Errorf("%#v: got %s, %v, %v", v, got, ok, err)
		}
	}
	if _, _, err := (Params{"a": []any{}}).Scalar("a"); !fault.Is(err, fault.ParameterInvalid) {
		t.Errorf("got %v", err)
	}
}

func TestLowerKeys(t *testing.T) {
	t.Parallel()
	got := Params{"Scope": "a", "scope": "b", "REALM": "r", "Session": "s"}.LowerKeys()
	if want := (Params{"scope": "b", "realm": "r"}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
