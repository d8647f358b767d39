package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

type client struct {
	http *http.Client
	base string
	auth string // the Authorization header, "" for none
}

// reply is the part of an answer that is looked at.
type reply struct {
	value  any
	detail map[string]any
}

// call sends a form.
func (c *client) call(method, path string, form url.Values) (reply, error) {
	req, err := http.NewRequest(method, c.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if c.auth != "" {
		req.Header.Set("Authorization", c.auth)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return reply{}, err
	}
	var body struct {
		Result struct {
			Value any            `json:"value"`
			Error map[string]any `json:"error"`
		} `json:"result"`
		Detail map[string]any `json:"detail"`
	}
	if err := json.Unmarshal(data, &body); err != nil {
		return reply{}, fmt.Errorf("%s %s: %w: %.200s", method, path, err, data)
	}
	if body.Result.Error != nil {
		return reply{}, fmt.Errorf("%s %s: %v", method, path, body.Result.Error)
	}
	return reply{body.Result.Value, body.Detail}, nil
}

// setUp logs in, makes realm and users, and enrols a token for each. It returns
// the tokens' keys.
func (c config) setUp(api *client) ([][]byte, error) {
	user, password, _ := strings.Cut(c.admin, ":")
	got, err := api.call("POST", "/auth", url.Values{"username": {user}, "password": {password}})
	if err != nil {
		return nil, err
	}
	login, _ := got.value.(map[string]any)
	api.auth = fmt.Sprint(login["token"])
	if err := c.makeRealm(api); err != nil {
		return nil, err
	}
	kind := "hotp"
	if c.mode == "spass" {
		kind = "spass"
	}
	keys := make([][]byte, c.users)
	stamp := time.Now().Unix()
	for i := range keys {
		sum := sha1.Sum(fmt.Appendf(nil, "loadgen %d %d", stamp, i))
		keys[i] = sum[:]
		serial := fmt.Sprintf("LOAD%04d", i)
		api.call("DELETE", "/token/"+serial, nil) // of an earlier run, if there was one
		form := url.Values{"type": {kind}, "serial": {serial}, "user": {fmt.Sprintf("load%d", i)}, "realm": {"loadgen"}}
		if c.pin != "" { // an empty PIN would be stored, and hashed at every login
			form.Set("pin", c.pin)
		}
		if kind == "hotp" {
			form.Set("otpkey", hex.EncodeToString(keys[i]))
		}
		if _, err := api.call("POST", "/token/init", form); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

func (c config) makeRealm(api *client) error {
	var passwd strings.Builder
	for i := range c.users {
		fmt.Fprintf(&passwd, "load%d:*:%d:%d:Load %d:/home/load%d:/bin/sh\n", i, 2000+i, 2000+i, i, i)
	}
	file := filepath.Join(os.TempDir(), "loadgen-passwd")
	if err := os.WriteFile(file, []byte(passwd.String()), 0o644); err != nil {
		return err
	}
	if _, err := api.call("POST", "/resolver/loadgen", url.Values{"type": {"passwdresolver"}, "fileName": {file}}); err != nil {
		return err
	}
	if _, err := api.call("POST", "/realm/loadgen", url.Values{"resolvers": {"loadgen"}}); err != nil {
		return err
	}
	if c.mode != "trigger" {
		return nil
	}
	_, err := api.call("POST", "/policy/loadgen_cr", url.Values{
		"scope": {"authentication"}, "action": {"challenge_response=hotp"}, "realm": {"loadgen"}})
	return err
}

func hotp(key []byte, counter int64) string {
	mac := hmac.New(sha1.New, key)
	binary.Write(mac, binary.BigEndian, counter)
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1000000)
}
