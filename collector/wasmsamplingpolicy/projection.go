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

	span, resource attributeTable
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
	p.span = newAttributeTable(0, d.Span.Numbers, d.Span.Strings)
	p.resource = newAttributeTable(p.spanSlots, d.Resource.Numbers, d.Resource.Strings)
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

// attributeTable finds the slots of an attribute key.
//
// Most attributes of a span are not wanted, and most of those differ in length from every wanted
// one: looking at the length first turns them away without comparing or hashing a key.
type attributeTable struct {
	keys []wantedKey
	// byLength holds, for each key length below its size: 0 = no key, n+1 = keys[n] alone,
	// severalKeys = look through all. Longer keys are always looked up among all.
	byLength [64]uint8
}

// wantedKey is a key with its slots; a key can be wanted as a number, as a string or as both.
type wantedKey struct {
	key          string
	number, text int8 // slot, -1 = not wanted as this
}

const severalKeys = 0xff

func newAttributeTable(firstSlot int, numbers, strings []string) attributeTable {
	t := attributeTable{}
	for i, key := range numbers {
		t.keys = append(t.keys, wantedKey{key: key, number: int8(firstSlot + i), text: -1})
	}
	for i, key := range strings {
		slot := int8(firstSlot + len(numbers) + i)
		if n := slices.IndexFunc(t.keys, func(k wantedKey) bool { return k.key == key }); n >= 0 {
			t.keys[n].text = slot
			continue
		}
		t.keys = append(t.keys, wantedKey{key: key, number: -1, text: slot})
	}
	for i, k := range t.keys {
		if n := len(k.key); n < len(t.byLength) {
			if t.byLength[n] == 0 {
				t.byLength[n] = uint8(i + 1)
			} else {
				t.byLength[n] = severalKeys
			}
		}
	}
	return t
}

// find returns the index of key in keys, -1 when it is not wanted.
func (t *attributeTable) find(key string) int {
	if len(key) < len(t.byLength) {
		switch n := t.byLength[len(key)]; {
		case n == 0:
			return -1
		case n != severalKeys:
			if t.keys[n-1].key == key {
				return int(n - 1)
			}
			return -1
		}
	}
	for i := range t.keys {
		if t.keys[i].key == key {
			return i
		}
	}
	return -1
}
