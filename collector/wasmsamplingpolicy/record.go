package wasmsamplingpolicy

import (
	"encoding/binary"
	"math"
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor/pkg/samplingpolicy"
)

// Layout of a record, see ABI.md. Offsets and sizes in bytes, little-endian.
const (
	offsetSize      = 0
	offsetMatched   = 4
	offsetNow       = 8
	offsetShard     = 16
	offsetShards    = 20
	offsetTraceID   = 24
	offsetSpanCount = 40
	offsetInstances = 44
	offsetMinStart  = 48
	offsetMaxEnd    = 56
	offsetAnswer    = 64
	offsetValue     = 72
	offsetLimit     = 80
	offsetAdjusted  = 88
	recordHeaderV1  = 96
	// The answer area of version 2 goes on.
	offsetTypical  = 96
	offsetCause    = 104 // and the span record, as one word
	offsetModel    = 112 // and the offset of its name
	offsetModelLen = 120
	recordHeader   = 128

	spanOffsetStart  = 8
	spanOffsetEnd    = 16
	spanOffsetKind   = 24
	spanOffsetStatus = 28
	spanHeader       = 32
	slotSize         = 8
)

var le = binary.LittleEndian

// circumstances are the header parts that do not come from the trace.
type circumstances struct {
	now                      uint64 // unix nanoseconds
	shard, shards, instances uint32
}

// recorder writes records. It is used by one goroutine; its scratch space saves allocations.
type recorder struct {
	*projection
	dst     []byte
	spans   int // where the next span record goes
	text    int // where the next string goes; meaningful only with p.strings
	matched uint32
	taken   [maxGroups]uint32 // spans of each group

	found []foundSpan // only with p.strings

	resourcePresent uint64
	resourceSlots   [maxSlots]uint64
}

// foundSpan is a span that is to get a record once it is known where the strings go.
type foundSpan struct {
	span     ptrace.Span
	group    int
	resource pcommon.Map
	first    bool // of its resource
}

// encode writes the record of a trace into dst. It returns the record's size, 0 when the module need not
// be asked, or false when the record does not fit.
//
// Parts that the module did not ask for are left as they are.
func (r *recorder) encode(dst []byte, id pcommon.TraceID, trace *samplingpolicy.TraceData, c circumstances) (int, bool) {
	if len(dst) < r.header {
		return 0, false
	}
	r.dst, r.spans, r.matched, r.found = dst, r.header, 0, r.found[:0]
	if !r.single {
		r.taken = [maxGroups]uint32{}
	}
	minStart, maxEnd := uint64(math.MaxUint64), uint64(0)
	batches := trace.ReceivedBatches.ResourceSpans()
	for i := range batches.Len() {
		batch := batches.At(i)
		resourceWritten := r.slots == r.spanSlots && !r.strings // nothing of the resource is wanted
		scopes := batch.ScopeSpans()
		for j := range scopes.Len() {
			scope := scopes.At(j)
			groups := r.scopes(scope.Scope())
			if groups == 0 && !r.timeRange {
				continue
			}
			spans := scope.Spans()
			for k := range spans.Len() {
				span := spans.At(k)
				if r.timeRange {
					minStart = min(minStart, uint64(span.StartTimestamp()))
					maxEnd = max(maxEnd, uint64(span.EndTimestamp()))
				}
				if groups == 0 {
					continue
				}
				group := 0
				if r.single { // written out: a call shows in the price of a decision
					if g := &r.groups[0]; !g.named(span.Name()) || g.conditional && !g.holds(span) {
						continue
					}
				} else {
					ok := false
					if group, ok = r.groupOf(span, groups, &r.taken); !ok {
						continue
					}
				}
				if r.strings {
					r.found = append(r.found, foundSpan{span, group, batch.Resource().Attributes(), !resourceWritten})
					resourceWritten = true
					continue
				}
				if !resourceWritten {
					if !r.writeResource(batch.Resource().Attributes()) {
						return 0, false
					}
					resourceWritten = true
				}
				if !r.writeSpan(span, group) {
					return 0, false
				}
			}
		}
	}
	if r.skips && r.matched == 0 && len(r.found) == 0 {
		return 0, true
	}
	if r.strings && !r.writeFound() {
		return 0, false
	}
	if minStart > maxEnd && maxEnd == 0 {
		minStart = 0 // no span at all
	}
	size := r.spans
	if r.strings {
		size = (r.text + 7) &^ 7
		if size > len(dst) {
			return 0, false
		}
		clear(dst[r.text:size])
	}
	h := dst[:r.header]
	le.PutUint32(h[offsetSize:], uint32(size))
	le.PutUint32(h[offsetMatched:], r.matched)
	if r.now {
		le.PutUint64(h[offsetNow:], c.now)
	}
	if r.shard {
		le.PutUint32(h[offsetShard:], c.shard)
		le.PutUint32(h[offsetShards:], c.shards)
	}
	if r.shard && r.header > recordHeaderV1 {
		le.PutUint32(h[offsetInstances:], c.instances)
	} else {
		le.PutUint32(h[offsetInstances:], 0)
	}
	if r.traceID {
		copy(h[offsetTraceID:], id[:])
	}
	if r.spanCount {
		le.PutUint32(h[offsetSpanCount:], uint32(min(max(trace.SpanCount, 0), math.MaxUint32)))
	}
	if r.timeRange {
		le.PutUint64(h[offsetMinStart:], minStart)
		le.PutUint64(h[offsetMaxEnd:], maxEnd)
	}
	// Word by word: clear would be a call.
	le.PutUint64(h[offsetAnswer:], math.MaxUint32) // decision -1: not answered; reason 0
	le.PutUint64(h[offsetValue:], 0)
	le.PutUint64(h[offsetLimit:], 0)
	le.PutUint64(h[offsetAdjusted:], 0)
	if len(h) == recordHeader {
		le.PutUint64(h[offsetTypical:], 0)
		le.PutUint64(h[offsetCause:], 0)
		le.PutUint64(h[offsetModel:], 0)
		le.PutUint64(h[offsetModelLen:], 0)
	}
	return size, true
}

