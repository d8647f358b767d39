package manage_test

import (
	"testing"

	"symbolon/internal/fault"
	"symbolon/internal/manage"
	"symbolon/internal/realm"
	"symbolon/internal/token"
)

func TestOutcomeOfSeveral(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.realm("sales", "reso1")
	hans := token.Owner{UserID: "1002", Resolver: "reso1", Realm: "realm1"}
	o.token(1, hans, "realm1")
	o.token(2, token.Owner{UserID: "1000", Resolver: "reso1", Realm: "realm1"}, "realm1")
	o.token(3, token.Owner{}, "sales")
	disable := func(who string, serials ...string) manage.Outcome {
		t.Helper()
		s := o.user("hans", "1002")
		if who == "helper" {
			s = o.helper()
		}
		out, err := manage.Disable(t.Context(), s, manage.Target{Serials: serials})
		o.must(err)
		return out
	}
	// What is somebody else's is there, though a user is told that it is not.
	if out := disable("hans", "T1", "T2"); out.Known != 2 || out.Count != 1 || len(out.Failed) != 1 {
		t.Errorf("got %+v", out)
	}
	if out := disable("hans", "T1", "NO"); out.Known != 1 || len(out.Failed) != 1 {
		t.Errorf("got %+v", out)
	}
	o.policy("help", "admin", "disable", func(p *manage.PolicyText) { p.Realm = text("realm1") })
	if out := disable("helper", "T2", "T3"); out.Known != 2 || out.Count != 1 || len(out.Unauthorized) != 1 {
		t.Errorf("got %+v", out)
	}
}

func TestCopyingStaysWithinTheRealmsOfTheRight(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.realm("sales", "reso1")
	o.token(1, token.Owner{UserID: "1002", Resolver: "reso1", Realm: "realm1"}, "realm1")
	o.token(2, token.Owner{UserID: "1000", Resolver: "reso1", Realm: "sales"}, "sales")
	o.token(3, token.Owner{UserID: "1000", Resolver: "reso1", Realm: "realm1"}, "realm1")
	o.policy("help", "admin", "copytokenuser, copytokenpin", func(p *manage.PolicyText) { p.Realm = text("realm1") })
	for _, x := range [][2]string{{"T1", "T2"}, {"T2", "T1"}} {
		isFault(t, manage.CopyUser(t.Context(), o.helper(), x[0], x[1]), fault.ActionNotAllowed, "admin", "copytokenuser")
		isFault(t, manage.CopyPIN(t.Context(), o.helper(), x[0], x[1]), fault.ActionNotAllowed, "admin", "copytokenpin")
	}
	o.must(manage.CopyUser(t.Context(), o.helper(), "T1", "T3"))
	o.must(manage.CopyPIN(t.Context(), o.helper(), "T1", "T3"))
}

func TestWhatAnAssignmentIsRefusedFor(t *testing.T) {
	t.Parallel()
	o := open(t)
	cornelius := realm.User{Login: "cornelius", Realm: "realm1", Resolver: "reso1", ID: "1000"}
	o.token(1, token.OwnerOf(cornelius), "realm1")
	o.policy("pin", "admin", "*, otp_pin_minlength=4", nil)
	// A PIN that is refused is refused before it is told whose the token is.
	a := manage.Assignment{Target: manage.One("T1"), User: cornelius, PIN: text("1")}
	isFault(t, manage.Assign(t.Context(), o.admin(), a), fault.PINPolicy)
	a.PIN = text("12345")
	isFault(t, manage.Assign(t.Context(), o.admin(), a), fault.TokenAssigned)

	o.policy("u", "user", "enable", nil)
	a = manage.Assignment{Target: manage.One("NOSUCH")}
	isFault(t, manage.Assign(t.Context(), o.user("hans", "1002"), a), fault.TokensNotFound)
	a.RightFirst = true
	isFault(t, manage.Assign(t.Context(), o.user("hans", "1002"), a), fault.ActionNotAllowed, "user", "assign")
}

func TestCopiedUserHasNoTimeOfAssignment(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.token(1, token.Owner{UserID: "1002", Resolver: "reso1", Realm: "realm1"}, "realm1")
	o.token(2, token.Owner{})
	o.must(manage.CopyUser(t.Context(), o.admin(), "T1", "T2"))
	if tok, err := o.store.TokenBySerial(t.Context(), "T2"); err != nil || tok.Owner.UserID != "1002" || !tok.Assigned.IsZero() {
		t.Errorf("got %+v, %v", tok, err)
	}
}
