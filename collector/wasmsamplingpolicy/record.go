package wasmsamplingpolicy

import (
	"encoding/binary"
	"math"

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
	offsetReserved  = 44
	offsetMinStart  = 48
	offsetMaxEnd    = 56
	offsetAnswer    = 64
	offsetValue     = 72
	offsetLimit     = 80
	offsetAdjusted  = 88
	recordHeader    = 96

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
	now           uint64 // unix nanoseconds
	shard, shards uint32
}

// recorder writes records. It is used by one goroutine; its scratch space saves allocations.
type recorder struct {
	*projection
	dst     []byte
	spans   int // where the next span record goes
	text    int // where the next string goes; meaningful only with p.strings
	matched uint32

	resourcePresent uint64
	resourceSlots   [maxAttributes]uint64
}

// encode writes the record of a trace into dst. It returns the record's size, or false when the
// record does not fit.
//
// Parts that the module did not ask for are left as they are.
func (r *recorder) encode(dst []byte, id pcommon.TraceID, trace *samplingpolicy.TraceData, c circumstances) (int, bool) {
	if len(dst) < recordHeader {
		return 0, false
	}
	r.dst, r.spans, r.matched = dst, recordHeader, 0
	if r.strings {
		// Strings follow the span records, so their number must be known before the first is written.
		r.text = recordHeader + r.count(trace.ReceivedBatches)*r.spanRecord
		if r.text > len(dst) {
			return 0, false
		}
	}
	minStart, maxEnd := uint64(math.MaxUint64), uint64(0)
	batches := trace.ReceivedBatches.ResourceSpans()
	for i := range batches.Len() {
		batch := batches.At(i)
		resourceWritten := r.slots == r.spanSlots // nothing of the resource is wanted
		scopes := batch.ScopeSpans()
		for j := range scopes.Len() {
			scope := scopes.At(j)
			wanted := r.scopeWanted(scope.Scope().Name())
			if !wanted && !r.timeRange {
				continue
			}
			spans := scope.Spans()
			for k := range spans.Len() {
				span := spans.At(k)
				if r.timeRange {
					minStart = min(minStart, uint64(span.StartTimestamp()))
					maxEnd = max(maxEnd, uint64(span.EndTimestamp()))
				}
				if !wanted || !r.spanWanted(span.Name()) {
					continue
				}
				if !resourceWritten {
					if !r.writeResource(batch.Resource().Attributes()) {
						return 0, false
					}
					resourceWritten = true
				}
				if !r.writeSpan(span) {
					return 0, false
				}
			}
		}
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
	h := dst[:recordHeader]
	le.PutUint32(h[offsetSize:], uint32(size))
	le.PutUint32(h[offsetMatched:], r.matched)
	if r.now {
		le.PutUint64(h[offsetNow:], c.now)
	}
	if r.shard {
		le.PutUint32(h[offsetShard:], c.shard)
		le.PutUint32(h[offsetShards:], c.shards)
	}
	if r.traceID {
		copy(h[offsetTraceID:], id[:])
	}
	if r.spanCount {
		le.PutUint32(h[offsetSpanCount:], uint32(min(max(trace.SpanCount, 0), math.MaxUint32)))
	}
	le.PutUint32(h[offsetReserved:], 0)
	if r.timeRange {
		le.PutUint64(h[offsetMinStart:], minStart)
		le.PutUint64(h[offsetMaxEnd:], maxEnd)
	}
	// Word by word: clear would be a call.
	le.PutUint64(h[offsetAnswer:], math.MaxUint32) // decision -1: not answered; reason 0
	le.PutUint64(h[offsetValue:], 0)
	le.PutUint64(h[offsetLimit:], 0)
	le.PutUint64(h[offsetAdjusted:], 0)
	return size, true
}

// count returns how many spans get a record.
func (r *recorder) count(traces ptrace.Traces) int {
	n := 0
	batches := traces.ResourceSpans()
	for i := range batches.Len() {
		scopes := batches.At(i).ScopeSpans()
		for j := range scopes.Len() {
			scope := scopes.At(j)
			if !r.scopeWanted(scope.Scope().Name()) {
				continue
			}
			spans := scope.Spans()
			for k := range spans.Len() {
				if r.spanWanted(spans.At(k).Name()) {
					n++
				}
			}
		}
	}
	return n
}

// writeResource fills in the resource's slots, once for all its spans.
func (r *recorder) writeResource(attributes pcommon.Map) bool {
	r.resourcePresent = 0
	for i := range r.resource {
		key := &r.resource[i]
		word, ok, fits := r.lookUp(attributes, key)
		if !fits {
			return false
		}
		r.resourceSlots[key.slot-r.spanSlots] = word
		if ok {
			r.resourcePresent |= 1 << key.slot
		}
	}
	return true
}

// writeSpan appends one span record.
func (r *recorder) writeSpan(span ptrace.Span) bool {
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
	if r.status {
		le.PutUint32(record[spanOffsetStatus:], uint32(span.Status().Code()))
	}
	present, slots, attributes := r.resourcePresent, record[spanHeader:], span.Attributes()
	for i := range r.span {
		key := &r.span[i]
		word, ok, fits := r.lookUp(attributes, key)
		if !fits {
			return false
		}
		le.PutUint64(slots[slotSize*key.slot:], word)
		if ok {
			present |= 1 << key.slot
		}
	}
	for i := r.spanSlots; i < r.slots; i++ {
		le.PutUint64(slots[slotSize*i:], r.resourceSlots[i-r.spanSlots])
	}
	le.PutUint64(record, present)
	r.spans = end
	r.matched++
	return true
}

// lookUp returns the word of an attribute's slot: 0 and not ok when the attribute is absent or of
// another type than the module asked for. fits is false when a string has no room left. Where a key
// occurs twice, Get finds the first.
//
// Integers become doubles: exporters differ in which of the two they send, and a policy must not.
func (r *recorder) lookUp(attributes pcommon.Map, key *wantedKey) (word uint64, ok, fits bool) {
	value, found := attributes.Get(key.key)
	if !found {
		return 0, false, true
	}
	switch kind := value.Type(); {
	case !key.text && kind == pcommon.ValueTypeDouble:
		return math.Float64bits(value.Double()), true, true
	case !key.text && kind == pcommon.ValueTypeInt:
		return math.Float64bits(float64(value.Int())), true, true
	case key.text && kind == pcommon.ValueTypeStr:
		text := value.Str()
		if len(text) > len(r.dst)-r.text {
			return 0, false, false
		}
		word = uint64(r.text) | uint64(len(text))<<32
		r.text += copy(r.dst[r.text:], text)
		return word, true, true
	default:
		return 0, false, true
	}
}
