package policy

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// Hours are the times of a week at which a policy applies. The zero Hours is always.
type Hours []hours

type hours struct {
	from, to   int // days, Monday is 0; both included
	start, end int // minutes of the day, both included
}

var errHours = errors.New("not a list of times such as Mon-Fri: 8:30-17")

// ParseTime reads a comma list of DOW[-DOW]:H[:MM]-H[:MM] in any case, with
// blanks anywhere (policies.md 2.6). A range of days that goes backwards is
// accepted and never matches; a range of hours that does is an error.
func ParseTime(text string) (Hours, error) {
	text = strings.ToLower(strings.Join(strings.Fields(text), ""))
	if text == "" {
		return nil, nil
	}
	var out Hours
	for part := range strings.SplitSeq(text, ",") {
		days, times, ok := strings.Cut(part, ":")
		if !ok {
			return nil, errHours
		}
		var h hours
		var err error
		if h.from, h.to, err = parseDays(days); err != nil {
			return nil, err
		}
		if h.start, h.end, err = parseMinutes(times); err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, nil
}

func parseDays(text string) (from, to int, err error) {
	first, last, ranged := strings.Cut(text, "-")
	if !ranged {
		last = first
	}
	if from = weekday(first); from < 0 {
		return 0, 0, errHours
	}
	if to = weekday(last); to < 0 {
		return 0, 0, errHours
	}
	return from, to, nil
}

func weekday(name string) int {
	const names = "montuewedthufrisatsun"
	if i := strings.Index(names, name); len(name) == 3 && i%3 == 0 {
		return i / 3
	}
	return -1
}

func parseMinutes(text string) (start, end int, err error) {
	first, last, ok := strings.Cut(text, "-")
	if !ok {
		return 0, 0, errHours
	}
	if start, err = parseClock(first); err != nil {
		return 0, 0, err
	}
	if end, err = parseClock(last); err != nil {
		return 0, 0, err
	}
	if start > end {
		return 0, 0, errHours
	}
	return start, end, nil
}

func parseClock(text string) (int, error) {
	h, m, ok := strings.Cut(text, ":")
	hour, err := number2(h, 23)
	if err != nil {
		return 0, err
	}
	minute := 0
	if ok {
		if minute, err = number2(m, 59); err != nil {
			return 0, err
		}
	}
	return 60*hour + minute, nil
}

// number2 reads one or two digits.
func number2(text string, most int) (int, error) {
	if len(text) < 1 || len(text) > 2 || strings.Trim(text, "0123456789") != "" {
		return 0, errHours
	}
	n, err := strconv.Atoi(text)
	if err != nil || n > most {
		return 0, errHours
	}
	return n, nil
}

// Contain reports whether t, read in its own time zone, is one of the times.
// Seconds do not count.
func (hs Hours) Contain(t time.Time) bool { return hs.contain(clockOf(t)) }

// clock is a time of the week: a day, Monday is 0, and a minute of the day.
type clock struct{ day, minute int }

func clockOf(t time.Time) clock { return clock{(int(t.Weekday()) + 6) % 7, 60*t.Hour() + t.Minute()} }

func (hs Hours) contain(at clock) bool {
	if len(hs) == 0 {
		return true
	}
	for _, h := range hs {
		if h.from <= at.day && at.day <= h.to && h.start <= at.minute && at.minute <= h.end {
			return true
		}
	}
	return false
}

// never reports whether no time is contained, since all ranges of days go backwards.
func (hs Hours) never() bool {
	for _, h := range hs {
		if h.from <= h.to {
			return false
		}
	}
	return len(hs) > 0
}
