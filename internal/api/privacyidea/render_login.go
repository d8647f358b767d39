package privacyidea

import (
	"slices"
	"strings"

	"symbolon/internal/authn"
	"symbolon/internal/token"
)

// loginDetail words what the engine found (token-engine.md 4.6). nil is no detail.
func (p *Profile) loginDetail(a authn.Answer) map[string]any {
	switch {
	case a.NoDetail:
		return nil
	case a.HideReason && a.Outcome == authn.Reject:
		return map[string]any{"message": p.word("authentication-fail")}
	case a.Outcome == authn.Challenge:
		return p.challengeDetail(a)
	case a.Reason == authn.CodeOnlyRight:
		return p.userDetail(a, nil)
	}
	d := map[string]any{"message": p.Reason(a)}
	switch a.Reason {
	case authn.MatchingTokens, authn.WrongCode, authn.WrongCodeReplay, authn.LastUseTooOld:
		if a.Serial != "" {
			d["serial"], d["otplen"] = a.Serial, a.Digits
		}
		if a.Type != "" {
			d["type"] = a.Type
		}
		if a.Digits == 0 && a.Serial != "" { // the answer to a challenge says no length
			delete(d, "otplen")
			delete(d, "type")
		}
	case authn.WrongAnswer:
		if a.Serial != "" {
			d["serial"], d["type"] = a.Serial, a.Type
		}
	case authn.MatchingAnswer, authn.AnswerUnfit:
		d["serial"] = a.Serial
	}
	return p.userDetail(a, d)
}

// Reason is the sentence of a verdict, with the reasons of tokens that cannot be
// used where they belong to it.
func (p *Profile) Reason(a authn.Answer) string {
	unfit := make([]string, 0, len(a.Unfit))
	for _, u := range a.Unfit {
		unfit = append(unfit, p.word(string(u)))
	}
	text := p.word(string(a.Reason), a.Args...)
	switch a.Reason {
	case authn.NotUsable:
		return strings.Join(unfit, ", ")
	case authn.AnswerUnfit:
		return text + strings.Join(unfit, ". ")
	case authn.MatchingTokens:
		if !p.Rules.UsableFirst && len(unfit) > 0 {
			return text + ", " + strings.Join(unfit, ", ")
		}
	}
	return text
}

// userDetail adds who the user is, where a policy wants that shown.
func (p *Profile) userDetail(a authn.Answer, d map[string]any) map[string]any {
	if a.User == nil && !a.ShowResolver {
		return d
	}
	if d == nil {
		d = map[string]any{}
	}
	if a.User != nil {
		user := map[string]any{"password": ""}
		for k, v := range a.User {
			user[k] = v
		}
		d["user"] = user
	}
	if a.ShowResolver {
		d["user-resolver"], d["user-realm"] = a.Who.Resolver, a.Who.Realm
	}
	return d
}

// challengeDetail is the detail of opened challenges: the items, and the last of
// them once more on the level above.
func (p *Profile) challengeDetail(a authn.Answer) map[string]any {
	texts := []string{}
	for _, pr := range a.Prompts {
		if pr.Unfit != "" {
			texts = append(texts, p.word(string(pr.Unfit)))
		} else {
			texts = append(texts, p.prompt(pr.Text))
		}
	}
	items, ids := []any{}, []any{}
	d := map[string]any{}
	for _, ch := range a.Challenges {
		item := p.challengeItem(ch)
		items, ids = append(items, item), append(ids, ch.Transaction)
		if a.Reason == authn.ResyncOffered {
			d["transaction_id"] = ch.Transaction // such a reply has nothing else of its item
			continue
		}
		for k, v := range item {
			d[k] = v
		}
	}
	d["multi_challenge"], d["transaction_ids"] = items, ids
	d["messages"] = anys(texts)
	if len(items) == 0 {
		return d
	}
	d["message"] = p.joined(a, texts)
	if a.PreferredMode != "" {
		d["preferred_client_mode"] = string(a.PreferredMode)
	}
	return d
}

func (p *Profile) challengeItem(ch authn.Offered) map[string]any {
	item := map[string]any{"transaction_id": ch.Transaction, "serial": ch.Serial, "type": ch.Type,
		"client_mode": string(ch.Mode), "message": p.prompt(ch.Prompt)}
	if ch.Show != nil {
		item["attributes"] = ch.Show
	} else if ch.ShowNull {
		item["attributes"] = nil
	}
	if ch.Image != "" {
		item["image"] = ch.Image
	}
	return item
}

// joined is the one text of several challenges, with the header and footer that
// policies put around it (policies.md 7, mangle_challenge_response).
func (p *Profile) joined(a authn.Answer, texts []string) string {
	if a.Header == nil {
		if p.Rules.DistinctTexts {
			texts = distinct(texts)
		}
		return strings.Join(texts, ", ")
	}
	footer := ""
	if a.Footer != nil {
		footer = *a.Footer
	}
	texts = slices.Sorted(slices.Values(distinct(texts)))
	if strings.HasSuffix(*a.Header, "<ul>") || strings.HasSuffix(*a.Header, "<ol>") {
		var b strings.Builder
		for _, t := range texts {
			b.WriteString("<li>" + t + "</li>\n")
		}
		return *a.Header + b.String() + footer
	}
	return *a.Header + "\n" + strings.Join(texts, ", ") + "\n" + footer
}

// prompt is what a challenge asks.
func (p *Profile) prompt(t token.Text) string { return p.Text(t) }

// word is the profile's text for a key.
func (p *Profile) word(key string, args ...any) string {
	return p.Text(token.Text{Key: key, Args: args})
}

func distinct(list []string) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
