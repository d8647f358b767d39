package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"sort"
	"strings"
	"time"
)

// The LinOTP dialect: another login (linotp-pairing.md, 11.3 and 11.4),
// other fixtures and another way to put the server back to its start.

// linotpSession is a login: the cookies to send, and either the CSRF token of
// an administrator or the session parameter of a user.
type linotpSession struct {
	cookie, csrf, session string
	since                 time.Time
}

// linotpDefaults are the settings a fresh server has. A reset restores them
// and deletes every setting that is neither here nor managed otherwise.
var linotpDefaults = map[string]string{
	"AutoResyncTimeout": "240", "DefaultBlockingTimeout": "0", "DefaultChallengeValidityTime": "120",
	"DefaultCountWindow": "10", "DefaultMaxFailCount": "10", "DefaultOtpLen": "6", "DefaultResetFailCount": "True",
	"DefaultSyncWindow": "1000", "EmailBlockingTimeout": "120", "EmailChallengeValidityTime": "600",
	"EmailProvider": "linotp.provider.emailprovider.SMTPEmailProvider", "FIDO2ChallengeValidityTime": "120",
	"FailCounterIncOnFalsePin": "True", "PrependPin": "True", "PushChallengeValidityTime": "150", "PushMaxChallenges": "4",
	"QRChallengeValidityTime": "150", "QRMaxChallenges": "4", "QRTokenOtpLen": "8", "SMSBlockingTimeout": "30",
	"SMSProvider": "smsprovider.HttpSMSProvider.HttpSMSProvider", "SMSProviderTimeout": "300",
	"certificates.use_system_certificates": "False", "policy_action_validation": "True",
	"resolver_lookup_cache.enabled": "False", "resolver_lookup_cache.expiration": "64800",
	"totp.timeShift": "0", "totp.timeStep": "30", "totp.timeWindow": "300",
	"user_lookup_cache.enabled": "False", "user_lookup_cache.expiration": "64800",
}

// linotpManaged are the beginnings of the settings that have an API of their
// own or belong to the server itself.
var linotpManaged = []string{
	"Config", "DefaultRealm", "Policy.", "passwdresolver.", "ldapresolver.", "sqlresolver.", "useridresolver.",
	"PublicKey.", "SecretKey.", "sql_data_model_version", "SMSProvider.", "EmailProvider.", "PushProvider.",
	"VoiceProvider.", "Provider.", "support.", "license", "Database", "linotp.",
}

// linotpVersion is how XML and HTML answers name the server.
var linotpVersion = regexp.MustCompile(`(LinOTP|Symbolon) \d[\w.-]*`)

var betweenTags = regexp.MustCompile(`>\s+<`)

// linotpText is the text of an XML or HTML answer without the server's version
// and the blanks between tags.
func linotpText(text string) string {
	return betweenTags.ReplaceAllString(linotpVersion.ReplaceAllString(text, "LinOTP VERSION"), "><")
}

// picture is an HTML image; nobody draws the same one.
var picture = regexp.MustCompile(`^<img [^>]*src="data:image/png;base64,`)

// linotpAuthorize adds the session of as to the request.
func (r *runner) linotpAuthorize(req *http.Request, as string) error {
	s, ok := r.linotpSessions[as]
	if !ok || time.Since(s.since) > 15*time.Minute {
		var err error
		if s, err = r.linotpLogin(as); err != nil {
			return err
		}
		r.linotpSessions[as] = s
	}
	req.Header.Set("Cookie", s.cookie)
	if s.csrf != "" {
		req.Header.Set("X-CSRF-TOKEN", s.csrf)
		return nil
	}
	if req.Header.Get("Content-Type") != "application/json" {
		query := req.URL.Query()
		query.Set("session", s.session)
		req.URL.RawQuery = query.Encode()
		return nil
	}
	// A JSON body is the only source of parameters.
	var body map[string]any
	if err := json.NewDecoder(req.Body).Decode(&body); err != nil {
		return err
	}
	body["session"] = s.session
	data, err := json.Marshal(body)
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
	return err
}

func (r *runner) linotpLogin(as string) (linotpSession, error) {
	words := strings.Fields(as)
	path, form := "/admin/login", map[string]string{"username": r.admin, "password": r.secret}
	switch {
	case as == "admin":
	case len(words) == 3 && words[0] == "user":
		path, form = "/userservice/login", map[string]string{"login": words[1], "password": words[2]}
	default:
		return linotpSession{}, fmt.Errorf("as: %q is neither admin nor user LOGIN PASSWORD", as)
	}
	a, err := r.send(call{method: "POST", path: path, form: form})
	if err != nil {
		return linotpSession{}, err
	}
	if ok, _ := lookup(a.body, "result.value"); ok != true {
		return linotpSession{}, fmt.Errorf("login of %s: status %d: %.300s", as, a.status, a.text)
	}
	s := linotpSession{since: time.Now()}
	if as == "admin" {
		s.csrf = a.cookies["csrf_access_token"]
		s.cookie = "access_token_cookie=" + a.cookies["access_token_cookie"] + "; csrf_access_token=" + s.csrf
	} else {
		s.session = a.cookies["user_selfservice"]
		s.cookie = "user_selfservice=" + s.session
	}
	return s, nil
}

const linotpResolver = "useridresolver.PasswdIdResolver.IdResolver.reso1"

