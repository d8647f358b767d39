package conformance

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"math/big"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// ocraSuite is a parsed OCRA suite (RFC 6287).
type ocraSuite struct {
	text    string
	hash    func() hash.Hash
	digits  int
	counter bool
	format  byte // A, N or H
	length  int  // of the question
	pin     func() hash.Hash
	session int // bytes, 0 = none
	step    int // seconds, 0 = none
}

// ocraInput is what the suite asks for beside the question.
type ocraInput struct {
	counter    string // decimal
	pin        string
	pinHash    string // hex, instead of pin
	session    string // hex
	timestep   string // hex
	hasCounter bool
}

var (
	ocraHashes   = map[string]func() hash.Hash{"SHA1": sha1.New, "SHA256": sha256.New, "SHA512": sha512.New}
	ocraQuestion = regexp.MustCompile(`^Q([ANH])([0-9]{1,2})$`)
	ocraTime     = regexp.MustCompile(`^T([0-9]{1,2})([SMH])$`)
)

func parseOCRA(text string) (*ocraSuite, error) {
	s := &ocraSuite{text: text}
	fields := strings.Split(strings.ToUpper(text), ":")
	if len(fields) != 3 || fields[0] != "OCRA-1" {
		return nil, fmt.Errorf("%q is no OCRA-1 suite of three fields", text)
	}
	function := strings.Split(fields[1], "-")
	if len(function) != 3 || function[0] != "HOTP" || ocraHashes[function[1]] == nil {
		return nil, fmt.Errorf("bad function %q", fields[1])
	}
	s.hash = ocraHashes[function[1]]
	var err error
	if s.digits, err = strconv.Atoi(function[2]); err != nil || s.digits != 0 && (s.digits < 4 || s.digits > 10) {
		return nil, fmt.Errorf("bad number of digits %q", function[2])
	}
	parts := strings.Split(fields[2], "-")
	if parts[0] == "C" {
		s.counter, parts = true, parts[1:]
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("no question")
	}
	q := ocraQuestion.FindStringSubmatch(parts[0])
	if q == nil {
		return nil, fmt.Errorf("bad question %q", parts[0])
	}
	s.format = q[1][0]
	if s.length, _ = strconv.Atoi(q[2]); s.length < 4 || s.length > 64 {
		return nil, fmt.Errorf("bad question length %q", parts[0])
	}
	const order = "PST"
	last := -1
	for _, p := range parts[1:] {
		if p == "" || strings.IndexByte(order, p[0]) <= last {
			return nil, fmt.Errorf("unexpected data part %q", p)
		}
		last = strings.IndexByte(order, p[0])
		if err := s.addPart(p); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// addPart reads one of the data parts behind the question: P, S or T.
func (s *ocraSuite) addPart(p string) error {
	switch p[0] {
	case 'P':
		name := p[1:]
		if name == "" {
			name = "SHA1"
		}
		if s.pin = ocraHashes[name]; s.pin == nil {
			return fmt.Errorf("bad PIN hash %q", p)
		}
	case 'S':
		length := map[string]int{"": 64, "64": 64, "128": 128, "256": 256, "512": 512}
		n, ok := length[strings.TrimLeft(p[1:], "0")]
		if !ok {
			return fmt.Errorf("bad session length %q", p)
		}
		s.session = n
	case 'T':
		if p == "T" {
			p = "T1M"
		}
		t := ocraTime.FindStringSubmatch(p)
		if t == nil {
			return fmt.Errorf("bad time %q", p)
		}
		n, _ := strconv.Atoi(t[1])
		unit := map[string]int{"S": 1, "M": 60, "H": 3600}[t[2]]
		if n == 0 || n > 59 || t[2] == "H" && n > 48 {
			return fmt.Errorf("bad time %q", p)
		}
		s.step = n * unit
	}
	return nil
}

// question encodes q as the suite's format says.
func (s *ocraSuite) question(q string) ([]byte, error) {
	switch s.format {
	case 'A':
		return []byte(q), nil
	case 'N':
		for _, c := range q {
			if c < '0' || c > '9' {
				return nil, fmt.Errorf("question %q is not decimal", q)
			}
		}
		n, ok := new(big.Int).SetString(q, 10)
		if !ok {
			return nil, fmt.Errorf("question %q is not decimal", q)
		}
		q = n.Text(16)
	}
	if len(q)%2 == 1 {
		q += "0"
	}
	return hex.DecodeString(q)
}

// input is the text that is authenticated.
func (s *ocraSuite) input(q string, in ocraInput) ([]byte, error) {
	m := append([]byte(s.text), 0)
	if s.counter {
		if !in.hasCounter {
			return nil, fmt.Errorf("the suite needs a counter")
		}
		c, err := strconv.ParseUint(in.counter, 10, 64)
		if err != nil {
			return nil, err
		}
		m = binary.BigEndian.AppendUint64(m, c)
	}
	question, err := s.question(q)
	if err != nil {
		return nil, err
	}
	if len(question) > 128 {
		return nil, fmt.Errorf("question of %d bytes", len(question))
	}
	m = append(append(m, question...), make([]byte, 128-len(question))...)
	if s.pin != nil {
		h := s.pin()
		digest, err := hex.DecodeString(in.pinHash)
		if err != nil {
			return nil, err
		}
		if in.pinHash == "" {
			h.Write([]byte(in.pin))
			digest = h.Sum(nil)
		}
		if len(digest) != h.Size() {
			return nil, fmt.Errorf("PIN hash of %d bytes", len(digest))
		}
		m = append(m, digest...)
	}
	if s.session > 0 {
		session, err := hex.DecodeString(in.session)
		if err != nil {
			return nil, err
		}
		if len(session) > s.session {
			return nil, fmt.Errorf("session of %d bytes", len(session))
		}
		m = append(append(m, make([]byte, s.session-len(session))...), session...)
	}
	if s.step > 0 {
		t, err := strconv.ParseUint(in.timestep, 16, 64)
		if err != nil {
			return nil, err
		}
		m = binary.BigEndian.AppendUint64(m, t)
	}
	return m, nil
}

func (s *ocraSuite) response(key []byte, q string, in ocraInput) (string, error) {
	m, err := s.input(q, in)
	if err != nil {
		return "", err
	}
	mac := hmac.New(s.hash, key)
	mac.Write(m)
	d := mac.Sum(nil)
	if s.digits == 0 {
		return hex.EncodeToString(d), nil
	}
	o := d[len(d)-1] & 15
	v := binary.BigEndian.Uint32(d[o:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", s.digits, int64(v)%int64(math.Pow10(s.digits))), nil
}

// ocraFunction is ocra SUITE KEYHEX QUESTION [NAME=VALUE...]: the response;
// names are counter, pin, pinhash, session (hex) and timestep (hex).
func ocraFunction(a []string) (string, error) {
	if len(a) < 3 {
		return "", fmt.Errorf("want SUITE KEYHEX QUESTION")
	}
	suite, err := parseOCRA(a[0])
	if err != nil {
		return "", err
	}
	key, err := hex.DecodeString(a[1])
	if err != nil {
		return "", err
	}
	in := ocraInput{}
	for _, pair := range a[3:] {
		name, value, _ := strings.Cut(pair, "=")
		switch name {
		case "counter":
			in.counter, in.hasCounter = value, true
		case "pin":
			in.pin = value
		case "pinhash":
			in.pinHash = value
		case "session":
			in.session = value
		case "timestep":
			in.timestep = value
		default:
			return "", fmt.Errorf("unknown input %q", name)
		}
	}
	return suite.response(key, a[2], in)
}

// ocraCheck is ocracheck SUITE TEXT: "ok" if TEXT is a question of the suite
// of full length.
func ocraCheck(a []string) (string, error) {
	if len(a) != 2 {
		return "", fmt.Errorf("want SUITE TEXT")
	}
	suite, err := parseOCRA(a[0])
	if err != nil {
		return "", err
	}
	class := map[byte]string{'A': `[A-Za-z0-9]`, 'N': `[0-9]`, 'H': `[0-9a-fA-F]`}[suite.format]
	if !regexp.MustCompile(fmt.Sprintf(`^%s{%d}$`, class, suite.length)).MatchString(a[1]) {
		return fmt.Sprintf("%q is no full question of %s", a[1], a[0]), nil
	}
	return "ok", nil
}

// tiqrPart is tiqrpart URL PART: user, service, session, challenge or name of
// a tiqrauth:// URL, decoded.
func tiqrPart(a []string) (string, error) {
	if len(a) != 2 {
		return "", fmt.Errorf("want URL PART")
	}
	rest, ok := strings.CutPrefix(a[0], "tiqrauth://")
	if !ok {
		return "", fmt.Errorf("no tiqrauth URL: %q", a[0])
	}
	user, rest, ok := strings.Cut(rest, "@")
	parts := strings.SplitN(rest, "/", 4)
	if !ok || len(parts) != 4 {
		return "", fmt.Errorf("bad tiqrauth URL: %q", a[0])
	}
	switch a[1] {
	case "user":
		return url.QueryUnescape(user)
	case "service":
		return parts[0], nil
	case "session":
		return parts[1], nil
	case "challenge":
		return parts[2], nil
	case "name":
		return url.PathUnescape(parts[3])
	}
	return "", fmt.Errorf("no part %q of a tiqrauth URL", a[1])
}

// derivedSecret is secret NAME [BYTES]: a fixed secret in hex, 32 bytes unless
// told, as a phone would have made it.
func derivedSecret(a []string) (string, error) {
	if len(a) == 0 {
		return "", fmt.Errorf("want a name")
	}
	n := 32
	if len(a) > 1 {
		var err error
		if n, err = strconv.Atoi(a[1]); err != nil || n < 0 || n > 64 {
			return "", fmt.Errorf("bad length %q", a[1])
		}
	}
	sum := sha512.Sum512([]byte("conformance secret " + a[0]))
	return hex.EncodeToString(sum[:n]), nil
}
