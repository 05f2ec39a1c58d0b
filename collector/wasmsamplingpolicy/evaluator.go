package wasmsamplingpolicy

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/tetratelabs/wazero/sys"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor/pkg/samplingpolicy"
)

// fuelPerTrace is the loop budget of one call, for a metered module: about 10 ms of an empty loop.
// The largest record that fits a buffer of 256 KiB needs less than a tenth of it.
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
	stack    [1]uint64

	shard   uint32
	shards  *atomic.Uint32 // counted while the processor starts, so it is read, not kept
	reasons uint32
	now     func() time.Time

	breaker breaker
	clock   func() time.Duration // monotonic, for the breaker

	onError   samplingpolicy.Decision
	allowDrop bool
	timeout   time.Duration // 0 = none
	tally     *tally

	evaluations uint64
}

func newEvaluator(e *Extension, policy string, override map[string]any, first configured, shards *atomic.Uint32) *evaluator {
	v := &evaluator{
		ext: e, policy: policy, override: override, settings: first.settings, in: first.in,
		log:      e.set.Logger.With(zap.String("policy", policy)),
		recorder: recorder{projection: e.projection},
		shard:    shards.Add(1) - 1, shards: shards,
		reasons:   uint32(len(first.in.description.Reasons)),
		now:       time.Now,
		clock:     func() time.Duration { return time.Since(e.started) },
		onError:   samplingpolicy.Sampled,
		allowDrop: e.cfg.AllowDrop,
		timeout:   e.cfg.Timeout,
		tally:     newTally(len(first.in.description.Reasons)),
	}
	if e.cfg.OnError == OnErrorDrop {
		v.onError = samplingpolicy.NotSampled
	}
	return v
}

// IsStateful tells the processor whether earlier traces can change a decision. A policy that asks
// for its shard has a limit per second to divide; the others decide on the trace alone.
func (v *evaluator) IsStateful() bool { return v.recorder.projection.shard }

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
	if !v.breaker.closed() && v.breaker.state(v.clock()) == breakerOpen {
		return v.fault(causeBreakerOpen, "the policy failed too often; see the other causes")
	}
	in := v.in
	if in == nil {
		var err error
		if in, err = v.ext.instantiate(v.settings); err != nil {
			return v.broken(causeNoInstance, err)
		}
		v.in = in
	}
	// A view of the memory dies when the module grows it, so it is taken anew for each call.
	buffer, _ := in.memory.Read(in.buffer, in.capacity)
	size, fits := v.recorder.encode(buffer, id, trace, v.circumstances())
	if !fits {
		return v.fault(causeTooBig, "the record is larger than the module's buffer")
	}
	if in.fuel != nil {
		in.fuel.Set(fuelPerTrace)
	}
	v.stack[0] = uint64(size)
	err := error(nil)
	if v.timeout == 0 {
		err = in.evaluate.CallWithStack(in.ctx, v.stack[:])
	} else {
		err = v.callInTime(in)
	}
	if err != nil {
		return v.trap(err)
	}
	if v.breaker.score > 0 && v.breaker.succeeded() {
		v.log.Info("sampling policy: the breaker closes; the policy decides again")
	}
	if status := uint32(v.stack[0]); status != 0 {
		return v.fault(causeStatus, "the module returned a status other than 0")
	}
	answer, _ := in.memory.ReadUint64Le(in.buffer + offsetAnswer)
	return v.decide(id, int32(answer), uint32(answer>>32))
}

// callInTime runs the module under a deadline.
func (v *evaluator) callInTime(in *instance) error {
	ctx, cancel := context.WithTimeout(in.ctx, v.timeout)
	defer cancel()
	return in.evaluate.CallWithStack(ctx, v.stack[:])
}

func (v *evaluator) circumstances() circumstances {
	c := circumstances{shard: v.shard, shards: v.shards.Load()}
	if v.recorder.projection.now {
		c.now = uint64(v.now().UnixNano())
	}
	return c
}

// decide maps the answer one by one. Nothing of the module's making reaches the processor, which
// would crash on a decision it does not know.
func (v *evaluator) decide(id pcommon.TraceID, decision int32, reason uint32) samplingpolicy.Decision {
	if reason > v.reasons {
		return v.fault(causeBadReason, "the module gave a reason beyond its own list")
	}
	switch decision {
	case answerNotSampled:
		v.tally.decided(outcomeNotSampled, reason)
		return samplingpolicy.NotSampled
	case answerSampled:
		v.tally.decided(outcomeSampled, reason)
		v.explain(id, "trace sampled", reason)
		return samplingpolicy.Sampled
	case answerDropped:
		if !v.allowDrop {
			return v.fault(causeDropNotAllowed, "the module dropped a trace; allow_drop is off")
		}
		v.tally.decided(outcomeDropped, reason)
		v.explain(id, "trace dropped", reason)
		return samplingpolicy.Dropped
	default:
		return v.fault(causeBadDecision, "the module gave a decision that the ABI does not know")
	}
}

// explain logs, at debug level, why a trace was decided on as it was.
func (v *evaluator) explain(id pcommon.TraceID, what string, reason uint32) {
	entry := v.log.Check(zapcore.DebugLevel, what)
	if entry == nil {
		return
	}
	name := "none"
	if reason > 0 {
		name = v.in.description.Reasons[reason-1]
	}
	value, _ := v.in.memory.ReadFloat64Le(v.in.buffer + offsetValue)
	limit, _ := v.in.memory.ReadFloat64Le(v.in.buffer + offsetLimit)
	entry.Write(
		zap.Stringer("trace_id", id), zap.String("reason", name),
		zap.Float64("value", value), zap.Float64("limit", limit))
}

// adopt takes the instance that new settings came with, and gives it a fresh chance.
func (v *evaluator) adopt() {
	next := v.next.Swap(nil)
	if v.in != nil {
		v.ext.discard(v.in)
	}
	v.in, v.settings = next.in, next.settings
	v.breaker.reset()
}

// trap gives the instance up: its memory is in no known state.
func (v *evaluator) trap(err error) samplingpolicy.Decision {
	c := causeTrap
	if f := v.in.fuel; f != nil && int64(f.Get()) < 0 {
		c = causeFuel
	} else if exit := (*sys.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == sys.ExitCodeDeadlineExceeded {
		c = causeTimeout
	}
	v.ext.discard(v.in)
	v.in = nil
	return v.broken(c, err)
}

// broken answers a fault that costs an instance.
func (v *evaluator) broken(c cause, err error) samplingpolicy.Decision {
	if backOff := v.breaker.failed(v.clock()); backOff > 0 {
		v.log.Warn("sampling policy: the breaker opens; on_error decides until the next try",
			zap.String("cause", causeNames[c]), zap.Error(err), zap.Duration("next_try_in", backOff),
			zap.String("hint", "shown by otelcol_wasm_sampling_policy_breaker_state"))
	}
	return v.fault(c, err.Error())
}

// fault counts and applies on_error. A broken policy fails on every trace: the 1st, 2nd, 4th, 8th …
// fault of a cause is logged.
func (v *evaluator) fault(c cause, what string) samplingpolicy.Decision {
	if n := v.tally.failed(c); n&(n-1) == 0 {
		v.log.Warn("sampling policy failed; on_error decides",
			zap.String("cause", causeNames[c]), zap.String("error", what),
			zap.String("on_error", string(v.ext.cfg.OnError)), zap.Uint64("faults", n),
			zap.String("hint", fmt.Sprintf("counted in otelcol_wasm_sampling_policy_faults, cause %s", causeNames[c])))
	}
	return v.onError
}
