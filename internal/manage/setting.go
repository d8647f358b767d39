package manage

import (
	"context"
	"encoding/base64"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/setting"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// changedAt is the setting that holds when settings were changed last, in
// microseconds since 1970. It is not shown as one.
const changedAt = "__timestamp__"

// passwordType is the type of settings whose value is sealed and not shown.
const passwordType = "password"

// Settings are the settings somebody may read.
type Settings struct {
	Values  map[string]string
	Changed time.Time // when one was changed last; zero: never, or not for the caller
}

// ReadSettings returns the settings. Users see the public ones.
func ReadSettings(ctx context.Context, s *authn.Session, rules Rules) (out Settings, err error) {
	err = s.Look(func(c *token.Case, _ *site.Site) error {
		out, err = readSettings(ctx, c, rules)
		return err
	})
	return out, err
}

// ReadSetting returns one setting as ReadSettings would show it, or nil.
func ReadSetting(ctx context.Context, s *authn.Session, rules Rules, name string) (value *string, err error) {
	all, err := ReadSettings(ctx, s, rules)
	if text, ok := all.Values[name]; ok && err == nil {
		return &text, nil
	}
	return nil, err
}

func readSettings(ctx context.Context, c *token.Case, rules Rules) (Settings, error) {
	user := c.Origin.Actor.Role == realm.Owner
	if !user && !rules.FreeReading {
		if err := mayConfigure(ctx, c, policy.RightConfigRead, Place{}); err != nil {
			return Settings{}, err
		}
	} else if c.Origin.Actor.Role == realm.Anonymous {
		return Settings{}, fault.New(fault.RoleMissing, []string{string(realm.Owner), string(realm.Admin)})
	}
	out := Settings{Values: map[string]string{}}
	shown := setting.Defaults()
	if rules.SAMLShown {
		shown = append(shown, setting.ReturnSAMLAttributes)
	}
	always := map[string]bool{}
	for _, b := range shown {
		always[b.Name] = true
		out.Values[b.Name] = "True"
	}
	for name, e := range c.Settings {
		public := e.Type == "public" || strings.HasSuffix(name, ".identifier") || always[name]
		switch {
		case name == changedAt || user && (!public || e.Type == passwordType):
		case e.Type == passwordType:
			out.Values[name] = Censored
		default:
			out.Values[name] = e.Value
		}
	}
	if e, ok := c.Settings[changedAt]; ok && !user {
		if n, err := strconv.ParseInt(e.Value, 10, 64); err == nil {
			out.Changed = time.UnixMicro(n)
		}
	}
	return out, nil
}

// Stored says what a write did to a setting.
type Stored string

// The words of the wire.
const (
	Inserted Stored = "insert"
	Updated  Stored = "update"
)

// WriteSettings stores settings as they were sent: key, key.type and key.desc.
// Parameters of the request itself are left out. A type or description that was
// not sent stays.
func WriteSettings(ctx context.Context, s *authn.Session, sent map[string]string) (out map[string]Stored, err error) {
	err = configure(ctx, s, policy.RightConfigWrite, Place{}, func(d *draft) error {
		wanted := map[string]setting.Entry{}
		for name, text := range sent {
			if notStored(name) {
				continue
			}
			e := d.Settings[name]
			old := e.Value
			if t, ok := sent[name+".type"]; ok {
				e.Type = t
			}
			if t, ok := sent[name+".desc"]; ok {
				e.Description = t
			}
			e.Value = text
			if err := d.settle(&e, d.Settings[name].Type, old); err != nil {
				return err
			}
			wanted[name] = e
		}
		out, err = d.settings(wanted)
		return err
	})
	return out, err
}

// settle makes the value of e what is stored: sealed when it is a password. The
// placeholder of a secret leaves it, and must not give it away under another type.
func (d *draft) settle(e *setting.Entry, before, old string) error {
	if before == passwordType && e.Value == Censored {
		e.Value, e.Type = old, before
		return nil
	}
	if e.Type != passwordType {
		return nil
	}
	sealed, err := sealBase64(d.Case, "setting", e.Value)
	e.Value = sealed
	return err
}

// settings stores entries, and when that happened.
func (d *draft) settings(wanted map[string]setting.Entry) (map[string]Stored, error) {
	out := map[string]Stored{}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		if name == changedAt || len(name) > 255 {
			return nil, fault.New(fault.SettingInvalid, name)
		}
		out[name] = Inserted
		if _, ok := d.Settings[name]; ok {
			out[name] = Updated
		}
		if err := d.set(name, wanted[name]); err != nil {
			return nil, err
		}
	}
	if len(out) == 0 {
		return out, nil
	}
	d.record.Detail = strings.Join(slices.Sorted(maps.Keys(out)), ", ")
	return out, d.stamp()
}

