package wasmsamplingpolicy

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor"
	"github.com/vllm-monitoring/vllm-monitoring/collector/wasmsamplingpolicy/internal/metadata"
)

// host offers the extension to the processor, as the collector's service does.
type host struct {
	extensions map[component.ID]component.Component
}

func (h host) GetExtensions() map[component.ID]component.Component { return h.extensions }

// sample sends the batches through the real tail_sampling processor and returns what came out. Shutting down decides on everything that is still waiting.
func sample(t *testing.T, cfg *Config, shards int, policySettings map[string]any, batches ...ptrace.Traces) []ptrace.Traces {
	t.Helper()
	p, _, sink := processorWith(t, cfg, shards, policySettings)
	send(t, p, batches...)
	require.NoError(t, p.Shutdown(t.Context()))
	return sink.AllTraces()
}

func send(t *testing.T, p processor.Traces, batches ...ptrace.Traces) {
	t.Helper()
	for _, batch := range batches {
		copied := ptrace.NewTraces() // the processor takes what it is given
		batch.CopyTo(copied)
		require.NoError(t, p.ConsumeTraces(t.Context(), copied))
	}
}

// processorWith starts the real tail_sampling processor, whose one policy is the extension, and gives
// what it keeps to the sink.
func processorWith(t *testing.T, cfg *Config, shards int, policySettings map[string]any) (processor.Traces, *Extension, *consumertest.TracesSink) {
	t.Helper()
	return processorIn(t, cfg, shards, policySettings, componenttest.NewNopTelemetrySettings())
}

// measuredProcessor tells what the processor counts, too.
func measuredProcessor(t *testing.T, cfg *Config) (processor.Traces, *componenttest.Telemetry, *consumertest.TracesSink) {
	t.Helper()
	tel := componenttest.NewTelemetry()
	p, _, sink := processorIn(t, cfg, 1, nil, tel.NewTelemetrySettings())
	return p, tel, sink
}

// forgotten counts the traces that the processor let go without keeping them.
func forgotten(t *testing.T, tel *componenttest.Telemetry) (n int64) {
	t.Helper()
	m, err := tel.GetMetric("otelcol_processor_tail_sampling_global_count_traces_sampled")
	if err != nil {
		return 0 // none so far
	}
	for _, point := range m.Data.(metricdata.Sum[int64]).DataPoints {
		if sampled, _ := point.Attributes.Value("sampled"); sampled.AsString() == "false" {
			n += point.Value
		}
	}
	return n
}

func processorIn(t *testing.T, cfg *Config, shards int, policySettings map[string]any, set component.TelemetrySettings) (processor.Traces, *Extension, *consumertest.TracesSink) {
	t.Helper()
	e := started(t, cfg, componenttest.NewNopTelemetrySettings())
	factory := tailsamplingprocessor.NewFactory()
	processorConfig := factory.CreateDefaultConfig()
	require.NoError(t, confmap.NewFromStringMap(map[string]any{
		"decision_wait": "1s", "num_traces": 100_000, "num_shards": shards, "sampling_strategy": string(cfg.SamplingStrategy),
		// As the chart has it: with a memory of what was not kept, nothing of it would be looked at again.
		"decision_cache": map[string]any{"sampled_cache_size": 1000, "non_sampled_cache_size": 0},
		"policies":       []any{map[string]any{"name": "vllm", "type": "wasm_sampling_policy", "wasm_sampling_policy": policySettings}},
	}).Unmarshal(processorConfig))
	sink := new(consumertest.TracesSink)
	settings := processortest.NewNopSettings(factory.Type())
	settings.TelemetrySettings = set
	p, err := factory.CreateTraces(t.Context(), settings, processorConfig, sink)
	require.NoError(t, err)
	require.NoError(t, p.Start(t.Context(), host{map[component.ID]component.Component{component.NewID(metadata.Type): e}}))
	require.Len(t, e.evaluators(), shards)
	return p, e, sink
}

// requireExactly holds that exactly the expected traces came out, with all their spans.
func requireExactly(t *testing.T, expected map[pcommon.TraceID]bool, in, out []ptrace.Traces) {
	t.Helper()
	sent, got := spanCounts(in...), spanCounts(out...)
	for id := range expected {
		require.Equal(t, sent[id], got[id], "trace %s is to be kept whole", id)
	}
	for id := range got {
		require.True(t, expected[id], "trace %s is not to be kept", id)
	}
}

