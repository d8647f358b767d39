package conformance

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"embed"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// phoneKeys holds the phones' RSA keys: phone (4096 bits, as the apps make
// them) and other (2048 bits).
//
//go:embed testdata/phonekeys/*.pem
var phoneKeys embed.FS

func pushKey(name string) (*rsa.PrivateKey, error) {
	data, err := phoneKeys.ReadFile("testdata/phonekeys/" + name + ".pem")
	if err != nil {
		return nil, fmt.Errorf("no phone key called %q", name)
	}
	block, _ := pem.Decode(data)
	return x509.ParsePKCS1PrivateKey(block.Bytes)
}

// pushPublicKey is pushpubkey [KEY] [FORM]: what the phone sends as pubkey, the
// base64 of the SubjectPublicKeyInfo. Forms: urlsafe, multiline (urlsafe in
// lines of 64 characters) and spaces (each plus sign arrived as a blank).
func pushPublicKey(a []string) (string, error) {
	name := "phone"
	if len(a) > 0 {
		name = a[0]
	}
	key, err := pushKey(name)
	if err != nil {
		return "", err
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	text := base64.StdEncoding.EncodeToString(der)
	if len(a) < 2 {
		return text, err
	}
	urlsafe := base64.URLEncoding.EncodeToString(der)
	switch a[1] {
	case "urlsafe":
		return urlsafe, err
	case "multiline":
		var lines []string
		for ; len(urlsafe) > 64; urlsafe = urlsafe[64:] {
			lines = append(lines, urlsafe[:64])
		}
		return strings.Join(append(lines, urlsafe), "\n"), err
	case "spaces":
		return strings.ReplaceAll(text, "+", " "), err
	}
	return "", fmt.Errorf("no form %q of a public key", a[1])
}

// pushSign is pushsign PART... and pushsignas KEY PART...: the phone's
// signature over the parts joined by |.
func pushSign(name string, parts []string) (string, error) {
	key, err := pushKey(name)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "|")))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	return base32.StdEncoding.EncodeToString(sig), err
}

// pushVerify is pushverify SERVERKEY SIGNATURE PART...: "ok" if the signature
// over the parts joined by | was made by the server's key as step 2 of the
// enrolment answered it, else what is wrong.
func pushVerify(a []string) (string, error) {
	if len(a) < 3 {
		return "", fmt.Errorf("want SERVERKEY SIGNATURE PART...")
	}
	return verifyText(a[0], a[1], strings.Join(a[2:], "|")), nil
}

// pushCapabilitiesVerify is pushcapverify SERVERKEY SIGNATURE NONCE
// CAPABILITIES: the same for the capabilities of a challenge.
func pushCapabilitiesVerify(a []string) (string, error) {
	if len(a) < 4 {
		return "", fmt.Errorf("want SERVERKEY SIGNATURE NONCE CAPABILITIES")
	}
	text, err := capabilitiesText(a[2], strings.Join(a[3:], " "))
	if err != nil {
		return err.Error(), nil
	}
	return verifyText(a[0], a[1], text), nil
}

// pushChallenge is pushcheck SERVERKEY CHALLENGE: "ok" if every signature in a
// challenge, given as JSON, is the server's: that over nonce, url, serial,
// question, title and sslverify (and the presence options), and that over the
// capabilities.
func pushChallenge(a []string) (string, error) {
	if len(a) != 2 {
		return "", fmt.Errorf("want SERVERKEY CHALLENGE")
	}
	var c map[string]string
	if err := json.Unmarshal([]byte(a[1]), &c); err != nil {
		return "not an object of texts: " + err.Error(), nil
	}
	parts := []string{c["nonce"], c["url"], c["serial"], c["question"], c["title"], c["sslverify"]}
	if options, there := c["require_presence"]; there {
		parts = append(parts, options)
	}
	if problem := verifyText(a[0], c["signature"], strings.Join(parts, "|")); problem != "ok" {
		return problem, nil
	}
	if c["capabilities"] == "" {
		return "ok", nil
	}
	return pushCapabilitiesVerify([]string{a[0], c["capabilities_signature"], c["nonce"], c["capabilities"]})
}

// capabilitiesText is what the server signs: the canonical JSON of nonce and
// capabilities. Go's encoding of sorted maps of plain texts and booleans is it.
func capabilitiesText(nonce, capabilities string) (string, error) {
	var parsed map[string]any
	if err := json.Unmarshal([]byte(capabilities), &parsed); err != nil {
		return "", err
	}
	data, err := json.Marshal(map[string]any{"capabilities": parsed, "nonce": nonce})
	return string(data), err
}

func verifyText(serverKey, signature, text string) string {
	der, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(serverKey, "\n", ""))
	if err != nil {
		return "server key is not base64: " + err.Error()
	}
	key, err := x509.ParsePKCS1PublicKey(der)
	if err != nil {
		return "server key is not PKCS#1: " + err.Error()
	}
	if key.N.BitLen() != 4096 {
		return fmt.Sprintf("server key has %d bits", key.N.BitLen())
	}
	sig, err := base32.StdEncoding.DecodeString(signature)
	if err != nil {
		return "signature is not base32: " + err.Error()
	}
	sum := sha256.Sum256([]byte(text))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], sig); err != nil {
		return "signature does not match: " + text
	}
	return "ok"
}

// pushTime is pushtime [OFFSET_SECONDS]: a timestamp as the app writes it.
func pushTime(now time.Time, a []string) (string, error) {
	offset := int64(0)
	if len(a) > 0 {
		var err error
		if offset, err = strconv.ParseInt(a[0], 10, 64); err != nil {
			return "", err
		}
	}
	return now.UTC().Add(time.Duration(offset) * time.Second).Format("2006-01-02T15:04:05.000Z"), nil
}
