package manage

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"symbolon/internal/authn"
	"symbolon/internal/fault"
	"symbolon/internal/realm"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

const (
	// settingsKey is the note that keeps what somebody's pages keep for him.
	settingsKey = ".settings"
	// maxSettings bounds it, in bytes.
	maxSettings = 16384
)

// caller is whose settings are meant: a user wherever he signs in, or a local
// administrator by his name.
func caller(c *token.Case) (token.Owner, error) {
	a := c.Origin.Actor
	switch {
	case a.User.Known():
		return token.Owner{UserID: a.User.ID, Resolver: a.User.Resolver}, nil
	case a.Role == realm.Admin && a.Realm == "" && a.Login != "":
		return token.Owner{UserID: a.Login}, nil
	}
	return token.Owner{}, fault.New(fault.SettingsOfNobody, string(a.Role), a.Login)
}

func settingsOf(ctx context.Context, from Attributes, o token.Owner) (map[string]any, error) {
	list, err := from.Attributes(ctx, o)
	if err != nil {
		return nil, err
	}
	v := map[string]any{}
	for _, a := range list {
		if a.Key != settingsKey {
			continue
		}
		in := json.NewDecoder(bytes.NewReader([]byte(a.Text)))
		in.UseNumber()
		if err := in.Decode(&v); err != nil {
			return nil, fmt.Errorf("settings of a user: %w", err)
		}
	}
	return v, nil
}

// OwnSettings are what the caller's pages have kept for him.
func OwnSettings(ctx context.Context, s *authn.Session, from Attributes) (v map[string]any, err error) {
	err = s.Look(func(c *token.Case, _ *site.Site) error {
		o, err := caller(c)
		if err != nil {
			return err
		}
		v, err = settingsOf(ctx, from, o)
		return err
	})
	return v, err
}

// SetOwnSettings keeps settings for the caller: beside those there are, key by
// key, or in their place. It returns what is kept then.
func SetOwnSettings(ctx context.Context, s *authn.Session, from Attributes, sent map[string]any, replace bool) (map[string]any, error) {
	return changeSettings(ctx, s, from, func(v map[string]any) map[string]any {
		if replace {
			return sent
		}
		maps.Copy(v, sent)
		return v
	})
}

// DeleteOwnSettings forgets one of the caller's settings, or all when key is
// empty. It returns what is left.
func DeleteOwnSettings(ctx context.Context, s *authn.Session, from Attributes, key string) (map[string]any, error) {
	return changeSettings(ctx, s, from, func(v map[string]any) map[string]any {
		if key == "" {
			return map[string]any{}
		}
		delete(v, key)
		return v
	})
}

func changeSettings(ctx context.Context, s *authn.Session, from Attributes, change func(map[string]any) map[string]any) (v map[string]any, err error) {
	_, err = s.Run(ctx, func(c *token.Case, _ *site.Site) (d authn.Decision, err error) {
		o, err := caller(c)
		if err != nil {
			return d, err
		}
		if v, err = settingsOf(ctx, from, o); err != nil {
			return d, err
		}
		v = change(v)
		var to *token.Entry
		if len(v) > 0 {
			text, err := json.Marshal(v)
			if err != nil {
				return d, fault.New(fault.SettingsNoObject)
			}
			if len(text) > maxSettings {
				return d, fault.New(fault.SettingsTooLarge, maxSettings)
			}
			to = &token.Entry{Text: string(text)}
		}
		d.Record.Success = true
		_, d.Changes, err = setNote(ctx, c, from, token.Attribute{Owner: o, Key: settingsKey}, to)
		return d, err
	})
	return v, err
}