// writeFound writes the spans that were found. Strings follow the span records, so their number must be
// known before the first is written.
func (r *recorder) writeFound() bool {
	r.text = r.header + len(r.found)*r.spanRecord
	if r.text > len(r.dst) {
		return false
	}
	for i := range r.found {
		f := &r.found[i]
		if f.first && !r.writeResource(f.resource) || !r.writeSpan(f.span, f.group) {
			return false
		}
	}
	if cap(r.found) > keptFound { // a large trace must not stay in memory for this
		r.found = nil
	}
	return true
}

// keptFound is how many spans the scratch space keeps room for.
const keptFound = 256

// matches calls visit for each span that gets a record, in the order of the records, until it returns
// false.
func (r *recorder) matches(traces ptrace.Traces, visit func(ptrace.Span) bool) {
	r.taken = [maxGroups]uint32{}
	batches := traces.ResourceSpans()
	for i := range batches.Len() {
		scopes := batches.At(i).ScopeSpans()
		for j := range scopes.Len() {
			scope := scopes.At(j)
			groups := r.scopes(scope.Scope())
			if groups == 0 {
				continue
			}
			spans := scope.Spans()
			for k := range spans.Len() {
				if _, ok := r.groupOf(spans.At(k), groups, &r.taken); ok && !visit(spans.At(k)) {
					return
				}
			}
		}
	}
}

// writeResource fills in the resource's slots, once for all its spans.
func (r *recorder) writeResource(attributes pcommon.Map) bool {
	r.resourcePresent = 0
	for i := range r.resource {
		key := &r.resource[i]
		if key.alternative && r.resourcePresent&(1<<key.slot) != 0 {
			continue // an earlier key of the slot has a value
		}
		var word uint64
		var ok bool
		if value, found := attributes.Get(key.key); found {
			fits := false
			if word, ok, fits = r.wordOf(value, key.kind); !fits {
				return false
			}
		}
		if key.alternative && word>>32 == 0 {
			word, ok = 0, false // empty: the next key may know better
		}
		r.resourceSlots[key.slot-r.spanSlots] = word
		if ok {
			r.resourcePresent |= 1 << key.slot
		}
	}
	return true
}

