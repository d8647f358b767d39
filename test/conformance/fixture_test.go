package conformance

import (
	"compress/gzip"
	"encoding/base64"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// passwdFixture holds the users every scenario may name. The hashes are
// crypt(3) SHA-512 of the password "test".
const passwdFixture = `cornelius:$6$Yxr1n3mJ$a.OCZVgHGb/SECymbsqtP2QFBHVLl.Sn151XMs7P7C31hwxEHOj6ffaft7SsQDFtMp8aQ67MuASkdtWhJCTmf1:1000:1000:Cornelius Kölbel,Room 1,+49 561 3166797,+49 151 2960517,cornelius@example.com:/home/cornelius:/bin/bash
selfservice:$6$Yxr1n3mJ$a.OCZVgHGb/SECymbsqtP2QFBHVLl.Sn151XMs7P7C31hwxEHOj6ffaft7SsQDFtMp8aQ67MuASkdtWhJCTmf1:1001:1001:Self Service,Room 2,+49 561 2,+49 151 2,self@example.com:/home/selfservice:/bin/bash
hans:$6$Yxr1n3mJ$a.OCZVgHGb/SECymbsqtP2QFBHVLl.Sn151XMs7P7C31hwxEHOj6ffaft7SsQDFtMp8aQ67MuASkdtWhJCTmf1:1002:1002:Hans Meier,Room 3,+49 561 3,+49 151 3,hans@example.com:/home/hans:/bin/bash
nönäscii:$6$Yxr1n3mJ$a.OCZVgHGb/SECymbsqtP2QFBHVLl.Sn151XMs7P7C31hwxEHOj6ffaft7SsQDFtMp8aQ67MuASkdtWhJCTmf1:1003:1003:Nön Äscii,Room 4,+49 561 4,+49 151 4,non@example.com:/home/non:/bin/bash
`

// writeFixtures writes the files that a server under test is told to read.
func writeFixtures(dir string) error {
	for name, text := range map[string]string{"passwd": passwdFixture, "hosts": hostsFixture} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// fixtures creates the resolver and the realm of the test users.
func (r *runner) fixtures() error {
	if r.dialect == linotp {
		return r.linotpFixtures()
	}
	for _, s := range []struct {
		path string
		form map[string]string
	}{
		{"/resolver/reso1", map[string]string{"type": "passwdresolver", "fileName": r.file("passwd")}},
		{"/realm/realm1", map[string]string{"resolvers": "reso1"}},
		{"/defaultrealm/realm1", map[string]string{}},
	} {
		if _, err := r.must("POST", s.path, s.form); err != nil {
			return err
		}
	}
	return nil
}

// provided are the variables that every scenario has: passwd (the path of the
// passwd file with the test users), hosts (of a hosts file), userdb (of a new
// SQLite file with the table "users"), smtpport (a mail server) and sinkurl (a
// web server).
func (r *runner) provided() (map[string]string, error) {
	r.mails.clear()
	r.sink.clear()
	z, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(userDatabase)))
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	// A new name each time: the server may still hold the last one open.
	f, err := os.CreateTemp(r.dir, "users-*.sqlite")
	if err != nil {
		return nil, err
	}
	if _, err := f.Write(data); err != nil {
		return nil, err
	}
	return map[string]string{"passwd": r.file("passwd"), "hosts": r.file("hosts"), "userdb": f.Name(),
		"smtpport": r.mails.port, "sinkurl": r.sink.url}, f.Close()
}

const hostsFixture = `# machines of the test network
192.168.0.1	gandalf whitewizard
192.168.0.2	frodo
172.16.200.10	puckel.example.com puckel
`

// userDatabase is an SQLite file, compressed: table users (id, username, email,
// phone, mobile, surname, givenname, password, groups) with the users anna
// (password "annas secret", group staff) and börte (password "pässword", group
// guests).
const userDatabase = "" +
	"H4sIAAAAAAACA+1VT0/bMBS3kw4GqOKEot7MjSoda6F/4FCJUGUl0H+kiUa5VGnj0Gj572TtQDt0H2JfZNK+AOd9lB0ncZxjYEAv" +
	"O+w2+Ml+fj8/P/vZz5b7py07xsjyI9eI0S7gAITgACEAAE9rBjyAW+AQ/B082B7DLLyhyjcAX8EftPlX9PglQRThIDZGDiahQ+Mf" +
	"Ehwm2Bsv0kxDlSVNRpp02JLRgnHLM1xcoCw/l+GyIAjwi83mTAiOCBPcE3/WhbZsEykdTW7KKuqpSltSB+hEHiBJ17pKhzq05Y5W" +
	"YIPTBZAmn2lI7yinulxA2DVsh3UVUDDxPXynu/7Idu4JSR48C+jC/oi9RzwwCJn6kXlvjvwkIIzk89ySUBcgsD0Tz+52aySxz/iQ" +
	"hT8ssSbN7ev0MLNpYmEGwCuYAc8UCbcGcqVsVsjN13Oj6+9RjEc+pvIAzww3cPD22Hevv7o4OmTGq37/SNqpVD+/lY675vQ8DEWn" +
	"47TtYM/qTa2aQrzzZlksV7vFStidmlbxQ+hcDt7PiuOdd8SU6vWLBJOYzDm4BjbebG4KG/N1waA5TuvjNcXyPqpUS6hUTLVSJdWk" +
	"yDNjiQ78E0WroepTrxxas1pgx2Jznyi6OarFx7F++amx65xM+t6RejaxrMqTKEhsWNYqy/9PAG+oeMH/jVU+B2/vN7fMb6yk1y19" +
	"/xD+ArS84LlgBfICvP3gfgMkPKtPAAgAAA=="
