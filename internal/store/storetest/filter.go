package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"symbolon/internal/token"
)

// listing are the tokens the filters are tried on, by serial.
func (d *desk) listing(t *testing.T) {
	add := func(serial string, edit func(*token.Token)) {
		d.token(t, func(t *token.Token) {
			t.Serial, t.Description, t.Info, t.Realms = serial, "", nil, nil
			t.Owner = token.Owner{}
			edit(t)
		})
	}
	add("A1", func(t *token.Token) {
		t.Owner, t.Realms = token.Owner{UserID: "1", Resolver: "Res1", Realm: "r1"}, []string{"r1", "r2"}
		t.Description, t.Info = "Der Schlüssel", map[string]token.Entry{"k": {Text: "v"}, "l": {Text: "w"}}
		t.Counter, t.Digits = 5, 8
	})
	add("A2", func(t *token.Token) {
		t.Owner, t.Type = token.Owner{UserID: "1", Resolver: "Res1", Realm: "r2"}, "totp"
		t.Description, t.Info = "der SCHLÜSSEL", map[string]token.Entry{"k": {Text: "V"}, "l": {Text: "v"}}
		t.Active, t.Counter = false, 3
	})
	add("a3", func(t *token.Token) {
		t.Owner, t.Realms, t.Type = token.Owner{UserID: "11", Resolver: "res2", Realm: "r3"}, []string{"r2"}, "sms"
		t.Description, t.State, t.Counter = "50%_[x]?", token.ClientWait, 4
	})
	add("B%1", func(t *token.Token) { t.Realms, t.Type, t.State = []string{"r4"}, "hotpx", "enrolled" })
	add("B_1", func(t *token.Token) { t.Info = map[string]token.Entry{"k": {Text: "v", Type: "password"}} })
}

// filtered is a filter and what it finds: the serials' places in the list A1 A2
// B%1 B_1 a3.
type filtered struct {
	name   string
	filter token.Filter
	want   string
}

func byName() []filtered {
	return []filtered{
		{"all", token.Filter{}, "12345"},
		{"serial", token.Filter{Serials: []string{"A1"}}, "1"},
		{"serial in other case", token.Filter{Serials: []string{"A3"}}, ""},
		{"serials", token.Filter{Serials: []string{"A1", "a*", "none"}}, "15"},
		{"serials with star", token.Filter{Serials: []string{"*1"}}, "134"},
		{"percent is a percent", token.Filter{Serials: []string{"B%1"}}, "3"},
		{"percent with star", token.Filter{Serials: []string{"%*"}}, ""},
		{"underscore with star", token.Filter{Serials: []string{"B_*"}}, "4"},
		{"question mark with star", token.Filter{Serials: []string{"?1*"}}, ""},
		{"any serial", token.Filter{Serials: []string{"none", "*"}}, "12345"},
		{"part of serial", token.Filter{Serial: "1"}, "134"},
		{"part of serial, case kept", token.Filter{Serial: "a"}, "5"},
		{"part of serial, star", token.Filter{Serial: "*"}, ""},
		{"types", token.Filter{Types: []string{"hotp", "sms"}}, "145"},
		{"types have no star", token.Filter{Types: []string{"hot*"}}, ""},
		{"type", token.Filter{Type: "hotp"}, "14"},
		{"type with star", token.Filter{Type: "*otp*"}, "1234"},
	}
}

func byOwner() []filtered {
	return []filtered{
		{"owner", token.Filter{Owner: &token.Owner{UserID: "1", Resolver: "Res1", Realm: "r1"}}, "1"},
		{"owner's resolver in other case", token.Filter{Owner: &token.Owner{UserID: "1", Resolver: "res1", Realm: "r1"}}, ""},
		{"nobody's", token.Filter{Owner: &token.Owner{}}, "34"},
		{"owner's realm", token.Filter{OwnerRealm: "r2"}, "2"},
		{"owner's realm with star", token.Filter{OwnerRealm: "r*"}, "125"},
		{"any owner's realm", token.Filter{OwnerRealm: "*"}, "12345"},
		{"resolver", token.Filter{OwnerResolver: "RES1"}, "12"},
		{"resolver with star", token.Filter{OwnerResolver: "rEs*"}, "125"},
		{"user id", token.Filter{OwnerID: "1"}, "12"},
		{"user id with star", token.Filter{OwnerID: "1*"}, "125"},
		{"token realm", token.Filter{TokenRealms: []string{"r2"}}, "15"},
		{"token realms", token.Filter{TokenRealms: []string{"r1", "r4"}}, "13"},
		{"token realm with star", token.Filter{TokenRealms: []string{"r*"}}, "135"},
		{"within realms", token.Filter{WithinRealms: []string{"r1", "r2"}}, "125"},
		{"within a token realm", token.Filter{WithinRealms: []string{"r4"}}, "3"},
		{"within an owner's realm", token.Filter{WithinRealms: []string{"r3"}}, "5"},
		{"within no realm", token.Filter{WithinRealms: []string{}}, ""},
		{"within a star", token.Filter{WithinRealms: []string{"*"}}, ""},
	}
}

