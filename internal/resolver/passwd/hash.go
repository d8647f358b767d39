package passwd

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/go-crypt/crypt/algorithm"
	"github.com/go-crypt/crypt/algorithm/argon2"
	"github.com/go-crypt/crypt/algorithm/bcrypt"
	"github.com/go-crypt/crypt/algorithm/md5crypt"
	"github.com/go-crypt/crypt/algorithm/pbkdf2"
	"github.com/go-crypt/crypt/algorithm/scrypt"
	"github.com/go-crypt/crypt/algorithm/sha1crypt"
	"github.com/go-crypt/crypt/algorithm/shacrypt"

	"symbolon/internal/heavy"
	"symbolon/internal/secret"
)

// maxPassword bounds the work that a password makes: the time of some of the
// hashes grows with its length, a few thousand times over.
const maxPassword = 1024 // bytes

// bcryptPassword is how much of a password bcrypt looks at. A longer one is
// refused: it would be right whatever follows.
const bcryptPassword = 72 // bytes

// scheme is a kind of hash. Form also bounds what a hash may cost, so nothing
// is computed that it does not match: at most a million rounds, 128 MiB.
type scheme struct {
	form   *regexp.Regexp
	decode algorithm.DecodeFunc
	wide   bool // may need much memory: takes the whole pool
	max    int  // of the password, in bytes
}

// schemes are the hashes of the three servers, and what else crypt(3) writes
// today. DES is missing.
var schemes = []scheme{
	{regexp.MustCompile(`^\$5\$(rounds=(1000000|[1-9]\d{3,5})\$)?[^$:]{0,16}\$[./0-9A-Za-z]{43}$`), shacrypt.Decode, false, maxPassword},
	{regexp.MustCompile(`^\$6\$(rounds=(1000000|[1-9]\d{3,5})\$)?[^$:]{0,16}\$[./0-9A-Za-z]{86}$`), shacrypt.Decode, false, maxPassword},
	{regexp.MustCompile(`^\$1\$[^$:]{0,8}\$[./0-9A-Za-z]{22}$`), md5crypt.Decode, false, maxPassword},
	{regexp.MustCompile(`^\$2[aby]\$(0[4-9]|1[0-4])\$[./0-9A-Za-z]{53}$`), bcrypt.Decode, false, bcryptPassword},
	{regexp.MustCompile(`^\$bcrypt-sha256\$v=2,t=2b,r=(\d|1[0-4])\$[./0-9A-Za-z]{22}\$[./0-9A-Za-z]{31}$`), bcrypt.Decode, false, maxPassword},
	{regexp.MustCompile(`^\$sha1\$[1-9]\d{0,5}\$[./0-9A-Za-z]{1,64}\$[./0-9A-Za-z]{28}$`), sha1crypt.Decode, false, maxPassword},
	{regexp.MustCompile(`^\$pbkdf2(-sha256|-sha512)?\$[1-9]\d{0,5}\$[./0-9A-Za-z]{1,86}\$[./0-9A-Za-z]{27,86}$`), pbkdf2.Decode, false, maxPassword},
	{regexp.MustCompile(`^\$y\$j[5-9]T\$[./0-9A-Za-z]{1,86}\$[./0-9A-Za-z]{43}$`), scrypt.Decode, false, maxPassword},
	{regexp.MustCompile(`^\$scrypt\$ln=(\d|1[0-6]),r=[1-8],p=[1-4]\$[+/0-9A-Za-z]{1,86}\$[+/0-9A-Za-z]{43,86}$`), scrypt.Decode, true, maxPassword},
	{regexp.MustCompile(`^\$argon2id?\$v=19\$m=(\d{2,5}|1[0-2]\d{4}),t=([1-9]|1[0-6]),p=([1-9]|1[0-6])\$[+/0-9A-Za-z]{11,86}\$[+/0-9A-Za-z]{22,86}$`), argon2.Decode, true, maxPassword},
}

// hash is a stored hash that can be checked.
type hash struct {
	scheme scheme
	digest algorithm.Digest
}

// parseHash reads a stored hash. Its errors do not tell the hash.
func parseHash(stored string) (hash, error) {
	switch {
	case stored == "":
		return hash{}, errors.New("there is no hash")
	case stored == "x" || stored[0] == '*' || stored[0] == '!':
		return hash{}, errors.New("the password is locked, or in a shadow file, which is not read")
	case len(stored) == 13 && stored[0] != '$' || stored[0] == '_':
		return hash{}, errors.New("DES hashes are not supported")
	}
	for _, s := range schemes {
		if !s.form.MatchString(stored) {
			continue
		}
		d, err := s.decode(stored)
		if err != nil {
			return hash{}, errors.New("the hash is damaged")
		}
		return hash{s, d}, nil
	}
	return hash{}, errors.New("the hash is damaged, of an unknown kind, or costs too much")
}

// matches reports whether the hash is password's. It waits for a place in the pool.
func (h hash) matches(ctx context.Context, pool *heavy.Pool, password secret.Bytes) (ok bool, err error) {
	if password.Len() > h.scheme.max {
		return false, nil
	}
	weight := 1
	if h.scheme.wide {
		weight = pool.Size()
	}
	var broken error
	err = pool.Do(ctx, weight, func() { ok, broken = h.digest.MatchBytesAdvanced(password.Reveal()) })
	if err == nil && broken != nil {
		return false, fmt.Errorf("comparing a password: %w", broken)
	}
	return ok, err
}

// fallback is computed where a file holds no hash that could be.
func fallback() hash {
	const of = "$6$Yxr1n3mJ$a.OCZVgHGb/SECymbsqtP2QFBHVLl.Sn151XMs7P7C31hwxEHOj6ffaft7SsQDFtMp8aQ67MuASkdtWhJCTmf1"
	h, err := parseHash(of)
	if err != nil {
		return hash{}
	}
	return h
}
