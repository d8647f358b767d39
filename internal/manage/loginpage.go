package manage

import (
	"context"
	"maps"
	"slices"

	"symbolon/internal/authn"
	"symbolon/internal/policy"
	"symbolon/internal/site"
	"symbolon/internal/token"
)

// LoginPage is what a page shows before anybody has signed in.
type LoginPage struct {
	Text, StatementLink, Passkeys string
	CustomMenu, CustomBaseline    string   // files that replace parts of the pages; "": none
	Realms                        []string // to choose from, sorted; "-" is an empty entry
	Node                          string   // this node's name where a policy shows it
	RandomPINs                    []string // lengths of the random PINs that users may ask for
}

// BeforeLogin finds out what the login page shows. Nobody is known yet, so
// policies are not filtered by user; those that disagree leave the default.
func BeforeLogin(ctx context.Context, s *authn.Session) (p LoginPage, err error) {
	err = s.Look(func(c *token.Case, _ *site.Site) error {
		g := greeter{c: c, view: c.Policies(ctx, token.About{})}
		p = LoginPage{Text: g.text(policy.LoginText, ""), StatementLink: g.text(policy.PrivacyStatementLink, ""),
			Passkeys: g.text(policy.PasskeyLogin, policy.PasskeyLogin.Default), CustomMenu: g.text(policy.CustomMenu, ""),
			CustomBaseline: g.text(policy.CustomBaseline, ""),
			Realms:         slices.Sorted(maps.Keys(g.words(policy.RealmDropdown)))}
		if g.flag(policy.ShowNode) {
			p.Node = c.Node
		}
		matched, err := g.view.Match(policy.User, policy.OTPPINSetRandom(policy.User).Name)
		if err != nil {
			return err
		}
		for _, m := range matched {
			for _, a := range m.Actions {
				if a.Name == policy.OTPPINSetRandom(policy.User).Name {
					p.RandomPINs = append(p.RandomPINs, a.Value)
				}
			}
		}
		return g.err
	})
	return p, err
}
