package wasmsamplingpolicy

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// The shipped policy in this host, with a clock of the test's: what it has learnt in half an hour is moved by no
// impossible value, no clock that steps back an hour, and no number of names of models.
func TestGarbageMovesNoLearntLimitAndCostsNoFault(t *testing.T) {
	cfg := shipped(t)
	cfg.Settings = map[string]any{
		"e2e_latency": "off", "time_to_first_token": "off", "decode_time": "off", "slowest": map[string]any{},
	}
	tel := componenttest.NewTelemetry()
	built, err := started(t, cfg, tel.NewTelemetrySettings()).NewEvaluator("p", nil)
	require.NoError(t, err)
	v := built.(*evaluator)
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	v.now = func() time.Time { return now }
	random := rand.New(rand.NewPCG(9, 9))

	var calls uint64
	call := func(model string, first, queue, prefill, decode, completion float64) {
		trace := vllmTrace(traceID(calls), map[string]any{
			"gen_ai.latency.e2e":                   first + decode,
			"gen_ai.latency.time_to_first_token":   first,
			"gen_ai.latency.time_in_queue":         queue,
			"gen_ai.latency.time_in_model_prefill": prefill,
			"gen_ai.latency.time_in_model_decode":  decode,
			"gen_ai.usage.prompt_tokens":           100.0,
			"gen_ai.usage.completion_tokens":       completion,
		})
		trace.ReceivedBatches.ResourceSpans().At(0).Resource().Attributes().PutStr("service.name", model)
		_, err := v.Evaluate(t.Context(), traceID(calls), trace)
		require.NoError(t, err)
		calls++
	}
	usual := func(minutes int) {
		for range minutes * 60 {
			first := 0.3 * math.Exp(0.2*random.NormFloat64())
			call("sound", first, 0.01, first/2, math.Exp(0.1*random.NormFloat64()), 50)
			now = now.Add(time.Second)
		}
	}
	learnt := func() map[string]float64 {
		limits := map[string]float64{}
		for range 2 { // a reading shows what the reading before asked for
			m, err := tel.GetMetric("otelcol_wasm_sampling_policy_learned_limit")
			call("sound", 0.3, 0.01, 0.15, 1, 50)
			if err != nil {
				continue
			}
			for _, point := range m.Data.(metricdata.Gauge[float64]).DataPoints {
				if key := point.Attributes.Encoded(attributeEncoder); strings.Contains(key, "model=sound") {
					limits[key] = point.Value
				}
			}
		}
		return limits
	}

	usual(30)
	before := learnt()
	require.Len(t, before, 2, "first token and output")
	odd := []float64{math.NaN(), math.Inf(1), math.Inf(-1), -5e5, 5e5, -3, 1e300}
	for i := range 20_000 {
		number := func() float64 { return odd[random.IntN(len(odd))] }
		call("sound", number(), number(), number(), number(), number())
		call("sound", 80, -5e5, 5e5, -1, 0)
		call(fmt.Sprintf("model-%d", i%2000), 0.3, 0.01, 0.15, 1, 50)
		now = now.Add(10 * time.Millisecond)
	}
	now = now.Add(-time.Hour)
	usual(2)
	after := learnt()
	require.ElementsMatch(t, slices.Collect(maps.Keys(before)), slices.Collect(maps.Keys(after)))
	for key, limit := range before {
		assert.InEpsilon(t, limit, after[key], 0.0625, "less than a bucket: %s", key)
	}
	for c := range causes {
		assert.Zero(t, v.tally.faults[c].Load(), "%v", c)
	}
	assert.Less(t, v.in.memory.Size(), uint32(4*mebibyte))
}