// randomBatches makes traces of every kind the policy has to tell apart, spread over batches.
func randomBatches(rng *rand.Rand, traces int) []ptrace.Traces {
	batches := make([]ptrace.Traces, 20)
	for i := range batches {
		batches[i] = ptrace.NewTraces()
	}
	scopes := []string{"vllm.tracing.otel", "vllm.tracing.otel", "vllm.llm_engine", "fastapi", "vllm.v1.engine.core", ""}
	names := []string{"llm_request", "llm_request", "llm_request", "POST /v1/chat/completions", "Load model"}
	for n := range traces {
		for range 1 + rng.IntN(4) {
			attributes := map[string]any{"gen_ai.usage.prompt_tokens": rng.Int64N(10_000), "gen_ai.request.id": "cmpl"}
			for _, rule := range rules {
				// Mostly below, now and then above or exactly at the limit.
				value := rule.limit * rng.Float64() * 1.05
				switch rng.IntN(8) {
				case 0:
					value = rule.limit
				case 1:
					continue // absent
				case 2:
					attributes[rule.attribute] = int64(value) + rng.Int64N(2)
					continue
				case 3:
					attributes[rule.attribute] = fmt.Sprintf("%g s", value*10) // no number
					continue
				}
				attributes[rule.attribute] = value
			}
			addSpan(batches[rng.IntN(len(batches))], traceID(uint64(n)),
				scopes[rng.IntN(len(scopes))], names[rng.IntN(len(names))], attributes)
		}
	}
	return batches
}

func TestExactlyTheSlowTracesAreKept(t *testing.T) {
	for _, shards := range []int{1, 4} {
		t.Run(fmt.Sprintf("%d shards", shards), func(t *testing.T) {
			batches := randomBatches(rand.New(rand.NewPCG(5, uint64(shards))), 5000)
			kept, all := slowTraces(batches...)
			require.Greater(t, len(kept), 200)
			require.Greater(t, len(all)-len(kept), 200)
			requireExactly(t, kept, batches, sample(t, shipped(t), shards, nil, batches...))
		})
	}
}

// captured returns what real vLLM servers sent, one batch a line, by file.
func captures(t *testing.T) map[string][]ptrace.Traces {
	t.Helper()
	found := map[string][]ptrace.Traces{}
	require.NoError(t, filepath.WalkDir(fixtures, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() != "traces.jsonl" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		lines := bufio.NewScanner(bytes.NewReader(data))
		lines.Buffer(nil, len(data)+1)
		for lines.Scan() {
			batch, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(lines.Bytes())
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			found[path] = append(found[path], batch)
		}
		return lines.Err()
	}))
	require.GreaterOrEqual(t, len(found), 4, "captures of four versions")
	return found
}

func TestOfCapturedSpansExactlyTheSlowTracesAreKept(t *testing.T) {
	total := 0
	for path, batches := range captures(t) {
		kept, _ := slowTraces(batches...)
		total += len(kept)
		for _, shards := range []int{1, 4} {
			t.Run(fmt.Sprintf("%s/%d shards", path, shards), func(t *testing.T) {
				requireExactly(t, kept, batches, sample(t, shipped(t), shards, nil, batches...))
			})
		}
	}
	require.Positive(t, total, "some captured trace is slow")
}

func TestStartUpAndFastAPISpansNeverKeepATrace(t *testing.T) {
	for path, batches := range captures(t) {
		var others []ptrace.Traces
		for _, batch := range batches {
			// As slow as can be, in time and in every attribute the rules look at.
			for _, rs := range batch.ResourceSpans().All() {
				rs.ScopeSpans().RemoveIf(func(ss ptrace.ScopeSpans) bool {
					ss.Spans().RemoveIf(func(span ptrace.Span) bool { return span.Name() == "llm_request" })
					for _, span := range ss.Spans().All() {
						span.SetStartTimestamp(0)
						for _, rule := range rules {
							span.Attributes().PutDouble(rule.attribute, 1e6)
						}
					}
					return ss.Spans().Len() == 0
				})
			}
			if batch.SpanCount() > 0 {
				others = append(others, batch)
			}
		}
		if len(others) > 0 {
			assert.Empty(t, sample(t, shipped(t), 1, nil, others...), path)
		}
	}
}

