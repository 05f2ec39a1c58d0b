package wasmsamplingpolicy

import (
	"encoding/binary"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor/pkg/samplingpolicy"
)

// With the processor's `sampling_strategy: span-ingest` a trace is shown batch by batch while it waits
// for decision_wait. If nothing of it was kept by then, what waited is thrown away, and what comes later
// is a new trace to the processor. A trace that is kept then is late: its earlier spans are gone.
//
// The processor does not say so, but two facts that it gives do. TraceData counts the spans that wait
// beside the ones it shows, so a batch whose spans are all of that count is the first of a wait. If it
// is, and the trace id was seen before, an earlier wait has ended without the trace being kept: a kept
// one is not shown again (and is forgotten here).
//
// late is exact for the last lateTraces traces of a shard; an older one may be taken for a new trace,
// so that the mark can be missing, but is never wrong.
type lateness struct {
	seen *[lateTraces]uint64 // nil = not told
}

// lateTraces is the size of the table of one shard: 512 KiB.
const lateTraces = 1 << 16

// lateBit of an entry: an earlier wait has ended. One is always set, the other 62 are of the trace id.
const lateBit = 1

func newLateness(spanIngest bool) lateness {
	if !spanIngest {
		return lateness{} // what comes after a decision is not shown to policies
	}
	return lateness{seen: new([lateTraces]uint64)}
}

// observe notes that the trace is shown and tells whether it is late; only with a table.
func (l lateness) observe(id pcommon.TraceID, trace *samplingpolicy.TraceData) bool {
	entry, key := l.entry(id)
	known := *entry&^lateBit == key
	if int64(trace.ReceivedBatches.SpanCount()) >= trace.SpanCount { // the first of a wait
		if known {
			*entry |= lateBit
		} else {
			*entry = key
		}
	} else if !known {
		*entry = key // forgotten since
	}
	return *entry&lateBit != 0
}

// kept forgets a trace whose spans are kept from now on.
func (l lateness) kept(id pcommon.TraceID) {
	if l.seen == nil {
		return
	}
	if entry, key := l.entry(id); *entry&^lateBit == key {
		*entry = 0
	}
}

// entry gives the trace's place and its key there. Ids are random in the part that W3C asks to be, the
// last 7 bytes; some senders put a time or zeros into the first 8, so both halves are mixed.
func (l lateness) entry(id pcommon.TraceID) (*uint64, uint64) {
	mixed := (binary.LittleEndian.Uint64(id[:8])*0x9e3779b97f4a7c15 ^ binary.LittleEndian.Uint64(id[8:])) * 0xd6e8feb86659fd93
	// Never that of a place where nothing is, not even of an id of zeros.
	return &l.seen[mixed>>48], mixed&^lateBit | 2
}
