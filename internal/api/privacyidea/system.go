package privacyidea

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"symbolon/internal/api/envelope"
	"symbolon/internal/fault"
	"symbolon/internal/manage"
)

func (s *Server) systemGet(ctx context.Context, r *Request) (Answer, error) {
	key, err := r.TextOr("key", "")
	if err != nil {
		return Answer{}, err
	}
	if _, one := r.Path["key"]; one {
		value, err := manage.ReadSetting(ctx, r.Session, s.Profile.Manage, key)
		if err != nil || value == nil {
			return Answer{}, err
		}
		return Answer{Value: *value}, nil
	}
	all, err := manage.ReadSettings(ctx, r.Session, s.Profile.Manage)
	v := map[string]any{}
	for k, text := range all.Values {
		v[k] = text
	}
	if !all.Changed.IsZero() {
		v["__timestamp__"] = fmt.Sprintf("%.6f", float64(all.Changed.UnixMicro())/1e6)
	}
	return Answer{Value: v}, err
}

// sent are the parameters of a request that are settings.
func (r *Request) sent() (map[string]string, error) {
	out := map[string]string{}
	for name, v := range r.Without(envelopeParams[:]...) {
		text, ok := envelope.ScalarText(v)
		if !ok {
			if v != nil {
				return nil, fault.New(fault.SettingInvalid, name)
			}
			text = ""
		}
		out[name] = text
	}
	return out, nil
}

func (s *Server) systemSet(ctx context.Context, r *Request) (Answer, error) {
	sent, err := r.sent()
	if err != nil {
		return Answer{}, err
	}
	return storedAnswer(manage.WriteSettings(ctx, r.Session, sent))
}

func storedAnswer(out map[string]manage.Stored, err error) (Answer, error) {
	v := map[string]any{}
	for k, word := range out {
		v[k] = string(word)
	}
	return Answer{Value: v}, err
}

func (s *Server) systemSetDefault(ctx context.Context, r *Request) (Answer, error) {
	sent, err := r.sent()
	if err != nil {
		return Answer{}, err
	}
	return storedAnswer(manage.WriteDefaults(ctx, r.Session, sent))
}

func (s *Server) systemDelete(ctx context.Context, r *Request) (Answer, error) {
	key, err := r.Require("key")
	if err != nil {
		return Answer{}, err
	}
	ok, err := manage.DeleteSetting(ctx, r.Session, key)
	return Answer{Value: ok}, err
}

// systemHSM says whether secrets can be opened: a server whose keyring does not
// open never starts.
func (s *Server) systemHSM(context.Context, *Request) (Answer, error) {
	return Answer{Value: map[string]any{"is_ready": true}}, nil
}

func (s *Server) systemSetHSM(ctx context.Context, r *Request) (Answer, error) {
	password, err := r.optional("password")
	if err != nil {
		return Answer{}, err
	}
	return Answer{}, manage.Unlock(ctx, r.Session, password)
}

func (s *Server) systemRandom(ctx context.Context, r *Request) (Answer, error) {
	length, err := r.optional("len")
	if err != nil {
		return Answer{}, err
	}
	b, err := manage.Random(ctx, r.Session, length)
	if err != nil {
		return Answer{}, err
	}
	if form, _ := r.TextOr("encode", ""); form == "b64" {
		return Answer{Value: base64.StdEncoding.EncodeToString(b)}, nil
	}
	return Answer{Value: hex.EncodeToString(b)}, nil
}

// There are no RADIUS servers and no certificate authorities to name: tokens of
// such types cannot be enrolled.
func (s *Server) systemNamesRADIUS(ctx context.Context, r *Request) (Answer, error) {
	return Answer{Value: []any{}}, manage.MayEnrol(ctx, r.Session, "RADIUS")
}

func (s *Server) systemNamesCA(ctx context.Context, r *Request) (Answer, error) {
	return Answer{Value: []any{}}, manage.MayEnrol(ctx, r.Session, "CERTIFICATE")
}

// systemNodes lists the nodes of the server by name.
func (s *Server) systemNodes(ctx context.Context, r *Request) (Answer, error) {
	list, err := manage.Nodes(ctx, r.Session, s.desk())
	v := []any{}
	for _, n := range list {
		v = append(v, map[string]any{"name": n, "uuid": n})
	}
	return Answer{Value: v}, err
}

// The health of a server that answers at all: it has opened its database and its
// keys before it listens.
func (s *Server) health(context.Context, *Request) (Answer, error) {
	return Answer{Value: map[string]any{"status": "ready", "hsm": "OK"}}, nil
}

func (s *Server) healthReady(ctx context.Context, r *Request) (Answer, error) {
	return s.health(ctx, r)
}

func (s *Server) healthLive(context.Context, *Request) (Answer, error) {
	return Answer{Value: map[string]any{"status": "OK"}}, nil
}

func (s *Server) healthStarted(context.Context, *Request) (Answer, error) {
	return Answer{Value: map[string]any{"status": "started"}}, nil
}

// healthResolvers reports that resolvers with connections answer; there are none
// of these kinds, so none can fail.
func (s *Server) healthResolvers(ctx context.Context, r *Request) (Answer, error) {
	v := map[string]any{"status": "OK"}
	if s.callerIsAdmin(ctx, r) {
		v["ldapresolver"], v["sqlresolver"] = map[string]any{}, map[string]any{}
	}
	return Answer{Value: v}, nil
}
