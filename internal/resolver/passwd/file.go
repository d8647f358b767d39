package passwd

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"symbolon/internal/realm"
)

// file is what a file held when it was read.
type file struct {
	users   []*user
	byLogin map[string]*user
	byID    map[string]*user
	typical hash // what is computed for those who have no usable hash
}

// user is one line.
type user struct {
	login, hash, id                 string
	gecos                           string
	given, surname                  string
	mobile, phone, email            string
	lowerLogin, lowerGecos, lowMail string
}

func (u *user) info() realm.Info {
	return realm.Info{"username": u.login, "userid": u.id, "description": u.gecos, "givenname": u.given,
		"surname": u.surname, "mobile": u.mobile, "phone": u.phone, "email": u.email}
}

// skip is a line that was left out. After maxSkips of them the rest is silent.
type skip struct {
	line   int // from 1
	reason string
}

const maxSkips = 20

// parse reads the text of a file. It always succeeds: what cannot be read is
// left out.
func parse(text string) (*file, []skip) {
	f := &file{byLogin: map[string]*user{}, byID: map[string]*user{}, typical: fallback()}
	var skipped []skip
	found := false
	line := 0
	for text := range strings.SplitSeq(text, "\n") {
		line++
		u, reason := parseLine(strings.TrimSuffix(text, "\r"))
		if u == nil && reason == "" {
			continue
		}
		if u != nil {
			reason = f.add(u)
		}
		if reason != "" {
			if len(skipped) < maxSkips {
				skipped = append(skipped, skip{line, reason})
			}
			continue
		}
		if h, err := parseHash(u.hash); err == nil && !found {
			f.typical, found = h, true
		}
	}
	return f, skipped
}

// add takes u in, or says why not.
func (f *file) add(u *user) string {
	switch {
	case f.byLogin[u.login] != nil:
		return "its login is in an earlier line"
	case f.byID[u.id] != nil:
		return "its uid is in an earlier line"
	}
	f.users = append(f.users, u)
	f.byLogin[u.login], f.byID[u.id] = u, u
	return ""
}

var looksLikeMail = regexp.MustCompile(`^.+@.+\..+`)

// parseLine reads one line. A blank line or a comment is neither user nor reason.
func parseLine(line string) (u *user, reason string) {
	if strings.TrimSpace(line) == "" || line[0] == '#' {
		return nil, ""
	}
	if !utf8.ValidString(line) {
		return nil, "it is not UTF-8"
	}
	fields := strings.SplitN(line, ":", 8)
	if len(fields) < 3 || fields[0] == "" || fields[2] == "" {
		return nil, "it has no login or no uid"
	}
	u = &user{login: fields[0], hash: fields[1], id: fields[2]}
	if len(fields) > 4 {
		u.readGecos(fields[4])
	}
	u.lowerLogin, u.lowerGecos, u.lowMail = strings.ToLower(u.login), strings.ToLower(u.gecos), strings.ToLower(u.email)
	return u, ""
}

func (u *user) readGecos(gecos string) {
	u.gecos = gecos
	parts := strings.Split(gecos, ",")
	u.given, u.surname, _ = strings.Cut(parts[0], " ")
	if len(parts) < 4 {
		return
	}
	u.mobile, u.phone = parts[2], parts[3]
	for _, p := range parts[4:] {
		if looksLikeMail.MatchString(p) {
			u.email = p
		}
	}
}
