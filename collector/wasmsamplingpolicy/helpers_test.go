package wasmsamplingpolicy

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/attribute"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor/pkg/samplingpolicy"
)

// The policy that the chart ships.
const (
	shippedPolicy = "../../chart/files/sampling-policy.wasm.gz"
	shippedHash   = "../../chart/files/sampling-policy.sha256"
	fixtures      = "../../tests/fixtures/vllm"
)

// The rule of the shipped policy, written down a second time: attribute, limit in seconds.
var rules = []struct {
	reason, attribute string
	limit             float64
}{
	{"e2e_latency", "gen_ai.latency.e2e", 120},
	{"time_to_first_token", "gen_ai.latency.time_to_first_token", 10},
	{"decode_time", "gen_ai.latency.time_in_model_decode", 60},
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// shipped returns a configuration that loads the policy of the chart.
func shipped(t testing.TB) *Config {
	t.Helper()
	hash, err := os.ReadFile(shippedHash)
	require.NoError(t, err)
	cfg := createDefaultConfig().(*Config)
	cfg.Path, cfg.SHA256 = shippedPolicy, strings.TrimSpace(string(hash))
	return cfg
}

// started starts an extension that is shut down with the test.
func started(t testing.TB, cfg *Config, set component.TelemetrySettings) *Extension {
	t.Helper()
	require.NoError(t, cfg.Validate())
	e := newExtension(cfg, set)
	e.pollEvery = time.Hour // tests poll by hand
	require.NoError(t, e.Start(t.Context(), componenttest.NewNopHost()))
	t.Cleanup(func() { require.NoError(t, e.Shutdown(context.Background())) })
	return e
}

func evaluatorOf(t testing.TB, cfg *Config) *evaluator {
	t.Helper()
	v, err := started(t, cfg, componenttest.NewNopTelemetrySettings()).NewEvaluator("p", nil)
	require.NoError(t, err)
	return v.(*evaluator)
}

func traceID(n uint64) (id pcommon.TraceID) {
	binary.BigEndian.PutUint64(id[:], n+1)
	binary.BigEndian.PutUint64(id[8:], (n+1)*0x9E3779B97F4A7C15)
	return id
}

// addSpan appends a span under a resource and scope of its own.
func addSpan(traces ptrace.Traces, id pcommon.TraceID, scope, name string, attributes map[string]any) ptrace.Span {
	ss := traces.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty()
	ss.Scope().SetName(scope)
	span := ss.Spans().AppendEmpty()
	span.SetTraceID(id)
	span.SetName(name)
	if err := span.Attributes().FromRaw(attributes); err != nil {
		panic(err)
	}
	return span
}

// vllmTrace is a trace of llm_request spans, one for each map of attributes.
func vllmTrace(id pcommon.TraceID, attributes ...map[string]any) *samplingpolicy.TraceData {
	traces := ptrace.NewTraces()
	for _, a := range attributes {
		addSpan(traces, id, "vllm.tracing.otel", "llm_request", a)
	}
	return &samplingpolicy.TraceData{SpanCount: int64(len(attributes)), ReceivedBatches: traces}
}

// slow tells whether the rule keeps a span: the computation that the policy is held against.
func slow(scope string, span ptrace.Span) bool {
	if span.Name() != "llm_request" || scope != "vllm.tracing.otel" && scope != "vllm.llm_engine" {
		return false
	}
	for _, rule := range rules {
		v, ok := span.Attributes().Get(rule.attribute)
		if !ok {
			continue
		}
		switch v.Type() {
		case pcommon.ValueTypeDouble:
			if v.Double() > rule.limit {
				return true
			}
		case pcommon.ValueTypeInt:
			if float64(v.Int()) > rule.limit {
				return true
			}
		}
	}
	return false
}

// slowTraces returns the ids of all traces with a slow span, and of all traces.
func slowTraces(batches ...ptrace.Traces) (kept, all map[pcommon.TraceID]bool) {
	kept, all = map[pcommon.TraceID]bool{}, map[pcommon.TraceID]bool{}
	for _, batch := range batches {
		for _, rs := range batch.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, span := range ss.Spans().All() {
					all[span.TraceID()] = true
					if slow(ss.Scope().Name(), span) {
						kept[span.TraceID()] = true
					}
				}
			}
		}
	}
	return kept, all
}

func spanCounts(batches ...ptrace.Traces) map[pcommon.TraceID]int {
	counts := map[pcommon.TraceID]int{}
	for _, batch := range batches {
		for _, rs := range batch.ResourceSpans().All() {
			for _, ss := range rs.ScopeSpans().All() {
				for _, span := range ss.Spans().All() {
					counts[span.TraceID()]++
				}
			}
		}
	}
	return counts
}

// attributeEncoder writes a series as k=v,k=v.
var attributeEncoder = attribute.DefaultEncoder()
