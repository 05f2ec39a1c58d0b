package tailsamplingprocessor

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor/pkg/samplingpolicy"
	"github.com/vllm-monitoring/vllm-monitoring/collector/wasmsamplingpolicy"
)

const (
	// bar is the most that a decision of ours may cost, as a share of the peer's.
	bar = 0.5
	// peer says the same as our policy; the native `latency` cannot, and is only shown.
	peer = "ottl_condition"
	ours = "wasm_sampling_policy"

	rounds = 11
	// slice is how long one measurement lasts. Variants take turns within a round, so that a busy
	// machine slows all of them alike.
	slice = 30 * time.Millisecond
	// traces in the set; one in a hundred is slow, as in a healthy fleet.
	traces    = 128
	slowEvery = 100
)

const condition = `name == "llm_request" and (attributes["gen_ai.latency.e2e"] > 120.0 or attributes["gen_ai.latency.time_to_first_token"] > 10.0 or attributes["gen_ai.latency.time_in_model_decode"] > 60.0)`

// vllmSpan writes a span as vLLM 0.32 sends it: its attributes in its order.
func vllmSpan(s ptrace.Span, id pcommon.TraceID, slow bool, rng *rand.Rand) {
	s.SetTraceID(id)
	s.SetName("llm_request")
	s.SetKind(ptrace.SpanKindServer)
	e2e := 1 + 10*rng.Float64()
	ttft, decode := 0.1*e2e, 0.85*e2e
	if slow {
		switch rng.IntN(3) {
		case 0:
			e2e = 130
		case 1:
			ttft = 11
		default:
			decode = 61
		}
	}
	end := time.Unix(1795488600, int64(rng.IntN(1e9)))
	s.SetStartTimestamp(pcommon.NewTimestampFromTime(end.Add(-time.Duration(e2e * 1e9))))
	s.SetEndTimestamp(pcommon.NewTimestampFromTime(end))
	a := s.Attributes()
	a.PutDouble("gen_ai.latency.time_to_first_token", ttft)
	a.PutDouble("gen_ai.latency.e2e", e2e)
	a.PutDouble("gen_ai.latency.time_in_queue", 0.01)
	a.PutInt("gen_ai.usage.prompt_tokens", 812)
	a.PutInt("gen_ai.usage.completion_tokens", 233)
	a.PutDouble("gen_ai.latency.time_in_model_prefill", 0.09*e2e)
	a.PutDouble("gen_ai.latency.time_in_model_decode", decode)
	a.PutDouble("gen_ai.latency.time_in_model_inference", 0.94*e2e)
	a.PutStr("gen_ai.request.id", "chatcmpl-0b2c9fdc7d7d4a1f9d9e0c0b7c6d5e4f")
	a.PutDouble("gen_ai.request.top_p", 1)
	a.PutInt("gen_ai.request.max_tokens", 512)
	a.PutDouble("gen_ai.request.temperature", 0.7)
	a.PutInt("gen_ai.request.n", 1)
}

func traceSet(spans int) ([]pcommon.TraceID, []*samplingpolicy.TraceData) {
	rng := rand.New(rand.NewPCG(1, 2))
	ids, set := make([]pcommon.TraceID, traces), make([]*samplingpolicy.TraceData, traces)
	for i := range traces {
		binary.BigEndian.PutUint64(ids[i][:], uint64(i+1))
		td := ptrace.NewTraces()
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutStr("service.name", "vllm")
		ss := rs.ScopeSpans().AppendEmpty()
		ss.Scope().SetName("vllm.tracing.otel")
		for j := range spans {
			vllmSpan(ss.Spans().AppendEmpty(), ids[i], i%slowEvery == 0 && j == spans-1, rng)
		}
		set[i] = &samplingpolicy.TraceData{SpanCount: int64(spans), ReceivedBatches: td}
	}
	return ids, set
}

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

func variants(t *testing.T) []*variant {
	t.Helper()
	factory := wasmsamplingpolicy.NewFactory()
	cfg := factory.CreateDefaultConfig().(*wasmsamplingpolicy.Config)
	cfg.Path, cfg.SHA256 = os.Getenv("POLICY"), os.Getenv("POLICY_SHA256")
	ext, err := factory.Create(t.Context(), extension.Settings{
		ID: component.NewID(factory.Type()), TelemetrySettings: componenttest.NewNopTelemetrySettings(),
	}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	host := extensionHost{
		component.MustNewID("go_rule"):  goRule{},
		component.NewID(factory.Type()): ext,
	}
	if err := ext.Start(t.Context(), host); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ext.Shutdown(context.Background()) })

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

