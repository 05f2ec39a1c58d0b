package wasmsamplingpolicy

import (
	"fmt"
	"slices"
)

// projection is a description compiled for writing records: what of a trace the module sees.
type projection struct {
	// Parts of the header.
	now, shard, traceID, spanCount, timeRange bool
	// Which spans get a record; empty means any.
	names, scopes []string
	// Parts of a span record.
	time, kind, status bool

	span, resource wantedKeys
	// spanRecord is the size of one span record, in bytes.
	spanRecord int
	// slots and spanSlots count all attribute slots and those of the span itself, which come first.
	slots, spanSlots int
	// strings tells whether any slot holds a string.
	strings bool
}

func newProjection(d *description) (*projection, error) {
	p := &projection{names: d.Span.Names, scopes: d.Span.Scopes}
	if err := grant("trace", d.Trace, map[string]*bool{
		"now": &p.now, "shard": &p.shard, "trace_id": &p.traceID, "span_count": &p.spanCount, "time_range": &p.timeRange,
	}); err != nil {
		return nil, err
	}
	if err := grant("span.fields", d.Span.Fields, map[string]*bool{
		"time": &p.time, "kind": &p.kind, "status": &p.status,
	}); err != nil {
		return nil, err
	}
	p.spanSlots = len(d.Span.Numbers) + len(d.Span.Strings)
	p.slots = p.spanSlots + len(d.Resource.Numbers) + len(d.Resource.Strings)
	p.spanRecord = spanHeader + slotSize*p.slots
	p.strings = len(d.Span.Strings)+len(d.Resource.Strings) > 0
	p.span = newWantedKeys(0, d.Span.Numbers, d.Span.Strings)
	p.resource = newWantedKeys(p.spanSlots, d.Resource.Numbers, d.Resource.Strings)
	return p, nil
}

// grant switches on the wanted parts, or names the one that this host does not have.
func grant(list string, wanted []string, parts map[string]*bool) error {
	for _, name := range wanted {
		part, known := parts[name]
		if !known {
			expected := make([]string, 0, len(parts))
			for name := range parts {
				expected = append(expected, name)
			}
			slices.Sort(expected)
			return fmt.Errorf("describe: %s: found %q; this collector can give %v", list, name, expected)
		}
		*part = true
	}
	return nil
}

// spanWanted tells whether a span of this name gets a record; its scope is checked apart.
func (p *projection) spanWanted(name string) bool {
	return len(p.names) == 0 || slices.Contains(p.names, name)
}

func (p *projection) scopeWanted(name string) bool {
	return len(p.scopes) == 0 || slices.Contains(p.scopes, name)
}

// wantedKeys are the attributes to look up on a span or a resource.
//
// Each is looked up by itself: a scan that compares lengths first costs a nanosecond an attribute,
// several times less than visiting every attribute once and finding out whether it is wanted.
type wantedKeys []wantedKey

// wantedKey is a key with its slot.
type wantedKey struct {
	key  string
	slot int
	text bool // wanted as a string, otherwise as a number
}

func newWantedKeys(firstSlot int, numbers, strings []string) wantedKeys {
	var keys wantedKeys
	for _, key := range numbers {
		keys = append(keys, wantedKey{key: key, slot: firstSlot + len(keys)})
	}
	for _, key := range strings {
		keys = append(keys, wantedKey{key: key, slot: firstSlot + len(keys), text: true})
	}
	return keys
}
