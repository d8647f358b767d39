package conformance

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The phone of LinOTP's QR and push tokens, written from
// linotp-pairing.md alone; numbers in comments are its sections.
//
// A KEY is 64 hex digits, or any other word, which stands for the key derived
// from it. Nothing here is random, so a scenario sends the same every time.

var b64url = base64.RawURLEncoding

// lseqrSeed is the 32 bytes a phone keeps.
func lseqrSeed(key string) []byte {
	if raw, err := hex.DecodeString(key); err == nil && len(raw) == 32 {
		return raw
	}
	sum := sha256.Sum256([]byte("lseqr phone " + key))
	return sum[:]
}

type lseqrPairing struct {
	version, kind    byte
	flags, partition uint32
	server           []byte
	serial, url, sms string
	digits, hash     int
	signed           []byte // the part the signature of the certificate variant covers
	signature        []byte
}

func lseqrBody(link, host string) ([]byte, error) {
	_, rest, ok := strings.Cut(link, "://"+host+"/")
	if !ok {
		return nil, fmt.Errorf("no ://%s/ in %.60q", host, link)
	}
	return b64url.DecodeString(rest)
}

func parseLseqrPairing(link string) (*lseqrPairing, error) {
	data, err := lseqrBody(link, "pair")
	if err != nil {
		return nil, err
	}
	if len(data) < 10 {
		return nil, errors.New("pairing URL too short")
	}
	p := &lseqrPairing{version: data[0], kind: data[1], digits: -1, hash: -1,
		flags: binary.LittleEndian.Uint32(data[2:]), partition: binary.LittleEndian.Uint32(data[6:])}
	if p.version != 2 {
		return nil, fmt.Errorf("pairing URL of version %d", p.version)
	}
	rest := data[10:]
	if p.flags&1 == 0 {
		if len(rest) < 64 {
			return nil, errors.New("pairing URL without key and signature")
		}
		at := len(rest) - 64
		rest, p.signature = rest[:at], rest[at:]
		p.signed = data[:len(data)-64]
	} else if len(rest) >= 32 {
		p.server, rest = rest[:32], rest[32:]
	}
	text := func(flag uint32) string {
		if p.flags&flag == 0 || err != nil {
			return ""
		}
		s, more, ok := bytes.Cut(rest, []byte{0})
		if !ok {
			err = errors.New("pairing URL: text without end")
		}
		rest = more
		return string(s)
	}
	number := func(flag uint32) int {
		if p.flags&flag == 0 || err != nil {
			return -1
		}
		if len(rest) == 0 {
			err = errors.New("pairing URL too short")
			return -1
		}
		n := rest[0]
		rest = rest[1:]
		return int(n)
	}
	p.serial, p.url, p.sms = text(2), text(4), text(8)
	p.digits, p.hash = number(16), number(32)
	if err == nil && len(rest) != 0 {
		err = fmt.Errorf("pairing URL: %d bytes too many", len(rest))
	}
	return p, err
}

// lseqrPart is lseqrpart URL PART: version, type (qr, push), flags, partition,
// serverkey (hex), serial, callback (URL), sms, digits or hash of a pairing URL.
func lseqrPart(a []string) (string, error) {
	if len(a) != 2 {
		return "", errors.New("want URL PART")
	}
	p, err := parseLseqrPairing(a[0])
	if err != nil {
		return "", err
	}
	switch a[1] {
	case "version":
		return strconv.Itoa(int(p.version)), nil
	case "type":
		return map[byte]string{2: "qr", 4: "push"}[p.kind], nil
	case "flags":
		return strconv.Itoa(int(p.flags)), nil
	case "partition":
		return strconv.Itoa(int(p.partition)), nil
	case "serverkey":
		return hex.EncodeToString(p.server), nil
	case "serial":
		return p.serial, nil
	case "callback":
		return p.url, nil
	case "sms":
		return p.sms, nil
	case "digits":
		return strconv.Itoa(p.digits), nil
	case "hash":
		return [...]string{"none", "sha1", "sha256", "sha512"}[p.hash+1], nil
	}
	return "", fmt.Errorf("no part %q of a pairing URL", a[1])
}

