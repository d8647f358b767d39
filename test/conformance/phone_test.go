package conformance

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// phoneFunctions are the template functions that act as the smartphone. Their
// protocols are described in push.md, tiqr-ocra.md, containers.md and
// linotp-pairing.md.
var phoneFunctions = map[string]func(args []string) (string, error){
	"pushpubkey":        pushPublicKey,
	"pushsign":          func(a []string) (string, error) { return pushSign("phone", a) },
	"pushsignas":        namedKey(pushSign),
	"pushverify":        pushVerify,
	"pushcheck":         pushChallenge,
	"pushcapverify":     pushCapabilitiesVerify,
	"ocra":              ocraFunction,
	"ocracheck":         ocraCheck,
	"tiqrpart":          tiqrPart,
	"secret":            derivedSecret,
	"containerpubkey":   containerPublicKey,
	"containersign":     func(a []string) (string, error) { return containerSign("device", a) },
	"containersignas":   namedKey(containerSign),
	"containerenckey":   containerEncryptionKey,
	"containerdecrypt":  containerDecrypt,
	"containertokenurl": containerTokenURL,
	"urlparam":          urlParam,
	"urlpart":           urlPart,
	"urlencode":         func(a []string) (string, error) { return url.QueryEscape(strings.Join(a, " ")), nil },
	"jsonpath":          jsonPath,
	"twostepkey":        twoStepKey,
	"base32check":       base32Check,
	"yubikey":           yubikeyOTP,
	"lseqrpart":         lseqrPart,
	"lseqrpair":         lseqrPair,
	"lseqrshow":         lseqrShow,
	"lseqrsign":         lseqrSign,
	"lseqrtan":          lseqrTAN,
	"lseqraccept":       func(a []string) (string, error) { return lseqrPushAnswer("ACCEPT", a) },
	"lseqrdeny":         func(a []string) (string, error) { return lseqrPushAnswer("DENY", a) },
	"lseqrpubkey":       lseqrPublicKey,
	"lseqroffline":      lseqrOffline,
}

// unquoted takes the single quotes off an argument: 'nonce' is the word nonce
// even if there is a variable of that name.
func unquoted(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		out[i] = a
		if len(a) > 1 && a[0] == '\'' && a[len(a)-1] == '\'' {
			out[i] = a[1 : len(a)-1]
		}
	}
	return out
}

// namedKey turns a signing function into a template function whose first
// argument is the key's name.
func namedKey(sign func(key string, parts []string) (string, error)) func([]string) (string, error) {
	return func(a []string) (string, error) {
		if len(a) == 0 {
			return "", fmt.Errorf("want the name of a key")
		}
		return sign(a[0], a[1:])
	}
}

// urlParam is urlparam URL NAME: the decoded value of a query parameter, ""
// if there is none of that name.
func urlParam(a []string) (string, error) {
	if len(a) != 2 {
		return "", fmt.Errorf("want URL NAME")
	}
	_, query, _ := strings.Cut(a[0], "?")
	// In these URLs a blank is %20 and a plus sign is a plus sign.
	values, err := url.ParseQuery(strings.ReplaceAll(query, "+", "%2B"))
	return values.Get(a[1]), err
}

// urlPart is urlpart URL PART: scheme, host, label (the decoded path without
// its first slash) or target (path and query as they are).
func urlPart(a []string) (string, error) {
	if len(a) != 2 {
		return "", fmt.Errorf("want URL PART")
	}
	u, err := url.Parse(a[0])
	if err != nil {
		return "", err
	}
	switch a[1] {
	case "scheme":
		return u.Scheme, nil
	case "host":
		return u.Host, nil
	case "label":
		return strings.TrimPrefix(u.Path, "/"), nil
	case "target":
		return u.RequestURI(), nil
	}
	return "", fmt.Errorf("no part %q of a URL", a[1])
}

// jsonPath is jsonpath TEXT PATH: the value at a dotted path of a JSON text.
func jsonPath(a []string) (string, error) {
	if len(a) != 2 {
		return "", fmt.Errorf("want TEXT PATH")
	}
	var body any
	if err := json.Unmarshal([]byte(a[0]), &body); err != nil {
		return "", err
	}
	return valueText(body, a[1])
}

// valueText is the value at a path of a decoded JSON document: text as it is,
// everything else as JSON; "#" at the end of the path is the length of a list.
func valueText(body any, path string) (string, error) {
	if path == ".#" { // the whole
		path = ""
	}
	inner, count := strings.CutSuffix("."+path, ".#")
	inner = strings.TrimPrefix(inner, ".")
	v, ok := body, true
	if inner != "" {
		v, ok = lookup(body, inner)
	}
	if !ok {
		return "", fmt.Errorf("nothing at %s", inner)
	}
	if list, isList := v.([]any); count && isList {
		return fmt.Sprint(len(list)), nil
	}
	if s, isText := v.(string); isText {
		return s, nil
	}
	data, err := json.Marshal(v)
	return string(data), err
}
