package keyring

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrForm is returned for a stored hash that this server cannot check: it is
// damaged, of an unknown kind, or asks for more than the caps allow.
var ErrForm = errors.New("the stored hash cannot be checked")

// Cost is what a hash costs.
type Cost struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8
}

// HouseCost is what new hashes cost on a server: 19 MiB, some 20 ms.
func HouseCost() Cost { return Cost{Memory: 19 << 10, Time: 2, Threads: 1} }

// Caps on what a stored hash may ask for: whoever writes the database must not
// be able to make the server allocate gigabytes. The largest hash that the
// servers we import from write by default is 100 MiB, 9 passes.
const (
	maxMemory  = 128 << 10 // KiB
	maxTime    = 16
	maxThreads = 16
	maxRounds  = 1_000_000 // PBKDF2
	maxForm    = 512       // characters
	minSum     = 16
	maxSum     = 64
	minSalt    = 8
)

func (c Cost) check() error {
	if c.Time < 1 || c.Time > maxTime || c.Threads < 1 || c.Threads > maxThreads ||
		c.Memory < 8*uint32(c.Threads) || c.Memory > maxMemory {
		return fmt.Errorf("%w: cost out of bounds", ErrForm)
	}
	return nil
}

// algorithm is how a stored hash was made.
type algorithm string

const (
	argon2id     algorithm = "argon2id"
	argon2i      algorithm = "argon2i"
	pbkdf2sha512 algorithm = "pbkdf2-sha512"
)

// form is a stored hash. The house's own ones are PHC text behind a mark of
// their own that names the pepper's key:
//
//	$symbolon$k=1$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>
//
// Others come from imports: PHC argon2 and passlib's pbkdf2-sha512.
type form struct {
	house     bool
	key       uint16
	algorithm algorithm
	cost      Cost
	rounds    int // of PBKDF2
	salt, sum []byte
}

const mark = "$symbolon$"

// String returns the text a house form is stored as.
func (f form) String() string {
	e := base64.RawStdEncoding
	return fmt.Sprintf("%sk=%d$%s$v=19$m=%d,t=%d,p=%d$%s$%s", mark, f.key, f.algorithm,
		f.cost.Memory, f.cost.Time, f.cost.Threads, e.EncodeToString(f.salt), e.EncodeToString(f.sum))
}

// parseForm reads a stored hash, and refuses what costs too much to check.
func parseForm(s string) (form, error) {
	if len(s) > maxForm {
		return form{}, fmt.Errorf("%w: it is too long", ErrForm)
	}
	if rest, ok := strings.CutPrefix(s, mark); ok {
		name, rest, _ := strings.Cut(rest, "$")
		f, err := parseArgon2("$" + rest)
		if err != nil {
			return form{}, err
		}
		n, err := number(name, "k=", 16)
		if err != nil || f.algorithm != argon2id {
			return form{}, fmt.Errorf("%w: it is damaged", ErrForm)
		}
		f.house, f.key = true, uint16(n)
		return f, nil
	}
	switch {
	case strings.HasPrefix(s, "$argon2"):
		return parseArgon2(s)
	case strings.HasPrefix(s, "$pbkdf2-sha512$"):
		return parsePBKDF2(s)
	}
	return form{}, fmt.Errorf("%w: its kind is not known", ErrForm)
}

func parseArgon2(s string) (f form, err error) {
	damaged := fmt.Errorf("%w: it is damaged", ErrForm)
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[2] != "v=19" {
		return form{}, damaged
	}
	f.algorithm = algorithm(parts[1])
	if f.algorithm != argon2id && f.algorithm != argon2i {
		return form{}, fmt.Errorf("%w: its kind is not known", ErrForm)
	}
	costs := strings.Split(parts[3], ",")
	if len(costs) != 3 {
		return form{}, damaged
	}
	m, err1 := number(costs[0], "m=", 32)
	t, err2 := number(costs[1], "t=", 32)
	p, err3 := number(costs[2], "p=", 8)
	if errors.Join(err1, err2, err3) != nil {
		return form{}, damaged
	}
	f.cost = Cost{uint32(m), uint32(t), uint8(p)}
	if err := f.cost.check(); err != nil {
		return form{}, err
	}
	return f.finish(base64.RawStdEncoding, parts[4], parts[5])
}

// parsePBKDF2 reads passlib's form, whose base64 has a dot for the plus.
func parsePBKDF2(s string) (f form, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 5 {
		return form{}, fmt.Errorf("%w: it is damaged", ErrForm)
	}
	n, err := number(parts[2], "", 31)
	if err != nil || n < 1 {
		return form{}, fmt.Errorf("%w: it is damaged", ErrForm)
	}
	if n > maxRounds {
		return form{}, fmt.Errorf("%w: too many rounds", ErrForm)
	}
	f.algorithm, f.rounds = pbkdf2sha512, int(n)
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./"
	return f.finish(base64.NewEncoding(letters).WithPadding(base64.NoPadding), parts[3], parts[4])
}

// finish reads salt and sum.
func (f form) finish(e *base64.Encoding, salt, sum string) (form, error) {
	// A decoder skips line breaks, and these would be a second way to write the same.
	if strings.ContainsAny(salt+sum, "\r\n") {
		return form{}, fmt.Errorf("%w: it is damaged", ErrForm)
	}
	var err1, err2 error
	f.salt, err1 = e.Strict().DecodeString(salt)
	f.sum, err2 = e.Strict().DecodeString(sum)
	if errors.Join(err1, err2) != nil || len(f.salt) < minSalt || len(f.sum) < minSum || len(f.sum) > maxSum {
		return form{}, fmt.Errorf("%w: it is damaged", ErrForm)
	}
	return f, nil
}

// number reads a decimal number behind name, written in the one right way.
func number(s, name string, bits int) (uint64, error) {
	digits, ok := strings.CutPrefix(s, name)
	n, err := strconv.ParseUint(digits, 10, bits)
	if !ok || err != nil || strconv.FormatUint(n, 10) != digits {
		return 0, ErrForm
	}
	return n, nil
}
