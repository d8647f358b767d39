package conformance

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"testing"
)

func TestContainerAgainstVectors(t *testing.T) {
	type key struct {
		D         string `json:"d_hex"`
		PEM       string `json:"public_pem_as_app_sends_it"`
		Public    string `json:"public_base64"`
		PublicHex string `json:"public_hex"`
	}
	type message struct {
		Name      string
		Challenge struct {
			Nonce, Serial, Scope string
			TimeStamp            string `json:"time_stamp"`
		}
		Brand      string `json:"device_brand"`
		Model      string `json:"device_model"`
		Passphrase string `json:"passphrase_in_message"`
		EncKey     string `json:"public_enc_key_client"`
		Dict       string `json:"container_dict_client"`
		SignedBy   string `json:"signed_by"`
		Text       string `json:"server_message_utf8"`
		Verified   string `json:"verified_with"`
		Signature  string `json:"signature_base64"`
		Valid      bool
		Actually   string `json:"bytes_actually_signed_hex"`
	}
	v := vectors[struct {
		Keys map[string]key
		URLs []struct {
			Name, URL string
			Input     map[string]any
		} `json:"registration_url"`
		Finalize   []message
		Response   []message `json:"challenge_response"`
		Encryption []struct {
			Name      string
			Private   string `json:"client_private_hex"`
			Plaintext string `json:"plaintext_utf8"`
			Wire      wire
		}
		AppCases []struct {
			Name      string
			Private   string `json:"client_private_base64"`
			Plaintext string `json:"plaintext_utf8"`
			Wire      wire
		} `json:"encryption_app_test_cases"`
	}](t, "containers.json")
	for name, short := range map[string]string{"device": "", "second_device": "second", "attacker": "attacker"} {
		if got := evaluated(t, "containerpubkey "+short, nil); got != v.Keys[name].PEM {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := evaluated(t, "containerenckey", nil); got != v.Keys["x25519_client"].Public {
		t.Errorf("encryption key %s", got)
	}
	if got := evaluated(t, "containerenckey attacker", nil); got != v.Keys["x25519_attacker"].Public {
		t.Errorf("attacker's encryption key %s", got)
	}
	for _, u := range v.URLs {
		vars := map[string]string{"url": u.URL}
		for param, input := range map[string]string{"nonce": "nonce", "time": "time", "url": "server_url", "serial": "serial", "passphrase": "passphrase_prompt"} {
			if got := evaluated(t, "urlparam url '"+param+"'", vars); got != u.Input[input] {
				t.Errorf("%s: %s = %q", u.Name, param, got)
			}
		}
	}
	for _, m := range append(v.Finalize, v.Response...) {
		parts := []string{m.Challenge.Nonce, m.Challenge.TimeStamp, m.Challenge.Serial, m.Challenge.Scope, m.Brand, m.Model, m.Passphrase, m.EncKey, m.Dict}
		text := containerMessage(parts)
		if text != m.Text {
			t.Errorf("%s: message %q, want %q", m.Name, text, m.Text)
		}
		if m.Verified == "second_device" {
			m.Verified = "second"
		}
		public := func(name string) *ecdsa.PublicKey {
			k, err := containerKey(name)
			if err != nil {
				t.Fatal(err)
			}
			return &k.PublicKey
		}
		sum := sha256.Sum256([]byte(text))
		der, _ := base64.StdEncoding.DecodeString(m.Signature)
		if ecdsa.VerifyASN1(public(m.Verified), sum[:], der) != m.Valid {
			t.Errorf("%s: verification is not %t", m.Name, m.Valid)
		}
		own, err := containerSign(m.Verified, parts)
		if err != nil {
			t.Fatal(err)
		}
		der, _ = base64.StdEncoding.DecodeString(own)
		if !ecdsa.VerifyASN1(public(m.Verified), sum[:], der) {
			t.Errorf("%s: own signature does not verify", m.Name)
		}
	}
	open := func(name string, private []byte, w wire, want string) {
		box, err := ecdh.X25519().NewPrivateKey(private)
		if err != nil {
			t.Fatal(err)
		}
		got, err := containerOpen(box, w.ServerKey, w.Params.IV, w.Params.Tag, w.Text)
		if err != nil || string(got) != want {
			t.Errorf("%s: %q (%v)", name, got, err)
		}
	}
	for _, e := range v.Encryption {
		private, _ := hex.DecodeString(e.Private)
		open(e.Name, private, e.Wire, e.Plaintext)
		vars := map[string]string{"key": e.Wire.ServerKey, "iv": e.Wire.Params.IV, "tag": e.Wire.Params.Tag, "text": e.Wire.Text}
		if got := evaluated(t, "containerdecrypt key iv tag text container.type", vars); e.Private == "8195e9128046c2172af4ea9aaac5848fa910e59de395c40f8622046cb53aeab1" && got != "smartphone" {
			t.Errorf("%s: container.type = %q", e.Name, got)
		}
	}
	for _, e := range v.AppCases {
		private, _ := base64.StdEncoding.DecodeString(e.Private)
		open(e.Name, private, e.Wire, e.Plaintext)
	}
}

// wire is the encrypted part of a synchronisation answer.
type wire struct {
	ServerKey string `json:"public_server_key"`
	Params    struct {
		IV  string `json:"init_vector"`
		Tag string
	} `json:"encryption_params"`
	Text string `json:"container_dict_server"`
}
