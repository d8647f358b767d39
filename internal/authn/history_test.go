package authn_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"symbolon/internal/audit"
	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/secret"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

const (
	mostFailures = 4
	clearMinutes = 5
)

// history plays random requests about two tokens of one user, each possibly
// overtaken by others between its decision and its commit, and holds what must
// be true after each of them.
type history struct {
	*world
	r       *rapid.T
	serials []string
	pins    map[string]string         // as they are stored now
	open    []string                  // transactions
	used    map[string]map[int64]bool // counters by serial
	spent   map[string]string         // by case: the code that a commit has spent
	begun   int                       // requests
	said    map[string]int            // commits acknowledged, by case
}

// witness looks at every commit from both sides.
type witness struct {
	*overtaken
	h *history
}

// judged is what was true of a token just before a commit.
type judged struct {
	before token.Token
	pin    string
}

func (w *witness) Commit(ctx context.Context, c token.Commit) error {
	if f := w.before; f != nil {
		w.before = nil
		f()
	}
	h := w.h
	was := map[string]judged{}
	for _, s := range h.serials {
		if t, err := w.TokenBySerial(ctx, s); err == nil {
			was[s] = judged{*t, h.pins[s]}
		}
	}
	err := w.Store.Commit(ctx, c)
	if err == nil {
		h.said[c.Record.Case]++
		h.committed(was, c)
	}
	h.standings(was, err == nil && slices.ContainsFunc(c.Changes, reseeds))
	return err
}

func reseeds(c token.Change) bool {
	r, ok := c.(token.Replace)
	return ok && r.Reseeded
}

// committed holds what a commit must not do. What came in must have been usable
// right before it, and the PIN it was sent must have been the token's.
func (h *history) committed(was map[string]judged, c token.Commit) {
	for _, ch := range c.Changes {
		for serial, j := range was {
			if m, ok := ch.(token.MoveCounter); ok && m.Token == j.before.ID {
				if h.used[serial][m.To-1] {
					h.r.Fatalf("code %d of %s was accepted twice", m.To-1, serial)
				}
				h.used[serial][m.To-1], h.spent[c.Record.Case] = true, code(serial, m.To-1)
			}
			if s, ok := ch.(token.Succeed); !ok || j.before.ID != s.Token {
				continue
			}
			if why := j.before.Usable(h.time(), clearMinutes*time.Minute); why != "" {
				h.r.Fatalf("%s was accepted although it was %s before the commit", serial, why)
			}
			if typed, isCheck := h.typed(c.Record.Case); isCheck && typed != j.pin {
				h.r.Fatalf("%s was accepted with the PIN %q when its PIN was %q", serial, typed, j.pin)
			}
		}
	}
}

// typed is the PIN that a request was sent, kept in its case number.
func (h *history) typed(number string) (string, bool) {
	var n int
	var pin string
	_, err := fmt.Sscanf(number, "check-%d-%s", &n, &pin)
	return pin, err == nil
}

// standings holds what is true of what is stored after every commit, whoever it
// was that made it.
func (h *history) standings(was map[string]judged, reseeded bool) {
	for serial, j := range was {
		t, err := h.store.Store.TokenBySerial(context.Background(), serial)
		if err != nil {
			continue
		}
		if t.Counter < j.before.Counter && !reseeded {
			h.r.Fatalf("%s: the counter went back from %d to %d", serial, j.before.Counter, t.Counter)
		}
		if t.Failures < 0 || t.Failures > t.MaxFailures {
			h.r.Fatalf("%s: %d failures of %d", serial, t.Failures, t.MaxFailures)
		}
		if j.before.Revoked && !t.Revoked {
			h.r.Fatalf("%s is no longer revoked", serial)
		}
		if t.Uses < j.before.Uses || t.Successes > t.Uses {
			h.r.Fatalf("%s: %d uses after %d, %d successes", serial, t.Uses, j.before.Uses, t.Successes)
		}
	}
}

func (h *history) session(number string) *authn.Session {
	h.begun++
	return h.Begin(token.Origin{Action: "test", Case: number, Started: h.time()})
}

// number is a case number of its own for each request.
func (h *history) number(kind, pin string) string { return fmt.Sprintf("%s-%d-%s", kind, h.begun, pin) }

