package wasmsamplingpolicy

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.uber.org/zap"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor/pkg/samplingpolicy"
)

var healthy = []map[string]any{{"gen_ai.latency.e2e": 1.0, "gen_ai.latency.time_to_first_token": 0.1, "gen_ai.latency.time_in_model_decode": 0.9}}

// faults of the guest, with the cause that each is counted under.
func faultyGuests() map[string]struct {
	guest guest
	cause cause
} {
	small := newGuest(answer(1, 0))
	small.capacity = recordHeader
	growing := newGuest(grow(64), answer(1, 0)) // beyond memory_limit_mib
	unmetered := newGuest([]byte{opUnreachable})
	unmetered.noFuel = true
	endless := newGuest(unmeteredForever())
	endless.noFuel = true
	return map[string]struct {
		guest guest
		cause cause
	}{
		"trap":              {newGuest([]byte{opUnreachable}), causeTrap},
		"trap, no fuel":     {unmetered, causeTrap},
		"out of fuel":       {newGuest(forever()), causeFuel},
		"not metered":       {endless, causeFuel},
		"panic in the host": {newGuest(requestHTTP(), answer(1, 0)), causeTrap},
		"out of memory":     {growing, causeTrap},
		"status":            {newGuest(i32const(1)), causeStatus},
		"negative status":   {newGuest(i32const(-1)), causeStatus},
		"no answer":         {newGuest(i32const(0)), causeBadDecision},
		"decision 3":        {newGuest(answer(3, 0)), causeBadDecision},
		"decision 5":        {newGuest(answer(5, 0)), causeBadDecision},
		"decision 99":       {newGuest(answer(99, 0)), causeBadDecision},
		"decision -1":       {newGuest(answer(-1, 0)), causeBadDecision},
		"decision min":      {newGuest(answer(-1<<31, 0)), causeBadDecision},
		"drop":              {newGuest(answer(2, 0)), causeDropNotAllowed},
		"reason 2 of 1":     {newGuest(answer(1, 2)), causeBadReason},
		"reason -1":         {newGuest(answer(0, -1)), causeBadReason},
		"record too large":  {small, causeTooBig},
		"traps once used":   {newGuest(onlyFirstCall(), []byte{opUnreachable}), causeTrap},
	}
}

func TestAFaultIsAnsweredByOnErrorAndCountedByItsCause(t *testing.T) {
	for name, c := range faultyGuests() {
		for onError, expected := range map[OnError]samplingpolicy.Decision{
			OnErrorKeep: samplingpolicy.Sampled, OnErrorDrop: samplingpolicy.NotSampled,
		} {
			t.Run(name+"/"+string(onError), func(t *testing.T) {
				cfg := c.guest.install(t)
				cfg.OnError = onError
				v := evaluatorOf(t, cfg)
				for range 3 {
					decision, err := v.Evaluate(t.Context(), traceID(1), vllmTrace(traceID(1), healthy...))
					require.NoError(t, err, "an error would be no vote, and the trace lost")
					require.Equal(t, expected, decision)
				}
				for i := range v.tally.faults {
					want := uint64(0)
					if cause(i) == c.cause {
						want = 3
					}
					assert.Equal(t, want, v.tally.faults[i].Load(), causeNames[i])
				}
				for i := range v.tally.row.decisions {
					assert.Zero(t, v.tally.row.decisions[i].Load(), "a fault is no decision of the policy")
				}
			})
		}
	}
}

func TestAnswersAreMappedOneByOne(t *testing.T) {
	for _, c := range []struct {
		decision, reason int32
		expected         samplingpolicy.Decision
		outcome          outcome
	}{
		{0, 0, samplingpolicy.NotSampled, outcomeNotSampled},
		{0, 1, samplingpolicy.NotSampled, outcomeNotSampled},
		{1, 0, samplingpolicy.Sampled, outcomeSampled},
		{1, 1, samplingpolicy.Sampled, outcomeSampled},
		{2, 1, samplingpolicy.Dropped, outcomeDropped},
	} {
		cfg := newGuest(answer(c.decision, c.reason)).install(t)
		cfg.AllowDrop = true
		v := evaluatorOf(t, cfg)
		decision, err := v.Evaluate(t.Context(), traceID(1), vllmTrace(traceID(1), healthy...))
		require.NoError(t, err)
		assert.Equal(t, c.expected, decision)
		assert.Equal(t, uint64(1), v.tally.row.decisions[int(c.reason)*int(outcomes)+int(c.outcome)].Load())
	}
}

func TestAfterATrapANewInstanceDecides(t *testing.T) {
	cfg := newGuest(onlyFirstCall(), answer(0, 0)).install(t)
	v := evaluatorOf(t, cfg)
	// An instance's first call is good, all others trap; a new instance begins anew.
	for i := range 6 {
		decision, err := v.Evaluate(t.Context(), traceID(1), vllmTrace(traceID(1), healthy...))
		require.NoError(t, err)
		expected := samplingpolicy.NotSampled
		if i%2 == 1 {
			expected = samplingpolicy.Sampled // on_error: keep
		}
		require.Equal(t, expected, decision, "call %d", i)
	}
	assert.Equal(t, uint64(3), v.tally.faults[causeTrap].Load())
}

