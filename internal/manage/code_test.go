package manage_test

import (
	"testing"
	"time"

	"symbolon/internal/fault"
	"symbolon/internal/manage"
	"symbolon/internal/realm"
	"symbolon/internal/secret"
	"symbolon/internal/token"
	"symbolon/internal/tokentype"
	"symbolon/protocol/otp"
)

// hotp stores a token with a seed, and returns what makes its codes.
func (o *office) hotp(id token.ID, key string, owner token.Owner, realms ...string) *otp.Generator {
	o.t.Helper()
	if len(o.engine.Types) == 0 {
		o.engine.Types.Register(tokentype.All()...)
	}
	t := token.Token{ID: id, Serial: "T" + string(rune('0'+id)), Type: "hotp", Owner: owner, Realms: realms, Digits: 6,
		Window: 10, SyncWindow: 1000, Standing: token.Standing{Active: true, MaxFailures: 10}}
	var err error
	t.Sealed, err = o.ring.Seal(&t, secret.Text(key))
	o.must(err)
	o.must(o.store.Commit(o.t.Context(), token.Commit{Changes: []token.Change{token.Create{Token: t}}}))
	g, err := otp.NewGenerator([]byte(key), otp.SHA1, 6)
	o.must(err)
	return g
}

func TestFindByCode(t *testing.T) {
	t.Parallel()
	o := open(t)
	one := o.hotp(1, "12345678901234567890", token.Owner{}, "realm1")
	two := o.hotp(2, "09876543210987654321", token.Owner{})
	yes := true
	for _, c := range []struct {
		q      manage.CodeSearch
		serial string
		tried  int
	}{
		{manage.CodeSearch{Code: one.Code(3), Window: 10, Count: true}, "", 2},
		{manage.CodeSearch{Code: one.Code(3), Window: 10}, "T1", 2},
		{manage.CodeSearch{Code: one.Code(3), Window: 10}, "", 2}, // it is spent
		{manage.CodeSearch{Code: two.Code(30), Window: 10}, "", 2},
		{manage.CodeSearch{Code: two.Code(30), Window: 50}, "T2", 2},
		{manage.CodeSearch{Code: two.Code(31), Window: 10, Filter: token.Filter{Assigned: &yes}}, "", 0},
	} {
		serial, tried, err := manage.FindByCode(t.Context(), o.admin(), c.q)
		if err != nil || serial != c.serial || tried != c.tried {
			t.Errorf("%+v: got %q of %d, %v", c.q, serial, tried, err)
		}
	}
	twin := o.hotp(3, "12345678901234567890", token.Owner{}, "realm1")
	_, _, err := manage.FindByCode(t.Context(), o.admin(), manage.CodeSearch{Code: twin.Code(7), Window: 10})
	isFault(t, err, fault.SeveralMatch)
	if got, _, err := manage.FindByCode(t.Context(), o.admin(), manage.CodeSearch{Code: twin.Code(7), Window: 10, Filter: token.Filter{Serial: "3"}}); err != nil || got != "T3" {
		t.Errorf("what matched several was spent: %q, %v", got, err)
	}
	o.policy("help", "admin", "getserial", func(p *manage.PolicyText) { p.Realm = text("realm1") })
	if serial, tried, err := manage.FindByCode(t.Context(), o.helper(), manage.CodeSearch{Code: two.Code(33), Window: 10}); err != nil || serial != "" || tried != 2 {
		t.Errorf("a helpdesk finds tokens outside its realm: %q of %d, %v", serial, tried, err)
	}
	o.policy("help", "admin", "tokenlist", nil)
	_, _, err = manage.FindByCode(t.Context(), o.helper(), manage.CodeSearch{Code: "1"})
	isFault(t, err, fault.ActionNotAllowed, "admin", "getserial")
}