// ended notes a request: a fault is an answer too; anything else is not.
func (h *history) ended(s *authn.Session, err error) {
	s.End(context.Background(), err)
	if err != nil && fault.Of(err) == nil {
		h.r.Fatal(err)
	}
}

// accepted wants the code that let somebody in to be spent with it.
func (h *history) accepted(number, code string) {
	if h.spent[number] != code {
		h.r.Fatalf("%s was accepted with %s, and %q was spent", number, code, h.spent[number])
	}
}

func (h *history) login() {
	serial := rapid.SampledFrom(h.serials).Draw(h.r, "serial")
	pin := rapid.SampledFrom([]string{"one", "one", "one", "two"}).Draw(h.r, "pin")
	n := h.counter(serial)
	number := h.number("check", pin)
	s := h.session(number)
	a, err := s.Check(context.Background(), authn.Request{User: hans, Password: pin + code(serial, n)})
	h.ended(s, err)
	if err == nil && a.Outcome == authn.Accept {
		h.accepted(number, code(serial, n))
	}
}

// counter is that of a code near the token's: right, spent, or too far ahead.
func (h *history) counter(serial string) int64 {
	at := int64(0)
	if t, err := h.store.Store.TokenBySerial(context.Background(), serial); err == nil {
		at = t.Counter
	}
	return max(0, at+rapid.Int64Range(-2, 11).Draw(h.r, "offset"))
}

func (h *history) ask() {
	pin := rapid.SampledFrom([]string{"one", "one", "two"}).Draw(h.r, "pin")
	s := h.session(h.number("ask", pin))
	a, err := s.Check(context.Background(), authn.Request{User: hans, Password: pin})
	h.ended(s, err)
	if err == nil && a.Outcome == authn.Challenge {
		h.open = append(h.open, a.Challenges[0].Transaction)
	}
}

func (h *history) answer() {
	if len(h.open) == 0 {
		return
	}
	id := rapid.SampledFrom(h.open).Draw(h.r, "transaction")
	serial := rapid.SampledFrom(h.serials).Draw(h.r, "serial")
	n := h.counter(serial)
	number := h.number("answer", "")
	s := h.session(number)
	a, err := s.Check(context.Background(), authn.Request{User: hans, Password: code(serial, n), Transaction: id})
	h.ended(s, err)
	if err != nil || a.Outcome != authn.Accept {
		return
	}
	h.accepted(number, code(serial, n))
	if h.used["transactions"] == nil {
		h.used["transactions"] = map[int64]bool{}
	}
	at := int64(slices.Index(h.open, id))
	if h.used["transactions"][at] {
		h.r.Fatalf("transaction %s was answered twice", id)
	}
	h.used["transactions"][at] = true
}

// administer changes one token as an administrator does, on the same path.
func (h *history) administer(change func(t *token.Token) []token.Change) {
	serial := rapid.SampledFrom(h.serials).Draw(h.r, "serial")
	s := h.session(h.number("administer", ""))
	_, err := s.Run(context.Background(), func(c *token.Case, _ *site.Site) (authn.Decision, error) {
		t, err := c.TokenBySerial(context.Background(), serial)
		if err != nil {
			return authn.Decision{}, err
		}
		if t.Revoked {
			return authn.Decision{}, fault.New(fault.TokenLocked)
		}
		return authn.Decision{Changes: change(t), Record: audit.Record{Serial: serial}}, nil
	})
	h.ended(s, err)
}

func (h *history) setPIN() {
	pin := rapid.SampledFrom([]string{"one", "two"}).Draw(h.r, "new pin")
	var changed string
	h.administer(func(t *token.Token) []token.Change {
		next := *t
		var err error
		if next.PINHash, err = h.ring.HashPIN(context.Background(), t, secret.Text(pin)); err != nil {
			h.r.Fatal(err)
		}
		changed = next.Serial
		return []token.Change{token.Replace{Token: next}}
	})
	// Which PIN is stored says only the stored form: others may have been faster.
	if changed != "" {
		h.notePIN(changed)
	}
}

func (h *history) notePIN(serial string) {
	t, err := h.store.Store.TokenBySerial(context.Background(), serial)
	if err != nil {
		return
	}
	for _, pin := range []string{"one", "two"} {
		if ok, _, err := h.ring.CheckPIN(context.Background(), t, secret.Text(pin)); err != nil {
			h.r.Fatal(err)
		} else if ok {
			h.pins[serial] = pin
		}
	}
}

