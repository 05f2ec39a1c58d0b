package wasmsamplingpolicy

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

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
