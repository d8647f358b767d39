package conformance

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
)

// containerKey is a phone's signing key, derived from its name: "device",
// "second" or "attacker" (or any other).
func containerKey(name string) (*ecdsa.PrivateKey, error) {
	if name == "second" {
		name = "second device"
	}
	sum := sha512.Sum384([]byte("container vectors: " + name + " signing key"))
	d := new(big.Int).Mod(new(big.Int).SetBytes(sum[:]), elliptic.P384().Params().N)
	return ecdsa.ParseRawPrivateKey(elliptic.P384(), d.FillBytes(make([]byte, 48)))
}

// containerPublicKey is containerpubkey [KEY]: the PEM text of the phone's
// public key, as the app sends it (without a final newline).
func containerPublicKey(a []string) (string, error) {
	name := "device"
	if len(a) > 0 {
		name = strings.Join(a, " ")
	}
	key, err := containerKey(name)
	if err != nil {
		return "", err
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return "", err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	return strings.TrimSuffix(string(text), "\n"), nil
}

// containerSign is containersign PART... and containersignas KEY PART...: the
// phone's signature over the parts joined by |, the empty ones left out.
func containerSign(name string, parts []string) (string, error) {
	key, err := containerKey(name)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(containerMessage(parts)))
	sig, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	return base64.StdEncoding.EncodeToString(sig), err
}

func containerMessage(parts []string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "|")
}

func containerBox(name string) (*ecdh.PrivateKey, error) {
	label := map[string]string{"device": "x25519 client 8", "attacker": "x25519 attacker 2"}[name]
	if label == "" {
		label = "x25519 " + name
	}
	sum := sha256.Sum256([]byte("container vectors: " + label))
	return ecdh.X25519().NewPrivateKey(sum[:])
}

// containerEncryptionKey is containerenckey [KEY]: the phone's X25519 public
// key in standard base64.
func containerEncryptionKey(a []string) (string, error) {
	name := "device"
	if len(a) > 0 {
		name = a[0]
	}
	key, err := containerBox(name)
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(key.PublicKey().Bytes()), nil
}

// containerDecrypt is containerdecrypt SERVERKEY IV TAG TEXT [PATH]: the
// decrypted answer of a synchronisation, or the value at a path in it.
func containerDecrypt(a []string) (string, error) {
	if len(a) < 4 {
		return "", fmt.Errorf("want SERVERKEY IV TAG TEXT [PATH]")
	}
	box, err := containerBox("device")
	if err != nil {
		return "", err
	}
	text, err := containerOpen(box, a[0], a[1], a[2], a[3])
	if err != nil || len(a) == 4 {
		return string(text), err
	}
	return jsonPath([]string{string(text), a[4]})
}

func containerOpen(box *ecdh.PrivateKey, serverKey, iv, tag, text string) ([]byte, error) {
	var raw [4][]byte
	for i, s := range []string{serverKey, iv, tag, text} {
		var err error
		if raw[i], err = base64.URLEncoding.DecodeString(s); err != nil {
			return nil, fmt.Errorf("part %d is not base64url: %w", i+1, err)
		}
	}
	public, err := ecdh.X25519().NewPublicKey(raw[0])
	if err != nil {
		return nil, err
	}
	shared, err := box.ECDH(public)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(shared)
	if err != nil {
		return nil, err
	}
	if len(raw[1]) != 16 || len(raw[2]) != 16 {
		return nil, fmt.Errorf("IV of %d bytes, tag of %d", len(raw[1]), len(raw[2]))
	}
	gcm, err := cipher.NewGCMWithNonceSize(block, len(raw[1]))
	if err != nil {
		return nil, err
	}
	return gcm.Open(nil, raw[1], append(raw[3], raw[2]...), nil)
}

// containerTokenURL is containertokenurl TEXT SERIAL: of a decrypted
// synchronisation answer, the enrolment URL of the token with that serial;
// "none" if there is none.
func containerTokenURL(a []string) (string, error) {
	if len(a) != 2 {
		return "", fmt.Errorf("want TEXT SERIAL")
	}
	var body any
	if err := json.Unmarshal([]byte(a[0]), &body); err != nil {
		return "", err
	}
	list, _ := lookup(body, "tokens.add")
	for _, u := range asList(list) {
		serial, err := urlParam([]string{fmt.Sprint(u), "serial"})
		if err != nil {
			return "", err
		}
		if serial == a[1] {
			return fmt.Sprint(u), nil
		}
	}
	return "none", nil
}
