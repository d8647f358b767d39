package tokentype

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"

	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/setting"
	"symbolon/internal/token"
	"symbolon/protocol/otp"
)

// TOTP is the token that follows the clock (RFC 6238; token-types.md B.2). Its
// counter is the last time step that was accepted; 0 is none yet.
type TOTP struct{}

var (
	_ token.Enroller   = TOTP{}
	_ token.Verifier   = TOTP{}
	_ token.Challenger = TOTP{}
	_ token.Resyncer   = TOTP{}
	_ token.Finder     = TOTP{}
	_ token.Prover     = TOTP{}
)

// Information of a token that follows the clock, all as text: seconds, seconds
// to either side, seconds the device is ahead, and whether that is used.
const (
	infoStep     = "timeStep"
	infoWindow   = "timeWindow"
	infoShift    = "timeShift"
	infoUseShift = "useTimeShift"
)

var (
	totp = oathOf("totp", "TOTP", "TotpChallengeValidityTime")

	totpStep     = setting.Int{Name: "totp.timeStep", Default: 30, Min: 1}
	totpWindow   = setting.Int{Name: "totp.timeWindow", Default: 180, Min: 1}
	totpUseShift = setting.Bool{Name: "totp.useTimeShift", Default: true}

	// The time step of new tokens, whatever is asked for.
	totpTimestep = actorInt(policy.Meta{Name: "totp_timestep", Doc: "The time step of new TOTP tokens in seconds, whatever is asked for.",
		Values: []string{"30", "60"}})
	// Whether new tokens follow a device whose clock is wrong.
	totpTimeshift = actorText(policy.Meta{Name: "totp_timeshift", Doc: "Whether the server follows the clock of a TOTP device.",
		Values: []string{"default", "True", "False"}, Only: "edumfa"})
)

// Bounds at enrolment: a day a step, and thirty years of shift.
const (
	maxStep  = 86400
	maxShift = 1e9
)

// Info implements token.Type.
func (TOTP) Info() token.Info {
	return token.Info{ID: totp.id, Prefix: "TOTP", Title: "TOTP: one-time codes by the clock", Standalone: true, Provable: true,
		EnrolBy:      []realm.Role{realm.Admin, realm.Owner},
		Actions:      append(totp.policy.defined(), totpTimestep.admin, totpTimestep.user, totpTimeshift.admin, totpTimeshift.user),
		Settings:     []string{totp.hashlib.Name, totp.lifetime.Name, totpStep.Name, totpWindow.Name, totpUseShift.Name},
		EnrollParams: totp.params(infoStep, infoWindow, infoShift, infoUseShift)}
}

// Enroll implements token.Enroller.
func (TOTP) Enroll(ctx context.Context, c *token.Case, d *token.Draft, p token.Params) (token.Enrolment, error) {
	e, err := totp.begin(ctx, c, d, p)
	if err != nil {
		return token.Enrolment{}, err
	}
	second, err := e.second()
	if err != nil {
		return token.Enrolment{}, err
	}
	if second {
		step := clockOf(c, &d.Token).step
		if err := e.complete(); err != nil {
			return token.Enrolment{}, err
		}
		e.asked.period = step
		return e.finish(ctx, step)
	}
	step, err := e.takeClock()
	if err != nil {
		return token.Enrolment{}, err
	}
	if err := e.take(); err != nil {
		return token.Enrolment{}, err
	}
	return e.finish(ctx, step)
}

// takeClock sets what the draft needs to follow the clock.
func (e *enrolling) takeClock() (step int64, err error) {
	if step, err = e.takeStep(); err != nil {
		return 0, err
	}
	window, err := e.number(infoWindow, totpWindow)
	if err != nil {
		return 0, err
	}
	if window < 1 || window/step > maxSearch {
		return 0, fault.New(fault.ParameterInvalid, infoWindow)
	}
	shift := 0.0
	if text := e.p[infoShift]; text != "" {
		if shift, err = strconv.ParseFloat(text, 64); err != nil {
			return 0, fault.New(fault.NotANumber, infoShift)
		}
		if !(math.Abs(shift) <= maxShift) {
			return 0, fault.New(fault.ParameterInvalid, infoShift)
		}
	}
	if err := e.takeUseShift(); err != nil {
		return 0, err
	}
	e.d.SetInfo(infoStep, strconv.FormatInt(step, 10))
	e.d.SetInfo(infoWindow, strconv.FormatInt(window, 10))
	e.d.SetInfo(infoShift, shiftText(e.c, shift))
	return step, nil
}