func TestSettingsReachThePolicy(t *testing.T) {
	batch := ptrace.NewTraces()
	addSpan(batch, traceID(1), "vllm.tracing.otel", "llm_request", map[string]any{"gen_ai.latency.e2e": 31.0})
	addSpan(batch, traceID(2), "vllm.tracing.otel", "llm_request", map[string]any{"gen_ai.latency.time_to_first_token": 11})
	addSpan(batch, traceID(3), "vllm.tracing.otel", "llm_request", map[string]any{"gen_ai.latency.time_in_model_decode": 61.0})
	kept := func(cfg *Config, override map[string]any) []uint64 {
		counts := spanCounts(sample(t, cfg, 1, override, batch)...)
		var numbers []uint64
		for n := range uint64(4) {
			if counts[traceID(n)] > 0 {
				numbers = append(numbers, n)
			}
		}
		return numbers
	}
	assert.Equal(t, []uint64{2, 3}, kept(shipped(t), nil), "the defaults")
	cfg := shipped(t)
	cfg.Settings = map[string]any{"e2e_latency": "30s", "time_to_first_token": false}
	assert.Equal(t, []uint64{1, 3}, kept(cfg, nil), "the extension's settings")
	assert.Equal(t, []uint64{1}, kept(cfg, map[string]any{"decode_time": "off"}), "and the policy's beside them")
	assert.Equal(t, []uint64{3}, kept(cfg, map[string]any{"e2e_latency": "32s"}), "and over them")
	file := shipped(t)
	file.SettingsFile = filepath.Join(t.TempDir(), "settings.json")
	require.NoError(t, os.WriteFile(file.SettingsFile, []byte(`{"time_to_first_token":"off","decode_time":"off"}`), 0o600))
	assert.Empty(t, kept(file, nil), "settings from a file")
}

func TestNoTraceIsLostToABrokenPolicyAndTheProcessorLives(t *testing.T) {
	batches := randomBatches(rand.New(rand.NewPCG(7, 8)), 50)
	_, all := slowTraces(batches...)
	for name, c := range faultyGuests() {
		t.Run(name, func(t *testing.T) {
			if c.cause == causeTooBig {
				// Traces without a matching span fit any buffer.
				some := ptrace.NewTraces()
				addSpan(some, traceID(1), "", "llm_request", nil)
				out := sample(t, c.guest.install(t), 1, nil, some)
				requireExactly(t, map[pcommon.TraceID]bool{traceID(1): true}, []ptrace.Traces{some}, out)
				return
			}
			for _, shards := range []int{1, 4} {
				requireExactly(t, all, batches, sample(t, c.guest.install(t), shards, nil, batches...))
			}
			cfg := c.guest.install(t)
			cfg.OnError = OnErrorDrop
			require.Empty(t, sample(t, cfg, 1, nil, batches...))
		})
	}
}

// Without the breaker this would take 50 s of CPU: every call loops until its fuel is gone.
func TestAStormOfEndlessLoopsHoldsUpNoDecision(t *testing.T) {
	batches := randomBatches(rand.New(rand.NewPCG(9, 10)), 5000)
	p, e, sink := processorWith(t, newGuest(forever()).install(t), 2, nil)
	send(t, p, batches...)
	sent := 0
	for _, batch := range batches {
		sent += batch.SpanCount()
	}
	require.Eventually(t, func() bool { return sink.SpanCount() == sent }, 30*time.Second, 20*time.Millisecond,
		"the processor's ticks go on")
	require.NoError(t, p.Shutdown(t.Context()))
	looped, skipped := uint64(0), uint64(0)
	for _, v := range e.evaluators() {
		looped += v.tally.faults[causeFuel].Load()
		skipped += v.tally.faults[causeBreakerOpen].Load()
	}
	assert.LessOrEqual(t, looped, uint64(2*(5+5)), "five calls a shard, and a few tries in 30 s")
	assert.Equal(t, uint64(5000), looped+skipped)
}
