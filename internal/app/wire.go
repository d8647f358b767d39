package app

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"symbolon/internal/api/privacyidea"
	"symbolon/internal/authn"
	"symbolon/internal/heavy"
	"symbolon/internal/keyring"
	"symbolon/internal/login"
	"symbolon/internal/policy"
	"symbolon/internal/realm"
	"symbolon/internal/resolver/passwd"
	"symbolon/internal/secret"
	"symbolon/internal/site"
	"symbolon/internal/store"
	"symbolon/internal/token"
	"symbolon/internal/tokentype"
)

// Parts are what a server is made of, once it is put together.
type Parts struct {
	HTTP    http.Handler
	Control Control
	Notes   []string     // what happened at this start, a line each for the person who started it
	Close   func() error // waits for commits under way, then closes the store
}

// server is the parts while they are put together.
type server struct {
	cfg     Config
	log     *slog.Logger
	profile *privacyidea.Profile
	ring    *keyring.Ring
	store   *store.Store
	holder  *site.Holder
	types   token.Registry
	actions *policy.Catalogue
	gate    *login.Gate
	engine  *authn.Engine
	notes   []string
	now     func() time.Time
}

// New puts a server together over the data folder, which the caller has locked:
// it opens or creates the store and the keyring and compiles the site.
func New(ctx context.Context, cfg Config, log *slog.Logger) (*Parts, error) {
	_, parts, err := assemble(ctx, cfg, log)
	return parts, err
}

func assemble(ctx context.Context, cfg Config, log *slog.Logger) (s *server, parts *Parts, err error) {
	s = &server{cfg: cfg, log: log, profile: privacyidea.ProfilePrivacyIDEA()}
	if s.now = cfg.Now; s.now == nil {
		s.now = time.Now
	}
	if cfg.Profile == "edumfa" {
		s.profile = privacyidea.ProfileEduMFA()
	}
	if cfg.Database.Len() > 0 {
		return nil, nil, &Problem{Usage, "SYMBOLON_DATABASE: this version keeps its data in SQLite in the data folder; leave the setting empty"}
	}
	pool := heavy.New(0)
	if s.ring, err = s.openKeyring(pool); err != nil {
		return nil, nil, err
	}
	if err := s.openStore(ctx); err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.store.Close())
		}
	}()
	s.compile(pool)
	if err := s.holder.Reload(ctx, s.store); err != nil {
		return nil, nil, err
	}
	s.decide()
	handler, err := s.dialect()
	if err != nil {
		return nil, nil, err
	}
	if len(s.holder.Load().Admins) == 0 {
		s.notes = append(s.notes, "no administrator yet; make one with: symbolon admin add NAME")
	}
	return s, &Parts{HTTP: withFront(handler, s.profile.Name), Control: s.control(), Notes: s.notes, Close: s.store.Close}, nil
}

// openKeyring opens the keys, or makes them at the first start.
func (s *server) openKeyring(pool *heavy.Pool) (*keyring.Ring, error) {
	path := filepath.Join(s.cfg.Data, keyring.FileName)
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(filepath.Join(s.cfg.Data, databaseName)); err == nil {
			return nil, &Problem{Failed, fmt.Sprintf("the database %s is there, but its keys %s are not: bring the key file back, nothing can be read without it", databaseName, path)}
		}
		if err := keyring.Create(path, rand.Reader); err != nil {
			return nil, err
		}
		s.notes = append(s.notes, "first start: created "+keyring.FileName+" (0600) and "+databaseName+"; back them up together")
	}
	options := keyring.Options{Pool: pool}
	if s.cfg.Careless {
		options.Cost = keyring.Cost{Memory: 8, Time: 1, Threads: 1}
	}
	return keyring.Open(path, options)
}

const databaseName = "symbolon.db"

func (s *server) openStore(ctx context.Context) (err error) {
	s.store, err = store.Open(ctx, store.Options{Path: filepath.Join(s.cfg.Data, databaseName), Node: s.cfg.Node, Now: s.now, Log: s.log,
		NoSync: s.cfg.Careless})
	return err
}

