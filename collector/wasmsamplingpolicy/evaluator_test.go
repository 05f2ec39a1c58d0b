package wasmsamplingpolicy

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

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
		"out of time":       {endless, causeTimeout},
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
				for i := range v.tally.decisions {
					assert.Zero(t, v.tally.decisions[i].Load(), "a fault is no decision of the policy")
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
		assert.Equal(t, uint64(1), v.tally.decisions[int(c.reason)*int(outcomes)+int(c.outcome)].Load())
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
	v.in = nil
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
	wasm := g.wasm()
	c, err := compile(t.Context(), wasm, hashOf(wasm), limits{pages: 64}, zap.NewNop())
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
	assert.Equal(t, uint64(10), v.tally.decisions[1*int(outcomes)+int(outcomeSampled)].Load())
}

func TestFaultsAreLoggedAtPowersOfTwo(t *testing.T) {
	core, logs := observer.New(zapcore.WarnLevel)
	set := componenttest.NewNopTelemetrySettings()
	set.Logger = zap.New(core)
	v, err := started(t, newGuest(answer(99, 0)).install(t), set).NewEvaluator("p", nil)
	require.NoError(t, err)
	for range 100 {
		_, err := v.Evaluate(t.Context(), traceID(1), vllmTrace(traceID(1), healthy...))
		require.NoError(t, err)
	}
	assert.Equal(t, 7, logs.Len(), "1, 2, 4 … 64")
	entry := logs.All()[0].ContextMap()
	assert.Equal(t, "bad_decision", entry["cause"])
	assert.Equal(t, "keep", entry["on_error"])
	assert.Equal(t, "p", entry["policy"])
}

func TestWhyATraceIsKeptIsLoggedAtDebugLevel(t *testing.T) {
	core, logs := observer.New(zapcore.DebugLevel)
	set := componenttest.NewNopTelemetrySettings()
	set.Logger = zap.New(core)
	v, err := started(t, shipped(t), set).NewEvaluator("p", nil)
	require.NoError(t, err)
	_, err = v.Evaluate(t.Context(), traceID(1), vllmTrace(traceID(1), map[string]any{"gen_ai.latency.time_to_first_token": 10.5}))
	require.NoError(t, err)
	entries := logs.FilterMessage("trace sampled").All()
	require.Len(t, entries, 1)
	entry := entries[0].ContextMap()
	assert.Equal(t, traceID(1).String(), entry["trace_id"])
	assert.Equal(t, "time_to_first_token", entry["reason"])
	assert.InEpsilon(t, 10.5, entry["value"], 1e-9)
	assert.InEpsilon(t, 10.0, entry["limit"], 1e-9)
	assert.NotEmpty(t, logs.FilterField(zap.String("from", "policy")).All(), "the module's own log comes through")
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

func TestTelemetryTellsDecisionsFaultsAndTheModule(t *testing.T) {
	tel := componenttest.NewTelemetry()
	t.Cleanup(func() { require.NoError(t, tel.Shutdown(context.Background())) })
	cfg := newGuest(onlyFirstCall(), answer(1, 1)).install(t)
	e := started(t, cfg, tel.NewTelemetrySettings())
	for range 2 { // two shards add up
		v, err := e.NewEvaluator("p", nil)
		require.NoError(t, err)
		for range 4 {
			_, err := v.Evaluate(t.Context(), traceID(1), vllmTrace(traceID(1), healthy...))
			require.NoError(t, err)
		}
	}
	series := func(name string) map[string]int64 {
		m, err := tel.GetMetric(name)
		require.NoError(t, err)
		var points []metricdata.DataPoint[int64]
		switch data := m.Data.(type) {
		case metricdata.Sum[int64]:
			assert.True(t, data.IsMonotonic)
			points = data.DataPoints
		case metricdata.Gauge[int64]:
			points = data.DataPoints
		}
		values := map[string]int64{}
		for _, p := range points {
			values[p.Attributes.Encoded(attributeEncoder)] = p.Value
		}
		return values
	}
	decisions := series("otelcol_wasm_sampling_policy_decisions")
	assert.Len(t, decisions, 6, "3 outcomes for each of none and slow, from the start")
	assert.Equal(t, int64(4), decisions["outcome=sampled,reason=slow"])
	assert.Equal(t, int64(0), decisions["outcome=not_sampled,reason=none"])
	faults := series("otelcol_wasm_sampling_policy_faults")
	assert.Len(t, faults, int(causes))
	assert.Equal(t, int64(4), faults["cause=trap"])
	assert.Equal(t, int64(0), faults["cause=fuel"])
	durations, err := tel.GetMetric("otelcol_wasm_sampling_policy_evaluation_duration")
	require.NoError(t, err)
	points := durations.Data.(metricdata.Histogram[float64]).DataPoints
	require.Len(t, points, 1)
	assert.Equal(t, uint64(2), points[0].Count, "the first of each evaluator")
	assert.Equal(t, map[string]int64{"policy=p": 0}, series("otelcol_wasm_sampling_policy_breaker_state"))
	assert.Equal(t, map[string]int64{"": 1}, series("otelcol_wasm_sampling_policy_settings_generation"))
	assert.Equal(t, map[string]int64{"outcome=applied": 0, "outcome=refused": 0}, series("otelcol_wasm_sampling_policy_settings_reloads"))
	assert.Equal(t, map[string]int64{"abi=1,name=guest,sha256=" + cfg.SHA256 + ",version=9": 1}, series("otelcol_wasm_sampling_policy_info"))
}

func TestAModuleThatIsNoPolicyOfThisABIIsRefusedAtStart(t *testing.T) {
	with := func(change func(*guest)) guest {
		g := newGuest(answer(0, 0))
		change(&g)
		return g
	}
	for name, c := range map[string]struct {
		guest    guest
		expected string
	}{
		"ABI of tsp_abi":      {with(func(g *guest) { g.abi = 2 }), "tsp_abi: found version 2; this collector speaks version 1"},
		"ABI of describe":     {with(func(g *guest) { g.describe = `{"abi":2}` }), "abi: found 2"},
		"unknown wish":        {with(func(g *guest) { g.describe = strings.Replace(g.describe, `"trace":[]`, `"trace":["size"]`, 1) }), `found "size"`},
		"settings refused":    {with(func(g *guest) { g.refuse = "e2e_latency: found 5; expected a duration" }), "configure: e2e_latency: found 5; expected a duration"},
		"buffer not aligned":  {with(func(g *guest) { g.buffer = 8196 }), "expected a multiple of 8"},
		"buffer outside":      {with(func(g *guest) { g.buffer = 65536 - 8 }), "within the 65536 bytes of memory"},
		"buffer too small":    {with(func(g *guest) { g.capacity = 88 }), "expected 96 or more"},
		"capacity negative":   {with(func(g *guest) { g.capacity = -8 }), "within the 65536 bytes of memory"},
		"signature":           {with(func(g *guest) { g.signature = typeToI32; g.evaluate = i32const(0) }), "tsp_evaluate: found another signature"},
		"no describe":         {with(func(g *guest) { g.omit = "describe" }), `no export "describe"`},
		"no configure":        {with(func(g *guest) { g.omit = "configure" }), `no export "configure"`},
		"no tsp_abi":          {with(func(g *guest) { g.omit = "tsp_abi" }), `no export "tsp_abi"`},
		"no tsp_buffer":       {with(func(g *guest) { g.omit = "tsp_buffer" }), `no export "tsp_buffer"`},
		"no tsp_capacity":     {with(func(g *guest) { g.omit = "tsp_capacity" }), `no export "tsp_capacity"`},
		"no tsp_evaluate":     {with(func(g *guest) { g.omit = "tsp_evaluate" }), `no export "tsp_evaluate"`},
		"description no JSON": {with(func(g *guest) { g.describe = "llm_request" }), "describe: "},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := c.guest.install(t)
			e := newExtension(cfg, componenttest.NewNopTelemetrySettings())
			err := e.Start(t.Context(), componenttest.NewNopHost())
			require.ErrorContains(t, err, c.expected)
			assert.ErrorContains(t, err, cfg.Path)
			require.NoError(t, e.Shutdown(t.Context()))
		})
	}
	t.Run("no module at all", func(t *testing.T) {
		cfg := installed(t, slices.Concat(wasmMagic, []byte("\x01\x00\x00\x00\xff")))
		require.ErrorContains(t, newExtension(cfg, componenttest.NewNopTelemetrySettings()).Start(t.Context(), nil), "cannot be loaded")
	})
	t.Run("not in service.extensions", func(t *testing.T) {
		_, err := newExtension(shipped(t), componenttest.NewNopTelemetrySettings()).NewEvaluator("p", nil)
		require.ErrorContains(t, err, "service.extensions")
	})
}