func byRest() []filtered {
	yes, no := ptr(true), ptr(false)
	return []filtered{
		{"description", token.Filter{Description: "DER schlüssel"}, "12"},
		{"description with star", token.Filter{Description: "*SCHLÜ*"}, "12"},
		{"description with signs", token.Filter{Description: "50%_[X]*"}, "5"},
		{"description with other signs", token.Filter{Description: "*[xy]*"}, ""},
		{"assigned", token.Filter{Assigned: yes}, "125"},
		{"unassigned", token.Filter{Assigned: no}, "34"},
		{"active", token.Filter{Active: yes}, "1345"},
		{"inactive", token.Filter{Active: no}, "2"},
		{"state", token.Filter{State: ptr("clientwait")}, "5"},
		{"no state", token.Filter{State: ptr("")}, "124"},
		{"state with star", token.Filter{State: ptr("e*")}, "3"},
		{"any state", token.Filter{State: ptr("*")}, "12345"},
		{"info", token.Filter{InfoKey: "k", InfoValue: "v"}, "14"},
		{"info in other case", token.Filter{InfoKey: "k", InfoValue: "V"}, "2"},
		{"info has no star", token.Filter{InfoKey: "k", InfoValue: "*"}, ""},
		{"value without key", token.Filter{InfoValue: "v"}, "12345"},
		{"all together", token.Filter{Serials: []string{"A*"}, Serial: "2", Types: []string{"totp"}, OwnerRealm: "r2", Active: no,
			WithinRealms: []string{"r2"}, InfoKey: "l", InfoValue: "v"}, "2"},
	}
}

func tokenFilters(t *testing.T, d *desk) {
	d.listing(t)
	for _, c := range slices.Concat(byName(), byOwner(), byRest()) {
		t.Run(c.name, func(t *testing.T) {
			var want []string
			for _, place := range c.want {
				want = append(want, []string{"A1", "A2", "B%1", "B_1", "a3"}[place-'1'])
			}
			list, total, err := d.store.Tokens(context.Background(), c.filter)
			if err != nil || total != len(want) || !slices.Equal(serials(list), want) {
				t.Fatalf("got %v of %d, %v; want %v", serials(list), total, err, want)
			}
			d.holds(t, token.AtMost{Filter: c.filter, Max: len(want)})
			if len(want) > 0 {
				d.misses(t, token.AtMost{Filter: c.filter, Max: len(want) - 1})
			}
			for _, tok := range list {
				d.check(t, *tok)
			}
		})
	}
}

func tokenPaging(t *testing.T, d *desk) {
	d.listing(t)
	for _, c := range []struct {
		filter token.Filter
		want   []string
	}{
		{token.Filter{Limit: 2}, []string{"A1", "A2"}},
		{token.Filter{Limit: 2, Offset: 2}, []string{"B%1", "B_1"}},
		{token.Filter{Limit: 2, Offset: 4}, []string{"a3"}},
		{token.Filter{Limit: 2, Offset: 6}, nil},
		{token.Filter{Offset: 3}, []string{"B_1", "a3"}},
		{token.Filter{Limit: 2, Descending: true}, []string{"a3", "B_1"}},
		{token.Filter{Limit: 2, SortBy: "serial; DROP TABLE token"}, []string{"A1", "A2"}},
		{token.Filter{SortBy: "id"}, []string{"A1", "A2", "a3", "B%1", "B_1"}},
		{token.Filter{SortBy: "id", Descending: true, Limit: 1}, []string{"B_1"}},
		{token.Filter{SortBy: "tokentype"}, []string{"A1", "B_1", "B%1", "a3", "A2"}},
		{token.Filter{SortBy: "count", Descending: true, Limit: 3}, []string{"A1", "a3", "A2"}},
		{token.Filter{SortBy: "user_id", Descending: true, Limit: 1}, []string{"a3"}},
		{token.Filter{SortBy: "resolver", Descending: true, Limit: 1}, []string{"a3"}},
		{token.Filter{SortBy: "user_realm", Descending: true, Limit: 1}, []string{"a3"}},
		{token.Filter{SortBy: "description", Descending: true, Limit: 1}, []string{"A2"}},
		{token.Filter{SortBy: "otplen", Descending: true, Limit: 1}, []string{"A1"}},
		{token.Filter{SortBy: "active", Limit: 1}, []string{"A2"}},
		{token.Filter{SortBy: "rollout_state", Descending: true, Limit: 2}, []string{"B%1", "a3"}},
	} {
		t.Run(fmt.Sprintf("%+v", c.filter), func(t *testing.T) {
			list, total, err := d.store.Tokens(context.Background(), c.filter)
			if err != nil || total != 5 || !slices.Equal(serials(list), c.want) {
				t.Fatalf("got %v of %d, %v; want %v", serials(list), total, err, c.want)
			}
		})
	}
	for _, column := range []string{"count_window", "sync_window", "failcount", "maxfail", "revoked", "locked"} {
		list, _, err := d.store.Tokens(context.Background(), token.Filter{SortBy: column})
		if err != nil || !slices.Equal(serials(list), []string{"A1", "A2", "B%1", "B_1", "a3"}) {
			t.Errorf("all equal by %s: %v, %v", column, serials(list), err)
		}
	}
}
