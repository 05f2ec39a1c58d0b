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
func newExtension(t *testing.T, settings map[string]any) (component.ID, extension.Extension) {
	t.Helper()
	factory := wasmsamplingpolicy.NewFactory()
	cfg := factory.CreateDefaultConfig().(*wasmsamplingpolicy.Config)
	cfg.Path, cfg.SHA256 = os.Getenv("POLICY"), os.Getenv("POLICY_SHA256")
	cfg.Settings = settings
	id := component.NewID(factory.Type())
	ext, err := factory.Create(t.Context(), extension.Settings{
		ID: id, TelemetrySettings: componenttest.NewNopTelemetrySettings(),
	}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return id, ext
}

// startedExtension is newExtension, among the extensions of a host.
func startedExtension(t *testing.T, settings map[string]any, host extensionHost) {
	t.Helper()
	id, ext := newExtension(t, settings)
	if err := ext.Start(t.Context(), host); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ext.Shutdown(context.Background()) })
	host[id] = ext
}

// variants are the policies of a shape: with limits alone also what a decision costs at the least.
func variants(t *testing.T, s shape) []*variant {
	t.Helper()
	host := extensionHost{component.MustNewID("go_rule"): goRule{}}
	policies := []PolicyCfg{
		{sharedPolicyCfg: sharedPolicyCfg{Name: "latency", Type: Latency, LatencyCfg: LatencyCfg{ThresholdMs: 120_000}}},
		{sharedPolicyCfg: sharedPolicyCfg{Name: peer, Type: OTTLCondition, OTTLConditionCfg: spanCondition(condition)}},
		{sharedPolicyCfg: sharedPolicyCfg{Name: "hand-written Go", Type: "go_rule"}},
		{sharedPolicyCfg: sharedPolicyCfg{Name: ours, Type: "wasm_sampling_policy"}},
	}
	var settings map[string]any
	if s.everything {
		settings = everything
		policies = []PolicyCfg{everythingInOTTL(), policies[3]}
	}
	startedExtension(t, settings, host)
	var all []*variant
	for i := range policies {
		p := &policies[i]
		e, err := getPolicyEvaluator(componenttest.NewNopTelemetrySettings(), p, extensions(host))
		if err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		all = append(all, &variant{name: p.Name, evaluator: samplingpolicy.AsThresholdEvaluator(e)})
	}
	return all
}