func (e *enrolling) takeStep() (int64, error) {
	step, err := e.number(infoStep, totpStep)
	if err != nil {
		return 0, err
	}
	wasAsked := e.p[infoStep] != ""
	if a, ok := totpTimestep.of(e.c); ok {
		forced, set, err := a.In(e.actor)
		if err != nil {
			return 0, err
		}
		if set {
			step, wasAsked = int64(forced), true
		}
	}
	if step < 1 || step > maxStep {
		return 0, fault.New(fault.ParameterInvalid, infoStep)
	}
	e.asked.period = totpStep.Default
	if wasAsked {
		e.asked.period = step
	}
	return step, nil
}

// number is a parameter, or the token's information of that name, or a setting.
func (e *enrolling) number(name string, usual setting.Int) (int64, error) {
	text := e.p[name]
	if text == "" {
		n, err := strconv.ParseInt(e.d.InfoText(name), 10, 64)
		if err != nil || n < 1 {
			return usual.In(e.c.Settings), nil
		}
		return n, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fault.New(fault.NotANumber, name)
	}
	return n, nil
}

// takeUseShift notes whether the device's clock is followed, where somebody
// said so; otherwise the setting decides at every login.
func (e *enrolling) takeUseShift() error {
	use := e.p[infoUseShift]
	if a, ok := totpTimeshift.of(e.c); ok {
		forced, err := a.In(e.actor)
		if err != nil {
			return err
		}
		if forced != "" {
			use = forced
		}
	}
	switch use = strings.ToLower(use); use {
	case "":
	case "default":
		e.d.DropInfo(infoUseShift)
	case "true", "false":
		e.d.SetInfo(infoUseShift, use)
	case "1":
		e.d.SetInfo(infoUseShift, "true")
	case "0":
		e.d.SetInfo(infoUseShift, "false")
	default:
		return fault.New(fault.ParameterInvalid, infoUseShift)
	}
	return nil
}

