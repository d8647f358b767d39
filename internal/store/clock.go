package store

import (
	"database/sql"
	"time"
)

// micros is t as it is stored: microseconds since 1970, NULL for the zero time.
func micros(t time.Time) sql.NullInt64 {
	if t.IsZero() {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: t.UnixMicro(), Valid: true}
}

// patience is d as it is stored, NULL when it is no time: a comparison with it
// does not hold then.
func patience(d time.Duration) sql.NullInt64 {
	return sql.NullInt64{Int64: d.Microseconds(), Valid: d > 0}
}

// zone is the offset of t from UTC, in minutes.
func zone(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	if t.Location() == time.Local {
		return noZone
	}
	_, seconds := t.Zone()
	return int64(seconds / 60)
}

// noZone stands for a time that was given without a zone: it is in the server's,
// and shown without one.
const noZone = 1 << 15

// instant is the reverse of micros.
func instant(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.UnixMicro(n.Int64).UTC()
}

// zoned is the reverse of micros and zone.
func zoned(n sql.NullInt64, minutes int64) time.Time {
	t := instant(n)
	if !n.Valid || minutes == 0 {
		return t
	}
	if minutes == noZone {
		return t.Local()
	}
	return t.In(time.FixedZone("", int(minutes)*60))
}

// kept is t as it will be read again.
func kept(t time.Time) time.Time { return instant(micros(t)) }

// keptZoned is t as it will be read again where its zone is stored.
func keptZoned(t time.Time) time.Time { return zoned(micros(t), zone(t)) }