func TestAModuleThatIsNotMeteredNeedsATimeout(t *testing.T) {
	g := newGuest(answer(0, 0))
	g.noFuel = true
	cfg := g.install(t)
	assert.Positive(t, started(t, cfg, componenttest.NewNopTelemetrySettings()).cfg.Timeout)

	cfg.Timeout = 0
	err := newExtension(cfg, componenttest.NewNopTelemetrySettings()).Start(t.Context(), nil)
	for _, text := range []string{cfg.Path, `"tsp_fuel"`, "wasm-meter policy.wasm policy.metered.wasm", "`timeout`"} {
		require.ErrorContains(t, err, text)
	}
}

func TestATimeoutEndsAlsoAModuleThatIsMetered(t *testing.T) {
	cfg := newGuest(unmeteredForever()).install(t)
	cfg.Timeout = minTimeout
	v := evaluatorOf(t, cfg)
	decision, err := v.Evaluate(t.Context(), traceID(1), vllmTrace(traceID(1), healthy...))
	require.NoError(t, err)
	assert.Equal(t, samplingpolicy.Sampled, decision)
	assert.Equal(t, uint64(1), v.tally.faults[causeTimeout].Load())
}

func TestTheShippedPolicyRefusesSettingsInItsOwnWords(t *testing.T) {
	cfg := shipped(t)
	cfg.Settings = map[string]any{"e2e_latencies": "2m"}
	err := newExtension(cfg, componenttest.NewNopTelemetrySettings()).Start(t.Context(), nil)
	require.ErrorContains(t, err, "e2e_latencies")

	_, err = started(t, shipped(t), componenttest.NewNopTelemetrySettings()).NewEvaluator("slow", map[string]any{"decode_time": "soon"})
	require.ErrorContains(t, err, `policy "slow"`)
	require.ErrorContains(t, err, "decode_time")
	require.ErrorContains(t, err, "soon")
}
