package wasmsamplingpolicy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
)

// The versions of the sampling policy ABI that this host speaks.
const (
	abiOldest = 1
	abiNewest = 2
)

const (
	maxSlots  = 64 // one presence bit each
	maxGroups = 16
	maxGauges = 16
	// What is compared with each span, or counted for each model, costs the host and not the module.
	maxDescription = 64 << 10 // of JSON
	maxEntries     = 64       // of each list
	maxText        = 256      // bytes of each text
)

// description is what a module's `describe` says: what the policy wants to see, what it may answer.
// That of a module of version 1 is brought into the form of version 2.
type description struct {
	ABI      int          `json:"abi"`
	Name     string       `json:"name"`
	Version  string       `json:"version"`
	Trace    []string     `json:"trace"`
	Groups   []groupWish  `json:"groups"`
	Empty    string       `json:"empty"` // emptyNotSampled, or "" to be asked about such traces too
	Span     spanWish     `json:"span"`
	Resource resourceWish `json:"resource"`
	Reasons  []string     `json:"reasons"`
	Causes   []string     `json:"causes"`
	Gauges   []gaugeWish  `json:"gauges"`
}

// emptyNotSampled says that a trace without a span record is not sampled, so that the module need not be
// called.
const emptyNotSampled = "not_sampled"

// groupWish says which spans get a record; an empty list means any.
type groupWish struct {
	Names  []string   `json:"names"`
	Scopes []string   `json:"scopes"`
	When   *condition `json:"when"`
	AtMost uint32     `json:"at_most"` // 0 = all
}

// condition is true when one of its parts is.
type condition struct {
	Status  []int32                 `json:"status"`
	Numbers map[string][][2]float64 `json:"numbers"` // both ends included
	Above   map[string]*float64     `json:"above"`
	Present []string                `json:"present"`
}

type spanWish struct {
	Fields  []string `json:"fields"`
	Numbers []string `json:"numbers"`
	Strings []string `json:"strings"`
	Present []string `json:"present"`
}

type resourceWish struct {
	Numbers []string   `json:"numbers"`
	Strings []firstKey `json:"strings"`
}

// firstKey is a slot's key, or several of which the first one with a value counts.
type firstKey []string

func (k *firstKey) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '[' {
		return json.Unmarshal(text, (*[]string)(k))
	}
	*k = make(firstKey, 1)
	return json.Unmarshal(text, &(*k)[0])
}

// gaugeWish is a metric whose values `report` gives.
type gaugeWish struct {
	Name        string `json:"name"`
	Unit        string `json:"unit"`
	Description string `json:"description"`
	Shards      string `json:"shards"` // how the values of several shards are put together
}

// describedV1 is a description of version 1.
type describedV1 struct {
	ABI     int      `json:"abi"`
	Name    string   `json:"name"`
	Version string   `json:"version"`
	Trace   []string `json:"trace"`
	Span    struct {
		Names   []string `json:"names"`
		Scopes  []string `json:"scopes"`
		Fields  []string `json:"fields"`
		Numbers []string `json:"numbers"`
		Strings []string `json:"strings"`
	} `json:"span"`
	Resource struct {
		Numbers []string `json:"numbers"`
		Strings []string `json:"strings"`
	} `json:"resource"`
	Reasons []string `json:"reasons"`
}

func (v1 *describedV1) description() *description {
	d := &description{
		ABI: v1.ABI, Name: v1.Name, Version: v1.Version, Trace: v1.Trace, Reasons: v1.Reasons,
		Groups:   []groupWish{{Names: v1.Span.Names, Scopes: v1.Span.Scopes}},
		Span:     spanWish{Fields: v1.Span.Fields, Numbers: v1.Span.Numbers, Strings: v1.Span.Strings},
		Resource: resourceWish{Numbers: v1.Resource.Numbers},
	}
	for _, key := range v1.Resource.Strings {
		d.Resource.Strings = append(d.Resource.Strings, firstKey{key})
	}
	return d
}