func (r *runner) linotpFixtures() error {
	resolver := map[string]string{"name": "reso1", "type": "passwdresolver", "fileName": r.file("passwd")}
	a, err := r.must("GET", "/system/getResolvers", nil)
	if err != nil {
		return err
	}
	if _, exists := lookup(a.body, "result.value.reso1"); exists {
		resolver["previous_name"] = "reso1" // without it, the name is taken
	}
	for _, step := range []struct {
		path string
		form map[string]string
	}{
		{"/system/setResolver", resolver},
		{"/system/setRealm", map[string]string{"realm": "realm1", "resolvers": linotpResolver}},
		{"/system/setDefaultRealm", map[string]string{"realm": "realm1"}},
	} {
		if _, err := r.must("POST", step.path, step.form); err != nil {
			return err
		}
	}
	return nil
}

// linotpReset deletes all that an earlier scenario may have left.
func (r *runner) linotpReset() error {
	for as := range r.linotpSessions {
		if as != "admin" {
			delete(r.linotpSessions, as)
		}
	}
	for _, step := range []func() error{r.linotpResetPolicies, r.linotpResetTokens, r.linotpResetProviders, r.linotpResetRealms, r.linotpResetConfig} {
		if err := step(); err != nil {
			return fmt.Errorf("reset: %w", err)
		}
	}
	return nil
}

func (r *runner) linotpValue(path string) (map[string]any, error) {
	a, err := r.must("GET", path, nil)
	if err != nil {
		return nil, err
	}
	v, _ := lookup(a.body, "result.value")
	m, _ := v.(map[string]any)
	return m, nil
}

func (r *runner) linotpResetPolicies() error {
	policies, err := r.linotpValue("/system/getPolicy?display_inactive=1")
	if err != nil {
		return err
	}
	// The policies about the administrators themselves go last.
	names := make([]string, 0, len(policies))
	for name := range policies {
		names = append(names, name)
	}
	last := func(name string) bool { scope, _ := lookup(policies[name], "scope"); return scope == "system" }
	sort.Slice(names, func(i, j int) bool {
		if last(names[i]) != last(names[j]) {
			return last(names[j])
		}
		return names[i] < names[j]
	})
	for _, name := range names {
		if _, err := r.must("POST", "/system/delPolicy", map[string]string{"name": name, "enforce": "true"}); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) linotpResetTokens() error {
	for {
		tokens, err := r.linotpValue("/admin/show?pagesize=200")
		if err != nil {
			return err
		}
		list := asList(tokens["data"])
		if len(list) == 0 {
			return nil
		}
		for _, t := range list {
			// A serial may hold dots, so lookup does not do.
			row, _ := t.(map[string]any)
			form := map[string]string{"serial": fmt.Sprint(row["LinOtp.TokenSerialnumber"])}
			if _, err := r.must("POST", "/admin/remove", form); err != nil {
				return err
			}
		}
	}
}

func (r *runner) linotpResetProviders() error {
	for _, kind := range []string{"push", "email", "sms", "voice"} {
		providers, err := r.linotpValue("/system/getProvider?type=" + kind)
		if err != nil {
			return err
		}
		for _, ofDefault := range []bool{false, true} { // the default one can only go last
			for name, p := range providers {
				isDefault, _ := lookup(p, "Default")
				if (isDefault == true) != ofDefault {
					continue
				}
				if _, err := r.must("POST", "/system/delProvider", map[string]string{"name": name, "type": kind}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (r *runner) linotpResetRealms() error {
	realms, err := r.linotpValue("/system/getRealms")
	if err != nil {
		return err
	}
	for name, realm := range realms {
		admin, _ := lookup(realm, "admin")
		if name != "realm1" && admin != true {
			if _, err := r.must("POST", "/system/delRealm", map[string]string{"realm": name}); err != nil {
				return err
			}
		}
	}
	first, _ := lookup(realms, "realm1.useridresolver.0")
	isDefault, _ := lookup(realms, "realm1.default")
	if first != linotpResolver || len(realms) == 0 || fmt.Sprint(isDefault) != "true" {
		if err := r.linotpFixtures(); err != nil {
			return err
		}
	}
	resolvers, err := r.linotpValue("/system/getResolvers")
	if err != nil {
		return err
	}
	for name, resolver := range resolvers {
		admin, _ := lookup(resolver, "admin")
		if name != "reso1" && admin != true {
			if _, err := r.must("POST", "/system/delResolver", map[string]string{"resolver": name}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *runner) linotpResetConfig() error {
	config, err := r.linotpValue("/system/getConfig")
	if err != nil {
		return err
	}
	for key := range config {
		_, known := linotpDefaults[key]
		for _, prefix := range linotpManaged {
			known = known || strings.HasPrefix(key, prefix)
		}
		if !known {
			if _, err := r.must("POST", "/system/delConfig", map[string]string{"key": key}); err != nil {
				return err
			}
		}
	}
	changed := url.Values{}
	for key, v := range linotpDefaults {
		if fmt.Sprint(config[key]) != v {
			changed.Set(key, v)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	_, err = r.must("POST", "/system/setConfig?"+changed.Encode(), nil)
	return err
}

// unfolded replaces the JSON text in a LinOTP token's LinOtp.TokenInfo by what
// it says, so that neither blanks nor the order of its keys count.
func unfolded(body any) any {
	switch x := body.(type) {
	case map[string]any:
		for k, v := range x {
			if text, ok := v.(string); ok && k == "LinOtp.TokenInfo" {
				var inner any
				if json.Unmarshal([]byte(text), &inner) == nil {
					x[k] = map[string]any{"JSON text": inner}
				}
				continue
			}
			x[k] = unfolded(v)
		}
	case []any:
		for i, v := range x {
			x[i] = unfolded(v)
		}
	}
	return body
}