func TestChallengesOfAdministrators(t *testing.T) {
	t.Parallel()
	o := open(t)
	hans := token.Owner{UserID: "1002", Resolver: "reso1", Realm: "realm1"}
	o.realm("sales", "reso1")
	o.token(1, hans, "realm1")
	o.token(2, token.Owner{}, "sales")
	for i, serial := range []string{"T1", "T2"} {
		ch := token.Challenge{ID: token.ID(100 + i), Transaction: "tx", Token: token.ID(1 + i), Serial: serial, Status: token.Open,
			Created: o.now, Expires: o.now.Add(time.Minute)}
		o.must(o.store.Commit(t.Context(), token.Commit{Changes: []token.Change{token.OpenChallenge{Challenge: ch}}}))
	}
	count := func(q manage.ChallengeSearch) (int, error) {
		q.Page, q.Size = 1, 15
		list, total, err := manage.ListChallenges(t.Context(), o.helper(), o.store, q)
		if err == nil && len(list) != total {
			t.Errorf("%+v: %d of %d", q, len(list), total)
		}
		return total, err
	}
	u := realm.User{Login: "hans", Realm: "realm1", Resolver: "reso1", ID: "1002"}
	for _, q := range []manage.ChallengeSearch{{Serial: "T1"}, {User: &u}} {
		if n, err := count(q); err != nil || n != 1 {
			t.Errorf("%+v: %d, %v", q, n, err)
		}
	}
	if n, err := count(manage.ChallengeSearch{Transaction: "tx"}); err != nil || n != 2 {
		t.Errorf("got %d, %v", n, err)
	}
	_, err := count(manage.ChallengeSearch{Serial: "NOSUCH"})
	isFault(t, err, fault.TokenNotFound)

	o.policy("help", "admin", "getchallenges, cancelchallenge", func(p *manage.PolicyText) { p.Realm = text("sales") })
	_, err = count(manage.ChallengeSearch{User: &u})
	isFault(t, err, fault.ChallengesNotAllowed, "hans@realm1")
	_, err = count(manage.ChallengeSearch{Serial: "T1"})
	isFault(t, err, fault.ActionNotAllowed)
	for _, q := range []manage.ChallengeSearch{{}, {Serial: "T*"}, {Transaction: "tx"}} {
		if n, err := count(q); err != nil || n != 1 { // of T2 alone
			t.Errorf("%+v: a helpdesk sees %d, %v", q, n, err)
		}
	}
	_, err = manage.CancelTransaction(t.Context(), o.helper(), "tx")
	isFault(t, err, fault.ActionNotAllowed)

	o.policy("help", "admin", "getchallenges, cancelchallenge", func(p *manage.PolicyText) { p.Realm = text("") })
	for _, want := range []int{2, 0} {
		if n, err := manage.CancelTransaction(t.Context(), o.helper(), "tx"); err != nil || n != want {
			t.Errorf("cancelled %d, %v; want %d", n, err, want)
		}
	}
	_, _, err = manage.ListChallenges(t.Context(), o.user("hans", "1002"), o.store, manage.ChallengeSearch{})
	isFault(t, err, fault.RoleMissing)
}

func TestSweepChallenges(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.token(1, token.Owner{})
	for i, life := range []time.Duration{time.Minute, time.Hour} {
		ch := token.Challenge{ID: token.ID(100 + i), Transaction: "tx", Token: 1, Serial: "T1", Status: token.Open, Created: o.now, Expires: o.now.Add(life)}
		o.must(o.store.Commit(t.Context(), token.Commit{Changes: []token.Change{token.OpenChallenge{Challenge: ch}}}))
	}
	o.now = o.now.Add(2 * time.Minute)
	for _, want := range []int{1, 0} {
		if n, err := manage.SweepChallenges(t.Context(), o.admin(), o.store); err != nil || n != want {
			t.Errorf("swept %d, %v; want %d", n, err, want)
		}
	}
	if list, err := o.store.Transaction(t.Context(), "tx"); err != nil || len(list) != 1 {
		t.Errorf("%d are left, %v", len(list), err)
	}
}

func TestLost(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.token(1, token.Owner{UserID: "1002", Resolver: "reso1", Realm: "realm1"}, "realm1")
	o.token(2, token.Owner{})
	isFault(t, manage.Lost(t.Context(), o.admin(), "T2"), fault.NoOwner)
	isFault(t, manage.Lost(t.Context(), o.admin(), "T3"), fault.TokensNotFound, []string{"T3"})
	isFault(t, manage.Lost(t.Context(), o.user("cornelius", "1000"), "T1"), fault.NotYourToken)
	isFault(t, manage.Lost(t.Context(), o.user("hans", "1002"), "T1"), fault.NotSupported)
	o.policy("u", "user", "enable", nil)
	isFault(t, manage.Lost(t.Context(), o.user("hans", "1002"), "T1"), fault.ActionNotAllowed, "user", "losttoken")
}

func TestSeveralEntriesAtOnce(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.token(1, token.Owner{})
	set := func(entries map[string]*string) bool {
		t.Helper()
		changed, err := manage.SetInfo(t.Context(), o.admin(), manage.One("T1"), entries)
		o.must(err)
		return changed
	}
	all := map[string]*string{"size": text("xl"), "count_auth": text("3"), "count_auth_max": text("9"), "gone": nil}
	if !set(all) {
		t.Error("nothing changed")
	}
	if set(map[string]*string{"size": text("xl")}) {
		t.Error("the same again is a change")
	}
	tok, err := o.store.TokenBySerial(t.Context(), "T1")
	o.must(err)
	if tok.Info["size"].Text != "xl" || tok.Uses != 3 || tok.MaxUses == nil || *tok.MaxUses != 9 {
		t.Errorf("got %+v", tok)
	}
	_, err = manage.SetInfo(t.Context(), o.admin(), manage.One("T1"), map[string]*string{"size": nil, ".own": text("x")})
	isFault(t, err, fault.InfoInvalid, ".own")
	if tok, err := o.store.TokenBySerial(t.Context(), "T1"); err != nil || tok.Info["size"].Text != "xl" {
		t.Errorf("half of a request was done: %v", err)
	}
}
