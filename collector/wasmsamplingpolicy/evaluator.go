package wasmsamplingpolicy

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor/pkg/samplingpolicy"
)

// fuelPerTrace is the budget of one call: about 10 ms of an empty loop. The largest record that fits a
// buffer of 256 KiB needs less than a tenth of it.
const fuelPerTrace = 10_000_000

// timedOneIn traces one is timed, the first among them: two looks at the clock and a histogram cost
// as much as a decision.
const timedOneIn = 64

// Decisions of the ABI.
const (
	answerNotSampled = 0
	answerSampled    = 1
	answerDropped    = 2
)

// evaluator decides for one policy on one shard, which calls it from one goroutine.
type evaluator struct {
	ext      *Extension
	policy   string
	override map[string]any             // settings over the extension's
	settings []byte                     // JSON, kept for a new instance
	next     atomic.Pointer[configured] // takes the place of in and settings before the next trace
	log      *zap.Logger

	in       *instance // nil after a trap, until the next call
	recorder recorder
	stack    [4]uint64
	fuel     uint64 // of one call

	shard     uint32
	shards    *atomic.Uint32 // counted while the processor starts, so it is read, not kept
	instances uint32
	now       func() time.Time

	breaker breaker
	clock   func() time.Duration // monotonic, for the breaker

	onError   samplingpolicy.Decision
	allowDrop bool
	stateful  bool
	stamps    bool
	late      lateness
	tally     *tally
	snapshots snapshots

	evaluations uint64
	call        guardedCall
}

func newEvaluator(e *Extension, policy string, override map[string]any, first configured, shards *atomic.Uint32) *evaluator {
	v := &evaluator{
		ext: e, policy: policy, override: override, settings: first.settings,
		log:   e.set.Logger.With(zap.String("policy", policy)),
		fuel:  fuelPerTrace,
		shard: shards.Add(1) - 1, shards: shards, instances: e.cfg.Instances,
		now:       e.now,
		clock:     func() time.Duration { return time.Since(e.started) },
		onError:   samplingpolicy.Sampled,
		allowDrop: e.cfg.AllowDrop,
		stateful:  (first.in.projection.shard || first.in.stateSize > 0) && !e.cfg.spanIngest(),
		stamps:    e.cfg.Stamp,
		late:      newLateness(e.cfg.spanIngest()),
		tally:     newTally(len(first.in.description.Reasons), e.models),
	}
	if e.cfg.OnError == OnErrorDrop {
		v.onError = samplingpolicy.NotSampled
	}
	v.use(first.in)
	return v
}

// use takes an instance, or none.
func (v *evaluator) use(in *instance) {
	v.in = in
	v.call.instance.Store(in)
	v.tally.forgetNumbers()
	if in != nil {
		v.recorder.projection = in.projection
	}
}

// IsStateful tells the processor whether earlier traces can change a decision: a policy that asks for
// its shard has a limit per second to divide, one with a state learns; the others decide on the trace
// alone.
//
// With span-ingest the processor refuses stateful policies, since it asks them again with each batch of
// a trace. That does not concern one that is asked about each span once, as they all are here: it is
// shown the new batch only, and Sampled is final.
func (v *evaluator) IsStateful() bool { return v.stateful }

// Evaluate decides on a trace. It never returns an error: the processor would take that for "no
// vote" and lose the trace in silence. What goes wrong is counted and answered by on_error.
func (v *evaluator) Evaluate(ctx context.Context, id pcommon.TraceID, trace *samplingpolicy.TraceData) (samplingpolicy.Decision, error) {
	v.evaluations++
	if v.evaluations%timedOneIn != 1 {
		return v.evaluateTrace(id, trace), nil
	}
	start := time.Now()
	decision := v.evaluateTrace(id, trace)
	v.ext.telemetry.WasmSamplingPolicyEvaluationDuration.Record(ctx, time.Since(start).Seconds())
	return decision, nil
}

