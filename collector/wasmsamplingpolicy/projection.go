package wasmsamplingpolicy

import (
	"fmt"
	"slices"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// projection is a description compiled for writing records: what of a trace the module sees.
type projection struct {
	// header is the size of a record's header, in bytes; it tells the versions apart.
	header int
	// Parts of the header.
	now, shard, traceID, spanCount, timeRange bool
	// Which spans get a record.
	groups []group
	// single tells that there is one group, without a number: the common case.
	single bool
	// skips tells that a trace without a span record needs no call.
	skips bool
	// Parts of a span record.
	time, kind, status bool

	span, resource wantedKeys
	// spanRecord is the size of one span record, in bytes.
	spanRecord int
	// slots and spanSlots count all attribute slots and those of the span itself, which come first.
	slots, spanSlots int
	// strings tells whether any slot holds a string.
	strings bool
	// numberTexts tells whether a string that is a decimal number counts as one.
	numberTexts bool
}

func newProjection(d *description) (*projection, error) {
	p := &projection{header: recordHeaderV1}
	if d.ABI > 1 {
		p.header, p.numberTexts = recordHeader, true
	}
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
	for _, wish := range d.Groups {
		p.groups = append(p.groups, newGroup(wish))
	}
	p.single = len(p.groups) == 1 && p.groups[0].atMost == noLimit
	p.skips = d.Empty == emptyNotSampled
	p.slots = d.slots()
	p.spanSlots = p.slots - len(d.Resource.Numbers) - len(d.Resource.Strings)
	p.spanRecord = spanHeader + slotSize*p.slots
	p.strings = len(d.Span.Strings)+len(d.Resource.Strings) > 0
	p.span.add(0, slotNumber, d.Span.Numbers...)
	p.span.add(len(p.span), slotString, d.Span.Strings...)
	p.span.add(len(p.span), slotPresent, d.Span.Present...)
	p.resource.add(p.spanSlots, slotNumber, d.Resource.Numbers...)
	for i, keys := range d.Resource.Strings {
		first := p.spanSlots + len(d.Resource.Numbers) + i
		for _, key := range keys { // alternatives share a slot
			p.resource = append(p.resource, wantedKey{key: key, slot: first, kind: slotString, alternative: len(keys) > 1})
		}
	}
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

// noLimit is more spans than a trace can have.
const noLimit = ^uint32(0)

// group is a groupWish compiled for matching.
type group struct {
	names, scopes []string // empty means any
	atMost        uint32

	conditional bool
	status      []ptrace.StatusCode
	numbers     []numberRange
	above       []numberAbove
	present     []string
}

// numberAbove is true of an attribute above the limit.
type numberAbove struct {
	key   string
	limit float64
}

// numberRange is true of an attribute within one of the ranges.
type numberRange struct {
	key    string
	ranges [][2]float64
}

func newGroup(wish groupWish) group {
	g := group{names: wish.Names, scopes: wish.Scopes, atMost: wish.AtMost}
	if g.atMost == 0 {
		g.atMost = noLimit
	}
	if c := wish.When; c != nil {
		g.conditional, g.present = true, c.Present
		for _, code := range c.Status {
			g.status = append(g.status, ptrace.StatusCode(code))
		}
		for key, ranges := range c.Numbers {
			g.numbers = append(g.numbers, numberRange{key, ranges})
		}
		for key, limit := range c.Above {
			g.above = append(g.above, numberAbove{key, *limit})
		}
	}
	return g
}

func (g *group) named(name string) bool { return len(g.names) == 0 || slices.Contains(g.names, name) }
func (g *group) scoped(name string) bool {
	return len(g.scopes) == 0 || slices.Contains(g.scopes, name)
}

// holds tells whether the group's condition is true of the span.
func (g *group) holds(span ptrace.Span) bool {
	if !g.conditional || len(g.status) > 0 && slices.Contains(g.status, span.Status().Code()) {
		return true
	}
	attributes := span.Attributes()
	for i := range g.numbers {
		if number, ok := numberOf(attributes, g.numbers[i].key, true); ok {
			for _, between := range g.numbers[i].ranges {
				if number >= between[0] && number <= between[1] {
					return true
				}
			}
		}
	}
	for i := range g.above {
		// Not above: NaN.
		if number, ok := numberOf(attributes, g.above[i].key, true); ok && number > g.above[i].limit {
			return true
		}
	}
	for _, key := range g.present {
		if _, ok := attributes.Get(key); ok {
			return true
		}
	}
	return false
}

// scopes gives, as bits, the groups that spans of a scope can belong to.
func (p *projection) scopes(scope pcommon.InstrumentationScope) (groups uint32) {
	name := scope.Name()
	if p.single {
		if p.groups[0].scoped(name) {
			return 1
		}
		return 0
	}
	for i := range p.groups {
		if p.groups[i].scoped(name) {
			groups |= 1 << i
		}
	}
	return groups
}

// groupOf gives the first of the possible groups that the span matches. taken counts the spans of each
// group in this trace and may be nil while there is a single group.
func (p *projection) groupOf(span ptrace.Span, possible uint32, taken *[maxGroups]uint32) (index int, ok bool) {
	name := span.Name()
	if p.single {
		return 0, p.groups[0].named(name) && p.groups[0].holds(span)
	}
	for i := range p.groups {
		if g := &p.groups[i]; possible&(1<<i) != 0 && g.named(name) {
			// A full group still takes its spans, so that none appears in a later one.
			if taken[i] == g.atMost && i == len(p.groups)-1 {
				return 0, false // spares the condition, for a trace full of failing spans
			}
			if g.holds(span) {
				if taken[i] == g.atMost {
					return 0, false
				}
				taken[i]++
				return i, true
			}
		}
	}
	return 0, false
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
	kind slotKind
	// alternative keys share a slot: the first that has a value fills it.
	alternative bool
}

// slotKind says what of an attribute a slot shows.
type slotKind uint8

const (
	slotNumber slotKind = iota
	slotString
	slotPresent
)

func (w *wantedKeys) add(firstSlot int, kind slotKind, keys ...string) {
	for i, key := range keys {
		*w = append(*w, wantedKey{key: key, slot: firstSlot + i, kind: kind})
	}
}
