package enroll

import (
	"errors"
	"strings"
	"time"
)

var errDate = errors.New("not a date")

// layouts of dates that are read, with a zone and without.
var (
	zoned = [...]string{"2006-01-02T15:04-0700", "2006-01-02T15:04:05-0700", "2006-01-02T15:04Z07:00", time.RFC3339Nano,
		"2006-01-02 15:04:05.999999999-0700", "2006-01-02 15:04:05.999999999-07:00", "2006-01-02 15:04-0700",
		"2006-01-02 15:04-07:00"}
	zoneless = [...]string{"2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04:05.999999999",
		"2006-01-02 15:04", "2006-01-02", "02.01.2006 15:04", "02.01.2006", "02/01/2006 15:04", "02/01/2006",
		"02.01.06 15:04", "02.01.06", "02/01/06 15:04", "02/01/06"}
)

// ParseDate reads a date as lenient as the API is (token-engine.md 1.3): ISO
// forms, or day first with dots or slashes. The empty text is no date: the zero
// time. A date without zone is in the server's, time.Local; no other is, even
// where its zone has the same clock: lists show a date as it was given.
func ParseDate(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, nil
	}
	for _, l := range zoned {
		if t, err := time.ParseInLocation(l, s, time.UTC); err == nil {
			return t, nil
		}
	}
	for _, l := range zoneless {
		if t, err := time.ParseInLocation(l, s, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errDate
}