func (v *evaluator) evaluateTrace(id pcommon.TraceID, trace *samplingpolicy.TraceData) samplingpolicy.Decision {
	if v.next.Load() != nil {
		v.adopt()
	}
	late := v.late.seen != nil && v.late.observe(id, trace)
	if !v.breaker.closed() && v.breaker.state(v.clock()) == breakerOpen {
		return v.fault(causeBreakerOpen, "the policy failed too often; see the other causes", trace)
	}
	in := v.in
	if in == nil {
		var err error
		if in, err = v.ext.instantiate(v.settings); err != nil {
			return v.broken(causeNoInstance, err, trace)
		}
		if !in.description.sameAnswers(v.ext.described) { // or its reasons would be counted out of range
			v.ext.discard(in)
			return v.broken(causeNoInstance, errOtherAnswers, trace)
		}
		v.use(in)
	}
	if v.snapshots.wanted.Load() {
		v.snapshot()
	}
	// A view of the memory dies when the module grows it, so it is taken anew for each call.
	buffer, _ := in.memory.Read(in.buffer, in.capacity)
	size, fits := v.recorder.encode(buffer, id, trace, v.circumstances())
	if !fits {
		return v.fault(causeTooBig, "the record is larger than the module's buffer", trace)
	}
	if size == 0 {
		v.tally.row.decided(outcomeNotSampled, 0)
		return samplingpolicy.NotSampled
	}
	v.stack = [4]uint64{uint64(size), v.fuel - portion, in.answerAt, in.modelAt}
	if err := in.evaluate.CallWithStack(in.ctx, v.stack[:]); err != nil {
		return v.trap(err, trace)
	}
	if v.breaker.score > 0 && v.breaker.succeeded() {
		v.log.Info("sampling policy: the breaker closes; the policy decides again")
	}
	if status := uint32(v.stack[0]); status != 0 {
		return v.fault(causeStatus, "the module returned a status other than 0", trace)
	}
	return v.decide(id, trace, size, late, v.stack[1], v.stack[2])
}

func (v *evaluator) circumstances() circumstances {
	c := circumstances{shard: v.shard, shards: v.shards.Load(), instances: v.instances}
	if v.recorder.projection.now {
		c.now = uint64(v.now().UnixNano())
	}
	return c
}

// decide maps the answer one by one. Nothing of the module's making reaches the processor, which
// would crash on a decision it does not know.
func (v *evaluator) decide(id pcommon.TraceID, trace *samplingpolicy.TraceData, size int, late bool, answer, model uint64) samplingpolicy.Decision {
	in := v.in
	decision, reason := int32(answer), uint32(answer>>32)
	if reason > in.reasons {
		return v.fault(causeBadReason, "the module gave a reason beyond its own list", trace)
	}
	counts := v.tally.row
	if in.projection.header == recordHeader {
		if number := uint32(model); number != 0 {
			if number > maxModels+1 {
				return v.fault(causeBadAnswer, "the module gave a model a number above 65", trace)
			}
			if counts = v.tally.byNumber[number]; counts == nil {
				name, ok := in.text(uint32(model>>32), size)
				if !ok {
					return v.fault(causeBadAnswer, "the module gave a model a name outside of the record", trace)
				}
				counts = v.tally.number(number, name)
			}
		}
	}
	switch decision {
	case answerNotSampled:
		if reason != 0 && in.projection.header == recordHeader {
			counts.decided(outcomeLimited, reason)
		} else {
			counts.decided(outcomeNotSampled, reason)
		}
		return samplingpolicy.NotSampled
	case answerSampled:
		return v.keep(id, trace, counts, reason, late)
	case answerDropped:
		if !v.allowDrop {
			return v.fault(causeDropNotAllowed, "the module dropped a trace; allow_drop is off", trace)
		}
		counts.decided(outcomeDropped, reason)
		v.explain(id, "trace dropped", in.explanation(reason))
		return samplingpolicy.Dropped
	default:
		return v.fault(causeBadDecision, "the module gave a decision that the ABI does not know", trace)
	}
}

