package wasmsamplingpolicy

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// abiVersion is the one version of the sampling policy ABI that this host speaks.
const abiVersion = 1

const maxAttributes = 64 // one presence bit each

// description is what a module's `describe` says: what the policy wants to see, what it may answer.
type description struct {
	ABI      int          `json:"abi"`
	Name     string       `json:"name"`
	Version  string       `json:"version"`
	Trace    []string     `json:"trace"`
	Span     spanWish     `json:"span"`
	Resource resourceWish `json:"resource"`
	Reasons  []string     `json:"reasons"`
}

type spanWish struct {
	Names   []string `json:"names"`
	Scopes  []string `json:"scopes"`
	Fields  []string `json:"fields"`
	Numbers []string `json:"numbers"`
	Strings []string `json:"strings"`
}

type resourceWish struct {
	Numbers []string `json:"numbers"`
	Strings []string `json:"strings"`
}

// parseDescription reads a description strictly: an unknown key or part is a wish this host cannot
// grant, and a policy that is shown less than it asked for would decide wrongly in silence.
func parseDescription(text []byte) (*description, error) {
	// The version first: another one may look different in every other respect.
	var head struct {
		ABI int `json:"abi"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, fmt.Errorf("describe: %w", err)
	}
	if head.ABI != abiVersion {
		return nil, fmt.Errorf("describe: abi: found %d; this collector speaks version %d", head.ABI, abiVersion)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	d := &description{}
	if err := decoder.Decode(d); err != nil {
		return nil, fmt.Errorf("describe: %w", err)
	}
	if n := len(d.attributes()); n > maxAttributes {
		return nil, fmt.Errorf("describe: found %d attribute keys; expected at most %d", n, maxAttributes)
	}
	for _, keys := range [][]string{d.Span.Numbers, d.Span.Strings, d.Resource.Numbers, d.Resource.Strings, d.Reasons} {
		seen := map[string]bool{}
		for _, key := range keys {
			if seen[key] {
				return nil, fmt.Errorf("describe: found %q twice in one list", key)
			}
			seen[key] = true
		}
	}
	return d, nil
}

// attributes lists the keys of all slots, in the order of the slots.
func (d *description) attributes() []string {
	var keys []string
	for _, list := range [][]string{d.Span.Numbers, d.Span.Strings, d.Resource.Numbers, d.Resource.Strings} {
		keys = append(keys, list...)
	}
	return keys
}