// parseDescription reads a description strictly: an unknown key or part is a wish this host cannot
// grant, and a policy that is shown less than it asked for would decide wrongly in silence.
func parseDescription(text []byte) (*description, error) {
	if len(text) > maxDescription {
		return nil, fmt.Errorf("describe: found %d bytes; expected at most %d", len(text), maxDescription)
	}
	// The version first: another one may look different in every other respect.
	var head struct {
		ABI int `json:"abi"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, fmt.Errorf("describe: %w", err)
	}
	d := &description{}
	switch head.ABI {
	case 1:
		v1 := &describedV1{}
		if err := decodeStrictly(text, v1); err != nil {
			return nil, err
		}
		d = v1.description()
	case 2:
		if err := decodeStrictly(text, d); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("describe: abi: found %d; this collector speaks versions %d to %d", head.ABI, abiOldest, abiNewest)
	}
	if err := d.check(); err != nil {
		return nil, fmt.Errorf("describe: %w", err)
	}
	return d, nil
}

func decodeStrictly(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("describe: %w", err)
	}
	return nil
}

var gaugeName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// bounded refuses lists and texts beyond all need.
func (d *description) bounded() error {
	texts := [][]string{
		d.Trace, d.Span.Fields, d.Span.Numbers, d.Span.Strings, d.Span.Present, d.Resource.Numbers,
		d.Reasons, d.Causes, {d.Name, d.Version},
	}
	for _, keys := range d.Resource.Strings {
		texts = append(texts, keys)
	}
	sizes := []int{}
	for _, group := range d.Groups {
		texts = append(texts, group.Names, group.Scopes)
		if c := group.When; c != nil {
			texts = append(texts, c.Present, slices.Collect(maps.Keys(c.Numbers)), slices.Collect(maps.Keys(c.Above)))
			sizes = append(sizes, len(c.Status))
			for _, ranges := range c.Numbers {
				sizes = append(sizes, len(ranges))
			}
		}
	}
	for _, gauge := range d.Gauges {
		texts = append(texts, []string{gauge.Name, gauge.Unit, gauge.Description})
	}
	for _, list := range texts {
		sizes = append(sizes, len(list))
		for _, text := range list {
			if len(text) > maxText {
				return fmt.Errorf("found a text of %d bytes, %q…; expected at most %d", len(text), text[:16], maxText)
			}
		}
	}
	if n := slices.Max(sizes); n > maxEntries {
		return fmt.Errorf("found a list of %d entries; expected at most %d", n, maxEntries)
	}
	return nil
}

func (d *description) check() error {
	if err := d.bounded(); err != nil {
		return err
	}
	if n := d.slots(); n > maxSlots {
		return fmt.Errorf("found %d attribute keys; expected at most %d", n, maxSlots)
	}
	if n := len(d.Groups); n < 1 || n > maxGroups {
		return fmt.Errorf("groups: found %d; expected 1 to %d", n, maxGroups)
	}
	resourceStrings := []string{}
	for _, keys := range d.Resource.Strings {
		if len(keys) == 0 {
			return errors.New("resource.strings: found an empty list; expected at least one key")
		}
		resourceStrings = append(resourceStrings, keys...)
	}
	for _, keys := range [][]string{d.Span.Numbers, d.Span.Strings, d.Span.Present, d.Resource.Numbers, resourceStrings, d.Reasons, d.Causes} {
		seen := map[string]bool{}
		for _, key := range keys {
			if seen[key] {
				return fmt.Errorf("found %q twice in one list", key)
			}
			seen[key] = true
		}
	}
	for i, group := range d.Groups {
		if c := group.When; c != nil {
			for key, limit := range c.Above {
				if limit == nil {
					return fmt.Errorf("groups[%d].when.above: %q: found null; expected a number", i, key)
				}
			}
		}
		if c := group.When; c != nil && len(c.Status)+len(c.Numbers)+len(c.Above)+len(c.Present) == 0 {
			return fmt.Errorf("groups[%d].when: found no part; expected status, numbers, above or present", i)
		}
	}
	if d.Empty != "" && d.Empty != emptyNotSampled {
		return fmt.Errorf("empty: found %q; expected %q", d.Empty, emptyNotSampled)
	}
	if len(d.Gauges) > maxGauges {
		return fmt.Errorf("gauges: found %d; expected at most %d", len(d.Gauges), maxGauges)
	}
	names := map[string]bool{}
	for _, gauge := range d.Gauges {
		if !gaugeName.MatchString(gauge.Name) || names[gauge.Name] || slices.Contains(ownMetrics, gauge.Name) {
			return fmt.Errorf("gauges: found the name %q; expected %s, another for each, none of the collector's own", gauge.Name, gaugeName)
		}
		names[gauge.Name] = true
		if !slices.Contains([]string{"max", "min", "sum"}, gauge.Shards) {
			return fmt.Errorf("gauges: %s: shards: found %q; expected \"max\", \"min\" or \"sum\"", gauge.Name, gauge.Shards)
		}
	}
	return nil
}

// ownMetrics are the extension's own, which a gauge of the policy must not be named after.
var ownMetrics = []string{
	"breaker_state", "decisions", "evaluation_duration", "faults", "info", "settings_generation", "settings_reloads",
}

// slots counts the attribute slots of a span record.
func (d *description) slots() int {
	return len(d.Span.Numbers) + len(d.Span.Strings) + len(d.Span.Present) + len(d.Resource.Numbers) + len(d.Resource.Strings)
}

// sameAnswers tells whether the answers mean the same as those of another description, so that they
// may be counted together.
func (d *description) sameAnswers(other *description) bool {
	return d.ABI == other.ABI && d.Name == other.Name && d.Version == other.Version &&
		slices.Equal(d.Reasons, other.Reasons) && slices.Equal(d.Causes, other.Causes) && slices.Equal(d.Gauges, other.Gauges)
}