// keep samples a trace and writes down why.
func (v *evaluator) keep(id pcommon.TraceID, trace *samplingpolicy.TraceData, counts *row, reason uint32, late bool) samplingpolicy.Decision {
	if v.in.projection.header == recordHeader {
		words, _ := v.in.memory.ReadUint64Le(v.in.buffer + offsetCause)
		if uint32(words) > uint32(len(v.in.description.Causes)) || uint32(words>>32) > v.recorder.matched {
			return v.fault(causeBadAnswer, "the module gave a cause or a span record beyond its list", trace)
		}
	}
	counts.decided(outcomeSampled, reason)
	why := v.in.explanation(reason)
	v.late.kept(id)
	if stamped.first(trace) {
		removeStamps(trace.ReceivedBatches)
		if v.stamps {
			v.recorder.stamp(trace.ReceivedBatches, &why, late)
		}
	}
	v.explain(id, "trace sampled", why)
	return samplingpolicy.Sampled
}

// explain logs, at debug level, why a trace was decided on as it was.
func (v *evaluator) explain(id pcommon.TraceID, what string, a explanation) {
	entry := v.log.Check(zapcore.DebugLevel, what)
	if entry == nil {
		return
	}
	if a.reason == "" {
		a.reason = "none"
	}
	entry.Write(
		zap.Stringer("trace_id", id), zap.String("reason", a.reason),
		zap.Float64("value", a.value), zap.Float64("limit", a.limit))
}

// adopt takes the instance that new settings came with, hands over to it what was learnt, and gives it
// a fresh chance.
func (v *evaluator) adopt() {
	next := v.next.Swap(nil)
	if v.in != nil {
		if err := next.in.inherit(v.in); err != nil {
			v.log.Warn("sampling policy: what was learnt is lost", zap.Error(err))
		}
		v.give(v.in)
	}
	v.settings = next.settings
	v.use(next.in)
	v.breaker.reset()
}

// give closes the instance in use.
func (v *evaluator) give(in *instance) {
	v.call.mu.Lock() // the watchdog may be about to touch it
	v.use(nil)
	v.call.mu.Unlock()
	v.ext.discard(in)
}

// trap gives the instance up: its memory is in no known state.
func (v *evaluator) trap(err error, trace *samplingpolicy.TraceData) samplingpolicy.Decision {
	in := v.in
	c := causeTrap
	v.call.mu.Lock()
	if v.call.ended == in {
		c, err = causeTimeout, fmt.Errorf("the call took longer than timeout, %v, and was ended", v.ext.cfg.Timeout)
	} else if in.outOfFuel() {
		c = causeFuel
	}
	v.call.mu.Unlock()
	v.give(in)
	return v.broken(c, err, trace)
}

// broken answers a fault that costs an instance.
func (v *evaluator) broken(c cause, err error, trace *samplingpolicy.TraceData) samplingpolicy.Decision {
	if backOff := v.breaker.failed(v.clock()); backOff > 0 {
		v.log.Warn("sampling policy: the breaker opens; on_error decides until the next try",
			zap.String("cause", causeNames[c]), zap.Error(err), zap.Duration("next_try_in", backOff),
			zap.String("hint", "shown by otelcol_wasm_sampling_policy_breaker_state"))
	}
	return v.fault(c, err.Error(), trace)
}

// fault counts and applies on_error. A broken policy fails on every trace: the 1st, 2nd, 4th, 8th …
// fault of a cause is logged.
func (v *evaluator) fault(c cause, what string, trace *samplingpolicy.TraceData) samplingpolicy.Decision {
	if n := v.tally.failed(c); n&(n-1) == 0 {
		v.log.Warn("sampling policy failed; on_error decides",
			zap.String("cause", causeNames[c]), zap.String("error", what),
			zap.String("on_error", string(v.ext.cfg.OnError)), zap.Uint64("faults", n),
			zap.String("hint", fmt.Sprintf("counted in otelcol_wasm_sampling_policy_faults, cause %s", causeNames[c])))
	}
	if v.onError == samplingpolicy.Sampled && stamped.first(trace) {
		removeStamps(trace.ReceivedBatches) // kept without a reason of the policy's
	}
	return v.onError
}

// guardedCall is what the watchdog needs to know of an evaluator's calls, see watchdog.go.
type guardedCall struct {
	instance atomic.Pointer[instance] // in use

	mu    sync.Mutex // guards what follows, and the fuel of the instance in use
	ended *instance  // whose call the watchdog took the fuel of
}
