package conformance

import (
	"bytes"
	"compress/zlib"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Challenges of LinOTP's QR and push tokens (linotp-pairing.md 8.5, 9.5).

type lseqrChallenge struct {
	push          bool
	id            uint32
	content       byte
	flags         byte
	transaction   string
	timestamp     uint64
	texts         []string // message, or login and host
	url, sms      string
	userSignature []byte // QR: what the phone answers
	serverMAC     []byte // QR
	macKey        func(server []byte) ([]byte, error)
	macMessage    []byte
	signed        []byte // push: what the server signed
	signature     []byte // push
	base          []byte // push: what the phone signs after the prefix
}

func transactionText(n uint64) string {
	if n%100 == 0 {
		return strconv.FormatUint(n/100, 10)
	}
	return fmt.Sprintf("%d.%02d", n/100, n%100)
}

func openLseqr(link, key string) (*lseqrChallenge, error) {
	if strings.Contains(link, "://push/") {
		return openLseqrPush(link, lseqrSeed(key))
	}
	return openLseqrQR(link, lseqrSeed(key))
}

func openLseqrQR(link string, secret []byte) (*lseqrChallenge, error) {
	raw, err := lseqrBody(link, "chal")
	if err != nil {
		return nil, err
	}
	if len(raw) < 53 || raw[0] != 1 {
		return nil, errors.New("no QR challenge of version 1")
	}
	header := raw[:5]
	shared, err := x25519(secret, raw[5:37])
	if err != nil {
		return nil, err
	}
	u1 := sha256.Sum256(shared)
	u2 := sha256.Sum256(u1[:])
	plain, err := eaxOpen(u1[:16], u2[16:], header, raw[37:])
	if err != nil {
		return nil, err
	}
	if len(plain) < 10 {
		return nil, errors.New("challenge too short")
	}
	c := &lseqrChallenge{id: binary.LittleEndian.Uint32(header[1:]), content: plain[0], flags: plain[1],
		transaction: transactionText(binary.LittleEndian.Uint64(plain[2:]))}
	head, rest := plain[:10], plain[10:]
	if c.flags&8 != 0 {
		if len(rest) < 32 {
			return nil, errors.New("challenge too short")
		}
		c.serverMAC, rest = rest[:32], rest[32:]
	}
	c.macMessage = slices.Concat(u2[16:], head, rest)
	c.macKey = func(server []byte) ([]byte, error) { return x25519(secret, edToXPublic(server)) }
	if c.flags&1 != 0 {
		z, err := zlib.NewReader(bytes.NewReader(rest))
		if err != nil {
			return nil, err
		}
		if rest, err = io.ReadAll(io.LimitReader(z, 4096)); err != nil {
			return nil, err
		}
	}
	mac := hmac.New(sha256.New, u2[:16])
	mac.Write(slices.Concat(u2[16:], head, c.serverMAC, rest))
	c.userSignature = mac.Sum(nil)
	texts := strings.Split(string(rest), "\x00")
	want := 2
	for _, flag := range []byte{2, 4} {
		if c.flags&flag != 0 {
			want++
		}
	}
	if len(texts) != want || texts[want-1] != "" {
		return nil, fmt.Errorf("challenge with %d texts, want %d", len(texts)-1, want-1)
	}
	c.texts, texts = texts[:1], texts[1:]
	if c.flags&2 != 0 {
		c.url, texts = texts[0], texts[1:]
	}
	if c.flags&4 != 0 {
		c.sms = texts[0]
	}
	return c, nil
}

func openLseqrPush(link string, seed []byte) (*lseqrChallenge, error) {
	raw, err := lseqrBody(link, "push")
	if err != nil {
		return nil, err
	}
	if len(raw) < 37+17+64 || raw[0] != 2 {
		return nil, errors.New("no push challenge of version 2")
	}
	at := len(raw) - 64
	shared, err := x25519(edToXSecret(seed), raw[5:37])
	if err != nil {
		return nil, err
	}
	u := sha256.Sum256(shared)
	block, _ := aes.NewCipher(u[:16])
	plain := make([]byte, at-37)
	cipher.NewCTR(block, u[16:]).XORKeyStream(plain, raw[37:at])
	c := &lseqrChallenge{push: true, id: binary.LittleEndian.Uint32(raw[1:]), content: plain[0],
		transaction: transactionText(binary.LittleEndian.Uint64(plain[1:])),
		timestamp:   binary.LittleEndian.Uint64(plain[9:]),
		signed:      raw[:at], signature: raw[at:], base: slices.Concat(raw[at:], plain)}
	texts := strings.Split(string(plain[17:]), "\x00")
	want := 3
	if c.content == 2 {
		want++
	}
	if len(texts) != want || texts[want-1] != "" {
		return nil, fmt.Errorf("challenge with %d texts, want %d", len(texts)-1, want-1)
	}
	c.texts, c.url = texts[:want-2], texts[want-2]
	return c, nil
}

// genuine tells whether the challenge comes from the server with that public
// key: "yes", "no", or "unsigned".
func (c *lseqrChallenge) genuine(server []byte) (string, error) {
	if len(server) != 32 {
		return "", errors.New("no key of the server")
	}
	ok := false
	switch {
	case c.push:
		ok = ed25519.Verify(server, c.signed, c.signature)
	case c.serverMAC == nil:
		return "unsigned", nil
	default:
		key, err := c.macKey(server)
		if err != nil {
			return "", err
		}
		mac := hmac.New(sha256.New, key)
		mac.Write(c.macMessage)
		ok = hmac.Equal(mac.Sum(nil), c.serverMAC)
	}
	if ok {
		return "yes", nil
	}
	return "no", nil
}

// lseqrShow is lseqrshow URL KEY PART [PAIRINGURL]: what the phone reads in a
// QR or push challenge: id, content (free, signreq, pairing, auth, login),
// flags, transaction, timestamp (push), message, login, host, callback (URL), sms, or
// genuine (yes, no, unsigned; needs the pairing URL with the server's key).
func lseqrShow(a []string) (string, error) {
	if len(a) < 3 {
		return "", errors.New("want URL KEY PART [PAIRINGURL]")
	}
	c, err := openLseqr(a[0], a[1])
	if err != nil {
		return "", err
	}
	switch a[2] {
	case "id":
		return strconv.Itoa(int(c.id)), nil
	case "content":
		names := []string{"free", "pairing", "auth"}
		if c.push {
			names = []string{"signreq", "pairing", "login"}
		}
		if int(c.content) >= len(names) {
			return "", fmt.Errorf("content type %d", c.content)
		}
		return names[c.content], nil
	case "flags":
		return strconv.Itoa(int(c.flags)), nil
	case "transaction":
		return c.transaction, nil
	case "timestamp":
		return strconv.FormatUint(c.timestamp, 10), nil
	case "message", "login":
		return c.texts[0], nil
	case "host":
		if len(c.texts) < 2 {
			return "", errors.New("no host")
		}
		return c.texts[1], nil
	case "callback":
		return c.url, nil
	case "sms":
		return c.sms, nil
	case "genuine":
		if len(a) < 4 {
			return "", errors.New("want the pairing URL")
		}
		p, err := parseLseqrPairing(a[3])
		if err != nil {
			return "", err
		}
		return c.genuine(p.server)
	}
	return "", fmt.Errorf("no part %q of a challenge", a[2])
}

// lseqrSign is lseqrsign URL KEY: the answer to a QR challenge.
func lseqrSign(a []string) (string, error) {
	if len(a) < 2 {
		return "", errors.New("want URL KEY")
	}
	c, err := openLseqr(a[0], a[1])
	if err != nil {
		return "", err
	}
	if c.push {
		return "", errors.New("a push challenge has no such answer")
	}
	return b64url.EncodeToString(c.userSignature), nil
}

// lseqrTAN is lseqrtan URL KEY [DIGITS]: the short answer to a QR challenge.
// With wrong as last argument it is another code of that length.
func lseqrTAN(a []string) (string, error) {
	if len(a) < 2 {
		return "", errors.New("want URL KEY [DIGITS] [wrong]")
	}
	c, err := openLseqr(a[0], a[1])
	if err != nil {
		return "", err
	}
	digits, wrong := 8, false
	for _, o := range a[2:] {
		if wrong = o == "wrong"; wrong {
			continue
		}
		if digits, err = strconv.Atoi(o); err != nil {
			return "", err
		}
	}
	tan := lseqrTruncate(c.userSignature, digits)
	if wrong {
		tan = string(tan[0]) + string('0'+(tan[1]-'0'+1)%10) + tan[2:]
	}
	return tan, nil
}

func lseqrTruncate(sig []byte, digits int) string {
	at := sig[31] & 15
	v := binary.BigEndian.Uint32(sig[at:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", digits, uint64(v)%uint64(math.Pow10(digits)))
}

// lseqrPushAnswer is lseqraccept URL KEY and lseqrdeny URL KEY (9.6).
func lseqrPushAnswer(word string, a []string) (string, error) {
	if len(a) < 2 {
		return "", errors.New("want URL KEY")
	}
	c, err := openLseqr(a[0], a[1])
	if err != nil {
		return "", err
	}
	if !c.push {
		return "", errors.New("a QR challenge has no such answer")
	}
	message := slices.Concat([]byte{2}, []byte(word), []byte{0}, c.base)
	return b64url.EncodeToString(ed25519.Sign(ed25519.NewKeyFromSeed(lseqrSeed(a[1])), message)), nil
}

// lseqrOffline is lseqroffline PUBLICKEY TOKENID TRANSACTION MESSAGE...: a QR
// challenge as an offline client makes it from the offline info (8.9). The
// caller checks the phone's answer by opening it with the phone's key.
func lseqrOffline(a []string) (string, error) {
	if len(a) < 4 {
		return "", errors.New("want PUBLICKEY TOKENID TRANSACTION MESSAGE...")
	}
	phone, err := base64.StdEncoding.DecodeString(a[0])
	if err != nil {
		return "", err
	}
	id, err := strconv.ParseUint(a[1], 10, 32)
	if err != nil {
		return "", err
	}
	t, err := strconv.ParseUint(a[2]+"00", 10, 64)
	if err != nil {
		return "", err
	}
	plain := binary.LittleEndian.AppendUint64([]byte{0, 0}, t)
	plain = append(append(plain, strings.Join(a[3:], " ")...), 0)
	return lseqrMakeQR(phone, uint32(id), lseqrSeed("offline "+a[2]), plain)
}

func lseqrMakeQR(phone []byte, id uint32, r, plain []byte) (string, error) {
	shared, err := x25519(r, phone)
	if err != nil {
		return "", err
	}
	u1 := sha256.Sum256(shared)
	u2 := sha256.Sum256(u1[:])
	header := binary.LittleEndian.AppendUint32([]byte{1}, id)
	raw := slices.Concat(header, x25519Public(r), eaxSeal(u1[:16], u2[16:], header, plain))
	return "lseqr://chal/" + b64url.EncodeToString(raw), nil
}