func (d *draft) stamp() error {
	return d.set(changedAt, setting.Entry{Value: strconv.FormatInt(d.Now.UnixMicro(), 10)})
}

// set stores one setting. Settings are known by name alone; the store keeps the
// id of one it has.
func (d *draft) set(name string, e setting.Entry) error {
	id, err := d.NewID()
	if err != nil {
		return err
	}
	return d.define(site.SettingDefinition(int64(id), name, e))
}

// WriteDefaults stores the defaults of new tokens. Names are read in any case;
// others are left out, and without any it is the fault SetDefaultUsage.
func WriteDefaults(ctx context.Context, s *authn.Session, sent map[string]string) (out map[string]Stored, err error) {
	err = configure(ctx, s, policy.RightConfigWrite, Place{}, func(d *draft) error {
		wanted := map[string]setting.Entry{}
		for _, name := range []string{setting.DefaultMaxFailures.Name, setting.DefaultSyncWindow.Name,
			setting.DefaultWindow.Name, setting.DefaultDigits.Name, setting.ResetFailuresOnCounter.Name} {
			for _, key := range slices.Sorted(maps.Keys(sent)) {
				if strings.EqualFold(key, name) {
					e := d.Settings[name]
					e.Value = sent[key]
					wanted[name] = e
				}
			}
		}
		if len(wanted) == 0 {
			return fault.New(fault.SetDefaultUsage)
		}
		out, err = d.settings(wanted)
		return err
	})
	return out, err
}

// DeleteSetting deletes a setting and reports whether there was one.
func DeleteSetting(ctx context.Context, s *authn.Session, name string) (deleted bool, err error) {
	err = configure(ctx, s, policy.RightConfigDelete, Place{}, func(d *draft) error {
		d.record.Detail = name
		if _, deleted = d.Settings[name]; !deleted || name == changedAt {
			deleted = false
			return nil
		}
		d.undefine(token.SettingKind, name)
		return d.stamp()
	})
	return deleted, err
}

// OpenSetting returns the value of a setting of type password. It is for rules
// that need it; nothing shows it.
func OpenSetting(c *token.Case, name string) (string, error) {
	e := c.Settings[name]
	if e.Type != passwordType {
		return e.Value, nil
	}
	sealed, err := base64.StdEncoding.DecodeString(e.Value)
	if err != nil {
		return "", err
	}
	open, err := c.Vault.OpenText("setting", sealed)
	return open.RevealText(), err
}

// maxRandom bounds how many random bytes one request gets.
const maxRandom = 4096

// Unlock opens the keys with a password. A server whose keys do not open never
// starts, so there is nothing left to open.
func Unlock(ctx context.Context, s *authn.Session, password *string) error {
	return look(ctx, s, policy.RightSetHSMPassword, Place{}, func(*token.Case, *site.Site) error {
		if password == nil || *password == "" {
			return fault.New(fault.ParameterMissing, "password")
		}
		return fault.New(fault.KeyringReady)
	})
}

// Random returns random bytes: 20, or as many as length says.
func Random(ctx context.Context, s *authn.Session, length *string) (b []byte, err error) {
	err = look(ctx, s, policy.RightGetRandom, Place{}, func(c *token.Case, _ *site.Site) error {
		n := 20
		if length != nil {
			if n, err = strconv.Atoi(strings.TrimSpace(*length)); err != nil {
				return fault.New(fault.NotANumber, "len")
			}
		}
		if n < 1 || n > maxRandom {
			return fault.New(fault.ParameterInvalid, "len")
		}
		b = make([]byte, n)
		_, err := io.ReadFull(c.Rand, b)
		return err
	})
	return b, err
}