// writeSpan appends one span record.
func (r *recorder) writeSpan(span ptrace.Span, group int) bool {
	end := r.spans + r.spanRecord
	if end > len(r.dst) {
		return false
	}
	record := r.dst[r.spans:end:end]
	if r.time {
		le.PutUint64(record[spanOffsetStart:], uint64(span.StartTimestamp()))
		le.PutUint64(record[spanOffsetEnd:], uint64(span.EndTimestamp()))
	}
	if r.kind {
		le.PutUint32(record[spanOffsetKind:], uint32(span.Kind()))
	}
	// Status and group share a word; version 1 has but group 0.
	word := uint32(group) << 16
	if r.status {
		word |= uint32(span.Status().Code()) & 0xffff
	}
	if r.status || r.header != recordHeaderV1 {
		le.PutUint32(record[spanOffsetStatus:], word)
	}
	present, slots, attributes := r.resourcePresent, record[spanHeader:], span.Attributes()
	for i := range r.span {
		key := &r.span[i]
		var word uint64
		if value, found := attributes.Get(key.key); found {
			if key.kind == slotNumber && value.Type() == pcommon.ValueTypeDouble { // the common case
				word = math.Float64bits(value.Double())
				present |= 1 << key.slot
			} else {
				ok, fits := false, false
				if word, ok, fits = r.wordOf(value, key.kind); !fits {
					return false
				}
				if ok {
					present |= 1 << key.slot
				}
			}
		}
		le.PutUint64(slots[slotSize*key.slot:], word)
	}
	for i := r.spanSlots; i < r.slots; i++ {
		le.PutUint64(slots[slotSize*i:], r.resourceSlots[i-r.spanSlots])
	}
	le.PutUint64(record, present)
	r.spans = end
	r.matched++
	return true
}

// wordOf returns the word of an attribute's slot: 0 and not ok when the attribute is of another type than
// the module asked for. fits is false when a string has no room left.
func (r *recorder) wordOf(value pcommon.Value, kind slotKind) (word uint64, ok, fits bool) {
	switch kind {
	case slotNumber:
		number, ok := numberIn(value, r.numberTexts)
		return math.Float64bits(number), ok, true
	case slotPresent:
		return 0, true, true
	}
	if value.Type() != pcommon.ValueTypeStr {
		return 0, false, true
	}
	text := value.Str()
	if len(text) > len(r.dst)-r.text {
		return 0, false, false
	}
	word = uint64(r.text) | uint64(len(text))<<32
	r.text += copy(r.dst[r.text:], text)
	return word, true, true
}

func numberOf(attributes pcommon.Map, key string, texts bool) (float64, bool) {
	value, found := attributes.Get(key)
	if !found {
		return 0, false
	}
	return numberIn(value, texts)
}

// numberIn returns a value as a double; 0 and false when it is none.
//
// Exporters differ in which types they send, and a policy must not: integers become doubles, and so
// do texts that are decimal numbers, where they may (Envoy writes each of its attributes as a string).
func numberIn(value pcommon.Value, texts bool) (float64, bool) {
	switch value.Type() {
	case pcommon.ValueTypeDouble:
		return value.Double(), true
	case pcommon.ValueTypeInt:
		return float64(value.Int()), true
	case pcommon.ValueTypeStr:
		if texts {
			return decimal(value.Str())
		}
	}
	return 0, false
}

// decimal reads a text of the form -12.5, of at most 32 bytes; ParseFloat would allocate for an error,
// and take more: inf, nan, 0x10, 1_000.
func decimal(text string) (float64, bool) {
	if len(text) == 0 || len(text) > 32 {
		return 0, false
	}
	digits, points := 0, 0
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '.':
			points++
		case i == 0 && c == '-':
		default:
			return 0, false
		}
	}
	if digits == 0 || points > 1 {
		return 0, false
	}
	number, err := strconv.ParseFloat(text, 64)
	return number, err == nil
}