// compile prepares what turns definitions into a site.
func (s *server) compile(pool *heavy.Pool) {
	s.types = token.Registry{}
	s.types.Register(tokentype.All()...)
	var types []policy.TypeActions
	for _, t := range tokentype.All() {
		info := t.Info()
		a := policy.TypeActions{ID: info.ID, NoPIN: info.NoPIN, Actions: info.Actions}
		for _, r := range info.EnrolBy {
			a.EnrolAdmin = a.EnrolAdmin || r == realm.Admin
			a.EnrolUser = a.EnrolUser || r == realm.Owner
		}
		types = append(types, a)
	}
	s.actions = policy.NewCatalogue(string(s.profile.Product), types)
	s.holder = site.NewHolder(site.Factory{Node: s.cfg.Node, Log: s.log, Cache: &site.Cache{}, Attributes: s.store.Attributes,
		Types: map[string]site.Maker{passwd.Type: func(r site.Resolver) (realm.Resolver, error) {
			return passwd.New(r.Params, passwd.Options{Pool: pool, Log: s.log}), nil
		}},
		Policies: func(ps []policy.Policy) *policy.Snapshot {
			snap, warnings := policy.Compile(ps, s.actions)
			for _, w := range warnings {
				s.log.Warn("policy", "policy", w.Policy, "problem", w.Text)
			}
			return snap
		}})
}

// decide makes the engine.
func (s *server) decide() {
	s.gate = &login.Gate{Key: s.ring.SigningKey(), Passwords: s.ring, Rand: rand.Reader, SuperRealms: s.cfg.AdminRealms}
	s.engine = &authn.Engine{Store: s.store, Site: s.holder.Load, Vault: s.ring, Admins: admins{s.gate}, Types: s.types,
		Rules: s.profile.Rules, Node: s.cfg.Node, Now: s.now, Rand: rand.Reader,
		Reload: func(ctx context.Context) error { return s.holder.Reload(ctx, s.store) }}
}

// admins tells the engine of local administrators.
type admins struct{ gate *login.Gate }

// AdminByPassword implements authn.Admins.
func (a admins) AdminByPassword(ctx context.Context, st *site.Site, name string, password secret.Bytes) (bool, error) {
	_, ok, _, err := a.gate.AdminByPassword(ctx, st, name, password)
	return ok, err
}

// dialect makes the API.
func (s *server) dialect() (http.Handler, error) {
	key, err := responseKey(s.cfg.ResponseKey)
	if err != nil {
		return nil, err
	}
	api := &privacyidea.Server{Profile: s.profile, Site: s.holder.Load, Begin: s.engine.Begin, Catalogue: s.actions,
		AdminRealms: s.cfg.AdminRealms, Trail: s.store, Challenges: s.store, Attributes: s.store, SigningKey: key, Log: s.log, Node: s.cfg.Node, Now: s.now,
		Verify: func(ctx context.Context, jwt string) (realm.Actor, error) {
			c, err := s.gate.Verify(ctx, s.holder.Load(), &jwt, s.now())
			return c.Actor, err
		},
		APIKey: func(ctx context.Context, jwt string) authn.APIKey {
			c, err := s.gate.Verify(ctx, s.holder.Load(), &jwt, s.now())
			switch {
			case err != nil:
				return authn.NoAPIKey
			case c.Validate:
				return authn.ValidAPIKey
			}
			return authn.OtherJWT
		},
		Issue: func(a realm.Actor, seconds int, rights []string) (string, error) {
			return s.gate.Issue(s.holder.Load(), login.Ticket{Login: a.Login, Realm: a.Realm, Role: a.Role,
				AuthType: login.ByPassword, Rights: rights, Life: time.Duration(seconds) * time.Second}, s.now())
		}}
	if s.cfg.URL != "" {
		api.Base = func(*http.Request) string { return s.cfg.URL }
	}
	return api.Handler()
}

// responseKey reads the key that answers are signed with; no path, no key.
func responseKey(path string) (*rsa.PrivateKey, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("SYMBOLON_RESPONSE_KEY: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("SYMBOLON_RESPONSE_KEY: %s holds no PEM block", path)
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("SYMBOLON_RESPONSE_KEY: %s holds no private key", path)
	}
	key, ok := any.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("SYMBOLON_RESPONSE_KEY: %s is not an RSA key", path)
	}
	return key, nil
}
