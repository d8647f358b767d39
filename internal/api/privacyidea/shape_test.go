package privacyidea

import (
	"testing"
	"time"

	"symbolon/internal/policy"
	"symbolon/internal/token"
)

func TestChallengeView(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 19, 13, 39, 0, time.UTC)
	ch := &token.Challenge{ID: 7, Transaction: "tx", Serial: "S", Nonce: "n", Status: token.Open, Created: at, Expires: at.Add(2 * time.Minute)}
	p := &Server{Profile: ProfilePrivacyIDEA()}
	v := p.challengeView(ch)
	if v["timestamp"] != "Sat, 21 Nov 2026 19:13:39 GMT" || v["expiration"] != "Sat, 21 Nov 2026 19:15:39 GMT" || v["challenge"] != "n" ||
		v["otp_received"] != false || v["otp_valid"] != false || v["received_count"] != 0 || v["id"] != nil {
		t.Errorf("got %v", v)
	}
	ch.Tries = 2
	if v = p.challengeView(ch); v["otp_received"] != true || v["received_count"] != 2 {
		t.Errorf("got %v", v)
	}
	ch.Status = token.Answered
	e := &Server{Profile: ProfileEduMFA()}
	if v = e.challengeView(ch); v["otp_valid"] != true || v["id"] != int64(7) || v["data"] != "" {
		t.Errorf("got %v", v)
	}
}

func TestDefinitionViews(t *testing.T) {
	t.Parallel()
	list := []policy.Definition{{Name: "resolverread", Type: "bool", Menus: []string{"config"}, Default: "x", Required: true},
		{Name: "a", Type: "bool", Menus: []string{}}, {Name: "b", Type: "bool"}}
	for _, c := range []struct {
		profile *Profile
		key     string
	}{{ProfilePrivacyIDEA(), "mainmenu"}, {ProfileEduMFA(), "   mainmenu"}} {
		v := (&Server{Profile: c.profile}).definitionViews(list)
		first := v["resolverread"].(map[string]any)
		if len(first[c.key].([]any)) != 1 || first["default"] != "x" || first["required"] != true {
			t.Errorf("%s: got %v", c.profile.Name, first)
		}
		if menus, ok := v["a"].(map[string]any)["mainmenu"].([]any); !ok || len(menus) != 0 {
			t.Errorf("no menus: got %v", v["a"])
		}
		if _, ok := v["b"].(map[string]any)["mainmenu"]; ok {
			t.Errorf("menus unknown: got %v", v["b"])
		}
	}
}

func TestDateWithoutZoneIsShownWithoutZone(t *testing.T) {
	t.Parallel()
	tok := &token.Token{Standing: token.Standing{ValidFrom: time.Date(2026, 5, 6, 7, 8, 0, 0, time.Local),
		ValidUntil: time.Date(2026, 5, 6, 7, 8, 0, 0, time.FixedZone("", 7200))}}
	v := ProfilePrivacyIDEA().standingInfo(tok)
	if v["validity_period_start"] != "2026-05-06T07:08" || v["validity_period_end"] != "2026-05-06T07:08+0200" {
		t.Errorf("got %v", v)
	}
}