// lseqrPublicKey is lseqrpubkey KEY qr|push: the phone's public key, standard
// base64.
func lseqrPublicKey(a []string) (string, error) {
	if len(a) != 2 {
		return "", errors.New("want KEY qr|push")
	}
	seed := lseqrSeed(a[0])
	if a[1] == "push" {
		return base64.StdEncoding.EncodeToString(ed25519.NewKeyFromSeed(seed)[32:]), nil
	}
	return base64.StdEncoding.EncodeToString(x25519Public(seed)), nil
}

// lseqrPair is lseqrpair URL KEY [NAME=VALUE...]: the phone's answer to a
// pairing URL. With id=, login=, gda= and serial= (serial=- is none) it says
// something else than usual; version=, partition=, type= (of the inner
// message), nonul=1 (no NUL after the serial), signer=KEY (who signs a push
// answer), r=HEX, and flip=header|point|text|tag (one bit of that part) make
// it wrong.
func lseqrPair(a []string) (string, error) {
	if len(a) < 2 {
		return "", errors.New("want URL KEY [NAME=VALUE...]")
	}
	p, err := parseLseqrPairing(a[0])
	if err != nil {
		return "", err
	}
	m := lseqrReply{kind: p.kind, key: a[1], option: map[string]string{
		"id": "1", "serial": p.serial, "version": "1", "partition": strconv.Itoa(int(p.partition)),
		"type": strconv.Itoa(int(p.kind)), "gda": "apn.DEADBEEF", "signer": a[1], "server": hex.EncodeToString(p.server)}}
	for _, o := range a[2:] {
		name, v, ok := strings.Cut(o, "=")
		if !ok {
			return "", fmt.Errorf("want NAME=VALUE, got %q", o)
		}
		m.option[name] = v
	}
	if m.option["serial"] == "-" {
		m.option["serial"] = ""
	}
	// Fixed, so that a scenario sends the same every time.
	r := sha256.Sum256(append(lseqrSeed(a[1]), strings.Join(a[2:], " ")...))
	if raw, e := hex.DecodeString(m.option["r"]); e == nil && len(raw) == 32 {
		copy(r[:], raw)
	}
	out, err := m.sealed(r[:])
	return b64url.EncodeToString(out), err
}

// lseqrReply is a pairing answer being made.
type lseqrReply struct {
	kind   byte
	key    string
	option map[string]string
	err    error
}

func (m *lseqrReply) number(name string) uint32 {
	n, err := strconv.ParseUint(m.option[name], 10, 32)
	if err != nil {
		m.err = err
	}
	return uint32(n)
}

// plain is the message before it is encrypted.
func (m *lseqrReply) plain() []byte {
	const push = 4
	seed := lseqrSeed(m.key)
	out := binary.LittleEndian.AppendUint32([]byte{byte(m.number("type"))}, m.number("id"))
	if m.kind == push {
		out = append(out, ed25519.NewKeyFromSeed(seed)[32:]...)
	} else {
		out = append(out, x25519Public(seed)...)
	}
	out = append(out, m.option["serial"]...)
	if m.option["nonul"] == "" {
		out = append(out, 0)
	}
	out = append(append(out, m.option["login"]...), 0)
	if m.kind == push {
		out = append(append(out, m.option["gda"]...), 0)
		out = append(out, ed25519.Sign(ed25519.NewKeyFromSeed(lseqrSeed(m.option["signer"])), out)...)
	}
	return out
}

func (m *lseqrReply) sealed(r []byte) ([]byte, error) {
	plain := m.plain()
	header := binary.LittleEndian.AppendUint32([]byte{byte(m.number("version"))}, m.number("partition"))
	if m.err != nil {
		return nil, m.err
	}
	server, err := hex.DecodeString(m.option["server"])
	if err != nil || len(server) != 32 {
		return nil, errors.New("no key of the server")
	}
	shared, err := x25519(r, edToXPublic(server))
	if err != nil {
		return nil, err
	}
	u := sha256.Sum256(shared)
	out := append(slices.Clone(header), x25519Public(r)...)
	out = append(out, eaxSeal(u[:16], u[16:], header, plain)...)
	switch m.option["flip"] {
	case "header":
		out[4] ^= 0x80
	case "point":
		out[5] ^= 1
	case "text":
		out[37] ^= 1
	case "tag":
		out[len(out)-1] ^= 1
	}
	return out, nil
}