// cpuTime of this process. Wall time would measure the neighbours too.
func cpuTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// measure decides on the whole set again and again for about a slice; CPU ns a decision.
func (v *variant) measure(ids []pcommon.TraceID, set []*samplingpolicy.TraceData) float64 {
	ctx, n, start := context.Background(), 0, cpuTime()
	for {
		for range 16 {
			for i := range set {
				_, _, _ = v.evaluator.EvaluateWithThreshold(ctx, ids[i], set[i])
			}
		}
		n += 16 * len(set)
		if spent := cpuTime() - start; spent >= slice {
			return float64(spent.Nanoseconds()) / float64(n)
		}
	}
}

// allocations of a decision, over the whole set.
func (v *variant) allocations(ids []pcommon.TraceID, set []*samplingpolicy.TraceData) (bytes, allocs float64) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	ctx := context.Background()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range 32 {
		for i := range set {
			_, _, _ = v.evaluator.EvaluateWithThreshold(ctx, ids[i], set[i])
		}
	}
	runtime.ReadMemStats(&after)
	n := float64(32 * len(set))
	// Whole numbers, as `go test -benchmem` prints them: the runtime itself allocates now and then.
	return float64(int64(float64(after.TotalAlloc-before.TotalAlloc) / n)), float64(int64(float64(after.Mallocs-before.Mallocs) / n))
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// entry of target/bench.json.
type entry struct {
	Name     string  `json:"name"`
	Unit     string  `json:"unit"`
	Ours     float64 `json:"ours"`
	Peer     float64 `json:"peer"`
	PeerName string  `json:"peer_name"`
	Ratio    float64 `json:"ratio"`
}

// merge puts the entries into the file, in place of older ones of the same names.
func merge(path string, entries []entry) error {
	var all []entry
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", path, err)
	}
	all = slices.DeleteFunc(all, func(old entry) bool {
		return slices.ContainsFunc(entries, func(e entry) bool { return e.Name == old.Name })
	})
	text, err = json.MarshalIndent(append(all, entries...), "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

func round(x float64, digits float64) float64 { return float64(int64(x*digits+0.5)) / digits }

func TestDecisionCost(t *testing.T) {
	var entries []entry
	for _, spans := range []int{1, 20} {
		ids, set := traceSet(spans)
		all := variants(t)
		byName := map[string]*variant{}
		for _, v := range all {
			byName[v.name] = v
			v.bytes, v.allocs = v.allocations(ids, set)
		}
		// A comparison is worth something only between policies that say the same.
		for i := range set {
			expected := samplingpolicy.NotSampled
			if i%slowEvery == 0 {
				expected = samplingpolicy.Sampled
			}
			for _, name := range []string{peer, "hand-written Go", ours} {
				if d, _, err := byName[name].evaluator.EvaluateWithThreshold(t.Context(), ids[i], set[i]); err != nil || d != expected {
					t.Fatalf("%s decides %v (%v) on trace %d; expected %v", name, d, err, i, expected)
				}
			}
		}
		for r := range rounds {
			for i := range all {
				v := all[(i+r)%len(all)]
				v.cost = append(v.cost, v.measure(ids, set))
			}
		}
		name := "decision/1-span"
		if spans > 1 {
			name = fmt.Sprintf("decision/%d-spans", spans)
		}
		fmt.Printf("\n%s, CPU time, medians of %d interleaved rounds\n", name, rounds)
		fmt.Printf("  %-22s %12s %10s %8s %10s\n", "policy", "ns/decision", "x "+peer, "B/op", "allocs/op")
		ratio := func(v *variant) float64 {
			ratios := make([]float64, rounds)
			for r := range rounds {
				ratios[r] = v.cost[r] / byName[peer].cost[r]
			}
			return median(ratios)
		}
		for _, v := range all {
			fmt.Printf("  %-22s %12.0f %16.2f %8.0f %10.0f\n", v.name, median(v.cost), ratio(v), v.bytes, v.allocs)
		}
		us := byName[ours]
		entries = append(entries, entry{name, "ns", round(median(us.cost), 10), round(median(byName[peer].cost), 10), peer, round(ratio(us), 1000)})
		if got := ratio(us); got > bar {
			t.Errorf("%s: %s costs %.2f of %s; the bar is %.2f", name, ours, got, peer, bar)
		}
		if us.bytes != 0 || us.allocs != 0 {
			t.Errorf("%s: %s allocates %.0f B, %.0f times a decision; expected none", name, ours, us.bytes, us.allocs)
		}
	}
	if err := merge(os.Getenv("BENCH_JSON"), entries); err != nil {
		t.Fatal(err)
	}
}
