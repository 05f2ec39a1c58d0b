package wasmsamplingpolicy

import (
	"math"
	"strings"
	"sync"
	"weak"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor/pkg/samplingpolicy"
)

// What the host writes onto the span that a kept trace is kept for.
const (
	stampPrefix        = "vllm.sampling."
	stampReason        = stampPrefix + "reason"
	stampValue         = stampPrefix + "value"
	stampLimit         = stampPrefix + "limit"
	stampTypical       = stampPrefix + "typical"
	stampCause         = stampPrefix + "cause"
	stampAdjustedCount = stampPrefix + "adjusted_count"
	stampLate          = stampPrefix + "late"
)

// explanation is what the module says about a trace, beyond the decision. Names are "" when not said.
type explanation struct {
	reason, cause                   string
	value, limit, typical, adjusted float64
	span                            uint32 // counted from 1, 0 = none
}

// stamp writes the answer onto the span it is about, and late. Only for a trace that is to be kept:
// the processor has made its own copy of what it was sent, so that no other pipeline sees this.
func (r *recorder) stamp(traces ptrace.Traces, a *explanation, late bool) {
	if a.span == 0 || a.reason == "" {
		return
	}
	n := uint32(0)
	r.matches(traces, func(span ptrace.Span) bool {
		if n++; n < a.span {
			return true
		}
		attributes := span.Attributes()
		attributes.PutStr(stampReason, a.reason)
		if a.value != 0 || a.limit != 0 {
			putNumber(attributes, stampValue, a.value)
			putNumber(attributes, stampLimit, a.limit)
		}
		if a.typical != 0 {
			putNumber(attributes, stampTypical, a.typical)
		}
		if a.cause != "" {
			attributes.PutStr(stampCause, a.cause)
		}
		if a.adjusted > 0 { // a trace stands for itself at the least, and for no debt
			putNumber(attributes, stampAdjustedCount, a.adjusted)
		}
		if late {
			attributes.PutBool(stampLate, true)
		}
		return false
	})
}

// putNumber leaves out what no trace store could compare.
func putNumber(attributes pcommon.Map, key string, number float64) {
	if !math.IsNaN(number) && !math.IsInf(number, 0) {
		attributes.PutDouble(key, number)
	}
}

// removeStamps removes from all spans, scopes and resources what only this host may write.
func removeStamps(traces ptrace.Traces) {
	forged := func(key string, _ pcommon.Value) bool { return strings.HasPrefix(key, stampPrefix) }
	for _, rs := range traces.ResourceSpans().All() {
		rs.Resource().Attributes().RemoveIf(forged)
		for _, ss := range rs.ScopeSpans().All() {
			ss.Scope().Attributes().RemoveIf(forged)
			for _, span := range ss.Spans().All() {
				span.Attributes().RemoveIf(forged)
			}
		}
	}
}

// stamped remembers which traces were stamped last. Several policies may keep one trace, one after
// the other; the first of them writes, and the others must not take its stamps for forged ones.
//
// For all extensions of the process, since each of them may have policies in one processor. Weak, so
// that no trace outlives its decision for it.
var stamped recentTraces

type recentTraces struct {
	mu     sync.Mutex
	traces [64]weak.Pointer[samplingpolicy.TraceData]
	next   int
}

// first tells whether the trace is seen for the first time.
func (r *recentTraces) first(trace *samplingpolicy.TraceData) bool {
	p := weak.Make(trace)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, recent := range r.traces {
		if recent == p {
			return false
		}
	}
	r.traces[r.next] = p
	r.next = (r.next + 1) % len(r.traces)
	return true
}
