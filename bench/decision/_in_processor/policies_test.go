package tailsamplingprocessor

import (
	"context"
	"os"
	"testing"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor/pkg/samplingpolicy"
	"github.com/vllm-monitoring/vllm-monitoring/collector/wasmsamplingpolicy"
)

const (
	// peer says the same as our policy; the native `latency` cannot, and is only shown.
	peer = "ottl_condition"
	ours = "wasm_sampling_policy"
)

const condition = `name == "llm_request" and (attributes["gen_ai.latency.e2e"] > 120.0 or attributes["gen_ai.latency.time_to_first_token"] > 10.0 or attributes["gen_ai.latency.time_in_model_decode"] > 60.0)`

// goRule is our rule written by hand in Go: what any extension costs at the least.
type goRule struct {
	component.StartFunc
	component.ShutdownFunc
}

func (r goRule) NewEvaluator(string, map[string]any) (samplingpolicy.Evaluator, error) { return r, nil }
func (goRule) IsStateful() bool                                                        { return false }
func (goRule) Evaluate(_ context.Context, _ pcommon.TraceID, td *samplingpolicy.TraceData) (samplingpolicy.Decision, error) {
	exceeds := func(a pcommon.Map, key string, limit float64) bool {
		v, ok := a.Get(key)
		return ok && v.Double() > limit
	}
	rss := td.ReceivedBatches.ResourceSpans()
	for i := range rss.Len() {
		sss := rss.At(i).ScopeSpans()
		for j := range sss.Len() {
			spans := sss.At(j).Spans()
			for k := range spans.Len() {
				span := spans.At(k)
				if span.Name() != "llm_request" {
					continue
				}
				a := span.Attributes()
				if exceeds(a, "gen_ai.latency.e2e", 120) || exceeds(a, "gen_ai.latency.time_to_first_token", 10) ||
					exceeds(a, "gen_ai.latency.time_in_model_decode", 60) {
					return samplingpolicy.Sampled, nil
				}
			}
		}
	}
	return samplingpolicy.NotSampled, nil
}

type extensionHost map[component.ID]component.Component

func (h extensionHost) GetExtensions() map[component.ID]component.Component { return h }

// variant is one policy under measurement.
type variant struct {
	name      string
	evaluator samplingpolicy.ThresholdEvaluator
	cost      []float64 // CPU ns a decision, by round
	bytes     float64   // a decision
	allocs    float64
}

// newExtension makes the extension with the module of the chart, not started.
func newExtension(t *testing.T) (component.ID, extension.Extension) {
	t.Helper()
	factory := wasmsamplingpolicy.NewFactory()
	cfg := factory.CreateDefaultConfig().(*wasmsamplingpolicy.Config)
	cfg.Path, cfg.SHA256 = os.Getenv("POLICY"), os.Getenv("POLICY_SHA256")
	id := component.NewID(factory.Type())
	ext, err := factory.Create(t.Context(), extension.Settings{
		ID: id, TelemetrySettings: componenttest.NewNopTelemetrySettings(),
	}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return id, ext
}

func variants(t *testing.T) []*variant {
	t.Helper()
	host := extensionHost{component.MustNewID("go_rule"): goRule{}}
	id, ext := newExtension(t)
	if err := ext.Start(t.Context(), host); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ext.Shutdown(context.Background()) })
	host[id] = ext

	var all []*variant
	for _, p := range []sharedPolicyCfg{
		{Name: "latency", Type: Latency, LatencyCfg: LatencyCfg{ThresholdMs: 120_000}},
		{Name: peer, Type: OTTLCondition, OTTLConditionCfg: OTTLConditionCfg{ErrorMode: "ignore", SpanConditions: []string{condition}}},
		{Name: "hand-written Go", Type: "go_rule"},
		{Name: ours, Type: "wasm_sampling_policy"},
	} {
		e, err := getPolicyEvaluator(componenttest.NewNopTelemetrySettings(), &PolicyCfg{sharedPolicyCfg: p}, extensions(host))
		if err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		all = append(all, &variant{name: p.Name, evaluator: samplingpolicy.AsThresholdEvaluator(e)})
	}
	return all
}