func (h *history) step(depth int) {
	if depth > 0 && rapid.IntRange(0, 2).Draw(h.r, "overtaken") == 0 {
		h.store.before = func() { h.step(depth - 1) }
	}
	switch rapid.IntRange(0, 23).Draw(h.r, "what") {
	case 0, 1:
		h.administer(func(t *token.Token) []token.Change {
			return []token.Change{token.SetActive{Token: t.ID, To: !t.Active}}
		})
	case 2:
		h.administer(func(t *token.Token) []token.Change { return []token.Change{token.ResetFailures{Token: t.ID}} })
	case 3:
		h.administer(func(t *token.Token) []token.Change {
			if t.Counter < 10 {
				return nil // seldom: there is little to see afterwards
			}
			return []token.Change{token.Revoke{Token: t.ID}}
		})
	case 4, 5:
		h.setPIN()
	case 6:
		h.administer(func(t *token.Token) []token.Change {
			next := *t
			next.Description += "."
			return []token.Change{token.Replace{Token: next}}
		})
	case 7, 8:
		h.advance(time.Duration(rapid.IntRange(1, 4).Draw(h.r, "minutes")) * time.Minute)
	case 9, 10, 11:
		h.ask()
	case 12, 13, 14:
		h.answer()
	default:
		h.login()
	}
	h.store.before = nil
}

// TestHistories plays them under the rules of both products.
func TestHistories(t *testing.T) {
	t.Parallel()
	for name, rules := range map[string]authn.Rules{"privacyidea": authn.PrivacyIDEA(), "edumfa": authn.EduMFA()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, rules)
			w.configure(map[string]string{"failcounter_clear_timeout": fmt.Sprint(clearMinutes)},
				pol("cr", "authentication", "challenge_response=hotp"), pol("re", "authentication", "reset_all_user_tokens"))
			run := 0
			rapid.Check(t, func(r *rapid.T) {
				run++
				h := &history{world: w, r: r, pins: map[string]string{}, used: map[string]map[int64]bool{}, spent: map[string]string{}, said: map[string]int{}, begun: run * 1000}
				for i := range 2 {
					tok := w.add("hotp", fmt.Sprintf("%d-%d", run, i), "one", func(t *token.Token) { t.MaxFailures = mostFailures })
					h.serials = append(h.serials, tok.Serial)
					h.used[tok.Serial], h.pins[tok.Serial] = map[int64]bool{}, "one"
				}
				w.Engine.Store = &witness{w.store, h}
				for range rapid.IntRange(1, 30).Draw(r, "steps") {
					h.step(3)
				}
				h.recorded()
				h.gone()
			})
		})
	}
}

// recorded wants one record for each request, and for each commit that was
// acknowledged; the chain has no gap.
func (h *history) recorded() {
	h.commit() // behind what was appended
	records := map[string]int{}
	for _, row := range h.last(2 * (h.begun % 1000)) {
		records[row.Case]++
		if !row.Intact || !row.Linked {
			h.r.Fatalf("record %d: intact %t, linked %t", row.Number, row.Intact, row.Linked)
		}
	}
	if n := h.begun % 1000; len(records) != n {
		h.r.Fatalf("%d requests have %d records", n, len(records))
	}
	for number, n := range records {
		if n != 1 || h.said[number] > 1 {
			h.r.Fatalf("%s: %d records, %d commits", number, n, h.said[number])
		}
	}
}

// last are the newest records, of this history's requests.
func (h *history) last(n int) (list []audit.Row) {
	rows, _, err := h.store.Records(context.Background(), audit.Query{Limit: n + 1})
	if err != nil {
		h.r.Fatal(err)
	}
	for _, row := range rows {
		var kind string
		var number int
		if _, err := fmt.Sscanf(replaceFirst(row.Case), "%s %d", &kind, &number); err == nil && number/1000 == h.begun/1000 {
			list = append(list, row)
		}
	}
	return list
}

// replaceFirst divides the kind of a case number from the rest.
func replaceFirst(s string) string {
	b := []byte(s)
	for i := range b {
		if b[i] == '-' {
			b[i] = ' '
			break
		}
	}
	return string(b)
}

func (h *history) gone() {
	for _, s := range h.serials {
		h.commit(token.Delete{Token: h.get(s).ID})
	}
}