// shiftText is a shift as it is stored.
func shiftText(c *token.Case, seconds float64) string {
	s := strconv.FormatFloat(seconds, 'f', -1, 64)
	if c.Rules.DecimalShift && !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// clock is how a token follows the clock at one moment.
type clock struct {
	step   int64 // seconds
	window int64 // steps to either side
	now    int64 // the server's step
	device int64 // the step the device should be at
	shift  bool  // the device's clock is followed
}

// clockOf reads a token's information. What cannot be used counts as missing.
func clockOf(c *token.Case, t *token.Token) clock {
	number := func(key string, usual int64) int64 {
		n, err := strconv.ParseInt(t.Info[key].Text, 10, 64)
		if err != nil || n < 1 {
			return usual
		}
		return n
	}
	k := clock{step: number(infoStep, totpStep.Default), shift: totpUseShift.In(c.Settings)}
	k.window = bounded(number(infoWindow, totpWindow.Default) / k.step)
	switch strings.ToLower(t.Info[infoUseShift].Text) {
	case "true", "1":
		k.shift = true
	case "false", "0":
		k.shift = false
	}
	k.now = otp.Step(c.Now.Unix(), k.step)
	k.device = k.now
	shift, err := strconv.ParseFloat(t.Info[infoShift].Text, 64)
	if k.shift && err == nil && math.Abs(shift) <= maxShift {
		k.device = otp.Step(c.Now.Add(time.Duration(shift*float64(time.Second))).Unix(), k.step)
	}
	return k
}

// span is the range of counters around the device's step: the end is exclusive,
// as it was recorded, and a window below one step leaves the step itself.
func (k clock) span(window int64) (from, to int64) {
	if window == 0 {
		return max(1, k.device), k.device + 1
	}
	// Counter 0 is never looked at: it says that no code was accepted yet.
	return max(1, k.device-window), k.device + window
}

// shifted is the change that notes how far the device is ahead, in whole steps:
// where in its step a code arrives says nothing of the device's clock.
func (k clock) shifted(c *token.Case, t *token.Token, at int64) []token.Change {
	if !k.shift {
		return nil
	}
	old, text := entry(t, infoShift), shiftText(c, float64((at-k.now)*k.step))
	if old != nil && old.Text == text {
		return nil
	}
	return []token.Change{token.SetInfo{Token: t.ID, Key: infoShift, From: old, To: &token.Entry{Text: text}}}
}

// look searches a range of counters. spent says that the code belongs to a step
// in it that is not above the last accepted one. Both parts are always searched.
func look(g *otp.Generator, t *token.Token, code string, from, to int64) (at int64, ok, spent bool) {
	border := min(max(t.Counter+1, from), max(from, to))
	_, spent = g.Search(code, from, border)
	at, ok = g.Search(code, border, to)
	return at, ok, spent && !ok
}

// Verify looks for code within timeWindow of the device's time. Only steps
// above the last accepted one count. Where there is none, and the setting
// AutoResync is on, a code further off is remembered, and the one after it
// accepted.
func (TOTP) Verify(_ context.Context, c *token.Case, t *token.Token, code string) (token.Match, error) {
	g, err := totp.generator(c, t)
	if g == nil || err != nil {
		return token.Match{}, err
	}
	k := clockOf(c, t)
	m, done := totpWindowSearch(c, t, g, k, code)
	if done || !k.shift || !setting.AutoResync.In(c.Settings) {
		return m, nil
	}
	from, to := k.span(bounded(t.SyncWindow))
	at, ok, _ := look(g, t, code, from, to)
	if !ok {
		return m, nil
	}
	return autoResync(c, t, at, at, k.shifted(c, t, at)...), nil
}

// totpWindowSearch judges a code by the window alone. done says that a
// resynchronisation has no business: the code is right, or was right before.
func totpWindowSearch(c *token.Case, t *token.Token, g *otp.Generator, k clock, code string) (m token.Match, done bool) {
	from, to := k.span(k.window)
	at, ok, spent := look(g, t, code, from, to)
	note(c, t, ok, from, to-from)
	if ok {
		return token.Match{OK: true, Changes: append([]token.Change{
			token.MoveCounter{Token: t.ID, From: t.Counter, To: at}}, k.shifted(c, t, at)...)}, true
	}
	if t.Counter > 0 {
		_, m.Replay = g.Search(code, t.Counter, t.Counter+1)
	}
	return m, spent || m.Replay
}

// Prove implements token.Prover as HOTP does.
func (TOTP) Prove(_ context.Context, c *token.Case, t *token.Token, code string) (token.Match, error) {
	g, err := totp.generator(c, t)
	if g == nil || err != nil {
		return token.Match{}, err
	}
	m, _ := totpWindowSearch(c, t, g, clockOf(c, t), code)
	return m, nil
}

// Exists implements token.Finder: it looks as far as a resynchronisation does,
// whatever window is asked for. A hit spends the code, but for one of the
// future: that would shut the token out until then.
func (TOTP) Exists(_ context.Context, c *token.Case, t *token.Token, code string, _ int64) (token.Match, error) {
	g, err := totp.generator(c, t)
	if g == nil || err != nil {
		return token.Match{}, err
	}
	k := clockOf(c, t)
	from, to := k.span(bounded(t.SyncWindow))
	at, ok, _ := look(g, t, code, from, to)
	note(c, t, ok, from, to-from)
	m := token.Match{OK: ok}
	if _, end := k.span(k.window); ok && at < end {
		m.Changes = []token.Change{token.MoveCounter{Token: t.ID, From: t.Counter, To: at}}
	}
	return m, nil
}

// Resync implements token.Resyncer. The step after the second code counts as
// spent as well, as it was recorded. A token that does not follow its device's
// clock cannot be resynchronised.
func (TOTP) Resync(_ context.Context, c *token.Case, t *token.Token, first, second string) (bool, []token.Change, error) {
	g, err := totp.generator(c, t)
	if g == nil || err != nil {
		return false, nil, err
	}
	k := clockOf(c, t)
	if !k.shift {
		return false, nil, nil
	}
	from, to := k.span(bounded(t.SyncWindow))
	at, ok := g.SearchPair(first, second, max(from-1, t.Counter, 1), to-1)
	note(c, t, ok, from, to-from)
	if !ok {
		return false, nil, nil
	}
	changes := []token.Change{token.MoveCounter{Token: t.ID, From: t.Counter, To: at + 2}}
	return true, append(changes, k.shifted(c, t, at+1)...), nil
}

// Challenge implements token.Challenger.
func (TOTP) Challenge(_ context.Context, c *token.Case, _ *token.Token) (*token.Opening, error) {
	return totp.challenge(c), nil
}