func TestWithoutAnInstanceOnErrorDecidesUntilOneCanBeMade(t *testing.T) {
	v := evaluatorOf(t, newGuest(answer(0, 0)).install(t))
	require.NoError(t, v.in.close())
	v.use(nil)
	module, refusing := v.ext.module, newGuest(answer(0, 0))
	refusing.refuse = "not now"
	v.ext.module = compiledGuest(t, refusing)
	decision, err := v.Evaluate(t.Context(), traceID(1), vllmTrace(traceID(1), healthy...))
	require.NoError(t, err)
	assert.Equal(t, samplingpolicy.Sampled, decision)
	assert.Equal(t, uint64(1), v.tally.faults[causeNoInstance].Load())

	v.ext.module = module
	decision, err = v.Evaluate(t.Context(), traceID(1), vllmTrace(traceID(1), healthy...))
	require.NoError(t, err)
	assert.Equal(t, samplingpolicy.NotSampled, decision)
}

func compiledGuest(t *testing.T, g guest) *compiled {
	t.Helper()
	c, err := compile(t.Context(), g.wasm(), limits{pages: 64}, zap.NewNop())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.close(context.Background())) })
	return c
}

func TestAModuleMayGrowItsMemoryWithinTheLimit(t *testing.T) {
	v := evaluatorOf(t, newGuest(grow(1), answer(1, 1)).install(t))
	for range 10 {
		decision, err := v.Evaluate(t.Context(), traceID(1), vllmTrace(traceID(1), healthy...))
		require.NoError(t, err)
		require.Equal(t, samplingpolicy.Sampled, decision)
	}
	assert.Equal(t, uint64(10), v.tally.row.decisions[1*int(outcomes)+int(outcomeSampled)].Load())
}

func TestEvaluateAllocatesNothing(t *testing.T) {
	spans := make([]map[string]any, 20)
	for i := range spans {
		spans[i] = healthy[0]
	}
	slowSpan := map[string]any{"gen_ai.latency.e2e": 500.0}
	for name, trace := range map[string]*samplingpolicy.TraceData{
		"1 span": vllmTrace(traceID(1), healthy...), "20 spans": vllmTrace(traceID(1), spans...),
		"kept": vllmTrace(traceID(1), slowSpan), "none": vllmTrace(traceID(1)),
	} {
		v := evaluatorOf(t, shipped(t))
		ctx := t.Context()
		assert.Zero(t, testing.AllocsPerRun(1000, func() { _, _ = v.Evaluate(ctx, traceID(1), trace) }), name)
		for i := range v.tally.faults {
			assert.Zero(t, v.tally.faults[i].Load(), causeNames[i])
		}
	}
}

func TestEvaluateAllocatesNothingWithEveryPartAskedFor(t *testing.T) {
	g := newGuest(answer(1, 1))
	g.describe = strings.NewReplacer(
		`"trace":[]`, `"trace":["now","shard","trace_id","span_count","time_range"]`,
		`"fields":[]`, `"fields":["time","kind","status"]`,
		`"strings":[]},"resource":{"numbers":[],"strings":[]}`, `"strings":["gen_ai.request.id"]},"resource":{"numbers":["n"],"strings":["service.name"]}`,
	).Replace(plainDescription)
	v := evaluatorOf(t, g.install(t))
	trace, ctx := vllmTrace(traceID(1), map[string]any{"gen_ai.latency.e2e": 5, "gen_ai.request.id": "cmpl-1"}), t.Context()
	trace.ReceivedBatches.ResourceSpans().At(0).Resource().Attributes().PutStr("service.name", "vllm")
	assert.Zero(t, testing.AllocsPerRun(1000, func() { _, _ = v.Evaluate(ctx, traceID(1), trace) }))
	assert.True(t, v.IsStateful(), "it asks for its shard")
	assert.False(t, evaluatorOf(t, newGuest(answer(1, 1)).install(t)).IsStateful())
}

func TestEachEvaluatorOfAPolicyKnowsItsShard(t *testing.T) {
	e := started(t, newGuest(answer(0, 0)).install(t), componenttest.NewNopTelemetrySettings())
	var all []*evaluator
	for range 4 {
		v, err := e.NewEvaluator("p", nil)
		require.NoError(t, err)
		all = append(all, v.(*evaluator))
	}
	_, err := e.NewEvaluator("another", nil)
	require.NoError(t, err)
	for i, v := range all {
		c := v.circumstances()
		assert.Equal(t, uint32(i), c.shard)
		assert.Equal(t, uint32(4), c.shards)
	}
}
