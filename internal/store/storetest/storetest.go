// Package storetest proves that a database keeps the promises of internal/store:
// each change happens only while its condition holds, commits are whole or
// nothing, nothing is accepted twice under races, and the cache never shows
// what is over. Every database passes all of it; no group is skipped. What
// concerns one database only is tested in internal/store itself.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"symbolon/internal/audit"
	"symbolon/internal/store"
	"symbolon/internal/token"
)

// Opener opens one and the same database each time it is called, with the
// options given but for those that say where it is.
type Opener func(t *testing.T, o store.Options) *store.Store

// Run runs the suite. fresh returns an Opener for a new and empty database.
func Run(t *testing.T, fresh func(t *testing.T) Opener) {
	for _, g := range []struct {
		name string
		test func(t *testing.T, d *desk)
	}{
		{"changes of tokens", tokenChanges},
		{"usable", usability},
		{"unknown rows", unknownRows},
		{"creation", creation},
		{"replacement", replacement},
		{"limits", limits},
		{"versions", versions},
		{"information", information},
		{"challenges", challenges},
		{"challenge lists", challengeLists},
		{"challenge pages", challengePages},
		{"attributes of users", attributes},
		{"dates without a zone", zoneless},
		{"attempts", attempts},
		{"definitions", definitions},
		{"atomicity", atomicity},
		{"order", order},
		{"at most", atMost},
		{"one counter", oneCounter},
		{"successes together", successesTogether},
		{"several tokens", severalTokens},
		{"revocation", revocation},
		{"records with changes", recordsWithChanges},
		{"records alone", recordsAlone},
		{"chain", chain},
		{"record filters", recordFilters},
		{"record restriction", recordRestriction},
		{"token filters", tokenFilters},
		{"token paging", tokenPaging},
		{"handed out", handedOut},
		{"coherence", coherence},
		{"coherence under load", coherenceUnderLoad},
		{"reading while writing", readingWhileWriting},
	} {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			g.test(t, newDesk(t, fresh(t)))
		})
	}
}

// start is the instant at which all happens, in whole microseconds.
var start = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)

// desk is a database with two ways to look at it: the store under test, which
// caches, and one that reads everything anew.
type desk struct {
	open  Opener
	store *store.Store
	plain *store.Store
	next  atomic.Int64
}

func newDesk(t *testing.T, open Opener) *desk {
	d := &desk{open: open}
	d.store = open(t, store.Options{Node: "node1", Now: func() time.Time { return start }, NoSync: true})
	d.plain = open(t, store.Options{Node: "reader", CacheTokens: -1, NoSync: true})
	t.Cleanup(func() {
		if err := errors.Join(d.plain.Close(), d.store.Close()); err != nil {
			t.Error(err)
		}
	})
	return d
}

// id returns a number nobody has. Later ones are not larger.
func (d *desk) id() token.ID { return token.ID(uint64(d.next.Add(1))*0x9E3779B97F4A7C15>>11 | 1) }

// draft is a token as it can be created, after edit.
func (d *desk) draft(edit func(*token.Token)) token.Token {
	id := d.id()
	tok := token.Token{ID: id, Serial: fmt.Sprintf("HOTP%08X", id), Type: "hotp", Description: "a token",
		Owner:  token.Owner{UserID: fmt.Sprint(id), Resolver: "resolver1", Realm: "realm1"},
		Realms: []string{"realm1"}, PINHash: "hash", Sealed: []byte{1, 2, 3}, Digits: 6, Window: 10, SyncWindow: 1000,
		Info: map[string]token.Entry{"hashlib": {Text: "sha1"}}, Created: start,
		Standing: token.Standing{MaxFailures: 10, Active: true}}
	if edit != nil {
		edit(&tok)
	}
	return tok
}

// token creates a token.
func (d *desk) token(t testing.TB, edit func(*token.Token)) token.Token {
	t.Helper()
	tok := d.draft(edit)
	d.holds(t, token.Create{Token: tok})
	return tok
}

func (d *desk) commit(changes ...token.Change) (caseNumber string, err error) {
	caseNumber = fmt.Sprint("case", d.next.Add(1))
	rec := audit.Record{Case: caseNumber, Started: start, Ended: start, Action: "POST /validate/check"}
	return caseNumber, d.store.Commit(context.Background(), token.Commit{Changes: changes, Record: &rec})
}

// holds commits, and wants it to happen, with its record.
func (d *desk) holds(t testing.TB, changes ...token.Change) {
	t.Helper()
	number, err := d.commit(changes...)
	if err != nil {
		t.Fatalf("%v: %v", changes, err)
	}
	if _, ok, err := d.plain.RecordOf(context.Background(), number); !ok || err != nil {
		t.Fatalf("%v: the record is missing (%v)", changes, err)
	}
}

// misses commits, and wants a conflict without a record.
func (d *desk) misses(t testing.TB, changes ...token.Change) {
	t.Helper()
	number, err := d.commit(changes...)
	if !errors.Is(err, token.ErrConflict) {
		t.Fatalf("%v: got %v, want a conflict", changes, err)
	}
	if _, ok, err := d.plain.RecordOf(context.Background(), number); ok || err != nil {
		t.Fatalf("%v: there is a record of what did not happen (%v)", changes, err)
	}
}

// check wants the token to be stored as want, whoever is asked.
func (d *desk) check(t testing.TB, want token.Token) {
	t.Helper()
	ctx := context.Background()
	for name, s := range map[string]*store.Store{"cached": d.store, "uncached": d.plain} {
		got, err := s.TokenBySerial(ctx, want.Serial)
		if err != nil {
			t.Fatalf("%s %s: %v", name, want.Serial, err)
		}
		same(t, name+" "+want.Serial, *got, want)
	}
}

// same wants got to be want.
func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

func ptr[T any](v T) *T { return &v }
