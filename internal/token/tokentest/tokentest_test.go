package tokentest

import (
	"context"
	"errors"
	"testing"

	"symbolon/internal/fault"
	"symbolon/internal/token"
)

func TestApplyIsAllOrNothing(t *testing.T) {
	t.Parallel()
	w := New(t)
	id := w.Add(token.Token{Serial: "S"}).ID
	entry := token.Entry{Text: "x"}
	err := w.Apply(token.SetInfo{Token: id, Key: "k", To: &entry}, token.MoveCounter{Token: id, From: 5, To: 6})
	if !errors.Is(err, token.ErrConflict) || len(w.Get(id).Info) != 0 {
		t.Errorf("%v, %v", err, w.Get(id).Info)
	}
	for _, c := range []token.Change{
		token.SetInfo{Token: id, Key: "k", From: &entry, To: &entry}, token.SetState{Token: id, From: token.Verify},
		token.SetPIN{Token: id, From: "x"}, token.MoveCounter{Token: id + 1}, token.Create{Token: token.Token{ID: 1, Serial: "S"}},
		token.Consume{Was: token.Open}, token.Settle{}, token.SetActive{Token: id, To: true},
	} {
		if err := w.Apply(c); !errors.Is(err, token.ErrConflict) {
			t.Errorf("%v: %v", c, err)
		}
	}
}

func TestASuccessNeedsAUsableToken(t *testing.T) {
	t.Parallel()
	w := New(t)
	tok := w.Add(token.Token{Serial: "S"})
	if err := w.Accept(tok); err != nil || w.Get(tok.ID).Successes != 1 {
		t.Fatal(err)
	}
	if err := w.Apply(token.Revoke{Token: tok.ID}); err != nil {
		t.Fatal(err)
	}
	if err := w.Accept(tok); !errors.Is(err, token.ErrConflict) {
		t.Errorf("%v", err)
	}
}

func TestFailuresFillUp(t *testing.T) {
	t.Parallel()
	w := New(t)
	tok := w.Add(token.Token{Serial: "S", Standing: token.Standing{MaxFailures: 2}})
	for range 3 {
		if err := w.Judge(tok, token.Match{}); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.Get(tok.ID); got.Failures != 2 || !got.FailedAt.Equal(w.Now) {
		t.Errorf("%d failures, full at %v", got.Failures, got.FailedAt)
	}
}

// What is read is a copy, and an unknown serial is the fault of the real store.
func TestReader(t *testing.T) {
	t.Parallel()
	w := New(t)
	id := w.Add(token.Token{Serial: "S", Info: map[string]token.Entry{"k": {Text: "v"}}}).ID
	c := w.Case()
	tok, err := c.TokenBySerial(context.Background(), "S")
	if err != nil {
		t.Fatal(err)
	}
	tok.Info["k"] = token.Entry{Text: "other"}
	if w.Get(id).Info["k"].Text != "v" {
		t.Error("a read token is not a copy")
	}
	if _, err := c.TokenBySerial(context.Background(), "T"); !fault.Is(err, fault.TokenNotFound) {
		t.Errorf("%v", err)
	}
}
