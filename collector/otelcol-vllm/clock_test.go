package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/collector/confmap"
	yamlprovider "go.opentelemetry.io/collector/confmap/provider/yamlprovider"
	"go.opentelemetry.io/collector/otelcol"

	"github.com/vllm-monitoring/vllm-monitoring/collector/wasmsamplingpolicy"
)

// The whole collector, as the chart configures its sampling, with a clock that policies are given: half an hour of
// usual requests, then values that none can have, 2,000 names of models, and a clock that steps back an hour.
const config = `
extensions:
  wasm_sampling_policy:
    path: %s
    sha256: %s
    sampling_strategy: span-ingest
    settings: {e2e_latency: "off", time_to_first_token: 60s, decode_time: "off", slowest: {}}
receivers:
  otlp: {protocols: {http: {endpoint: "127.0.0.1:%d"}}}
processors:
  tail_sampling:
    sampling_strategy: span-ingest
    decision_wait: 1s
    num_traces: 100000
    decision_cache: {sampled_cache_size: 100000, non_sampled_cache_size: 0}
    policies: [{name: vllm, type: wasm_sampling_policy, wasm_sampling_policy: {}}]
exporters:
  file: {path: %q}
service:
  extensions: [wasm_sampling_policy]
  telemetry:
    logs: {level: error}
    metrics: {readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: %d}}}}]}
  pipelines:
    traces: {receivers: [otlp], processors: [tail_sampling], exporters: [file]}
`

const (
	policy = "../../chart/files/sampling-policy.wasm.gz"
	hash   = "../../chart/files/sampling-policy.sha256"
)

// collector is the running one, with a clock that the test sets.
type collector struct {
	*testing.T
	offset  atomic.Int64 // nanoseconds from the real time
	otlp    string
	metrics string
	sent    uint64
	spans   []any // not sent yet
}

func (c *collector) now() time.Time { return time.Now().Add(time.Duration(c.offset.Load())) }

func (c *collector) pass(d time.Duration) { c.offset.Add(int64(d)) }

// request adds a span of vLLM's: seconds to the first token, in the queue, in prefill and in decode, as JSON has
// them, and tokens of the answer. It returns the trace's id.
func (c *collector) request(model string, first, queue, prefill, decode, completion any) string {
	c.sent++
	id := fmt.Sprintf("%016x%016x", c.sent, c.sent*0x9E3779B97F4A7C15)
	attribute := func(key, kind string, value any) any {
		return map[string]any{"key": key, "value": map[string]any{kind: value}}
	}
	span := map[string]any{
		"traceId": id, "spanId": fmt.Sprintf("%016x", c.sent), "name": "llm_request",
		"startTimeUnixNano": "1", "endTimeUnixNano": "2",
		"attributes": []any{
			attribute("gen_ai.latency.time_to_first_token", "doubleValue", first),
			attribute("gen_ai.latency.time_in_queue", "doubleValue", queue),
			attribute("gen_ai.latency.time_in_model_prefill", "doubleValue", prefill),
			attribute("gen_ai.latency.time_in_model_decode", "doubleValue", decode),
			attribute("gen_ai.usage.prompt_tokens", "intValue", "100"),
			attribute("gen_ai.usage.completion_tokens", "doubleValue", completion),
		},
	}
	c.spans = append(c.spans, map[string]any{
		"resource":   map[string]any{"attributes": []any{attribute("service.name", "stringValue", model)}},
		"scopeSpans": []any{map[string]any{"scope": map[string]any{"name": "vllm.tracing.otel"}, "spans": []any{span}}},
	})
	return id
}

// send sends what was added. The answer comes when tail_sampling has it; see settled.
func (c *collector) send() {
	c.Helper()
	body, err := json.Marshal(map[string]any{"resourceSpans": c.spans})
	if err != nil {
		c.Fatal(err)
	}
	answer, err := http.Post(c.otlp, "application/json", bytes.NewReader(body))
	if err != nil {
		c.Fatal(err)
	}
	text, _ := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK || strings.Contains(string(text), "rejected") {
		c.Fatalf("%s: %s", answer.Status, text)
	}
	c.spans = nil
	c.settled()
}

// scrape reads the collector's own metrics: the value of each series of a name.
func (c *collector) scrape(name string) map[string]float64 {
	c.Helper()
	answer, err := http.Get(c.metrics)
	if err != nil {
		c.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		c.Fatal(err)
	}
	series := map[string]float64{}
	for _, found := range regexp.MustCompile(`(?m)^`+name+`(?:_total|_seconds)?\{(.*)\} (\S+)$`).FindAllStringSubmatch(string(text), -1) {
		if series[found[1]], err = strconv.ParseFloat(found[2], 64); err != nil {
			c.Fatal(err)
		}
	}
	return series
}

// settled waits until all that was sent is decided, so that the clock may be set.
func (c *collector) settled() {
	c.Helper()
	await(c.T, "decisions", func() bool {
		decided := 0.0
		for _, name := range []string{"decisions", "faults"} {
			for _, n := range c.scrape("otelcol_wasm_sampling_policy_" + name) {
				decided += n
			}
		}
		return decided >= float64(c.sent)
	})
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for until := time.Now().Add(time.Minute); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("no %s within a minute", what)
		}
	}
}

// usual sends so many minutes of usual requests, one a second.
func (c *collector) usual(random *rand.Rand, minutes int) {
	c.Helper()
	for range minutes {
		for range 60 {
			first := 0.3 * math.Exp(0.2*random.NormFloat64())
			c.request("sound", first, 0.01, first/2, math.Exp(0.1*random.NormFloat64()), 50)
		}
		c.send()
		c.pass(time.Minute)
	}
}

// learnt gives the limits of the model that sends usual requests. A reading shows what the one before asked for.
func (c *collector) learnt() map[string]float64 {
	c.Helper()
	limits := map[string]float64{}
	for range 2 {
		c.request("sound", 0.3, 0.01, 0.15, 1, 50)
		c.send()
		for labels, limit := range c.scrape("otelcol_wasm_sampling_policy_learned_limit") {
			if strings.Contains(labels, `model="sound"`) {
				limits[labels] = limit
			}
		}
	}
	return limits
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func TestAClockThatStepsBackAnHourAndGarbageMoveNoLearntLimit(t *testing.T) {
	sum, err := os.ReadFile(hash)
	if err != nil {
		t.Fatal(err)
	}
	path, err := filepath.Abs(policy)
	if err != nil {
		t.Fatal(err)
	}
	c := &collector{T: t}
	otlp, metrics, kept := freePort(t), freePort(t), filepath.Join(t.TempDir(), "kept.jsonl")
	c.otlp = fmt.Sprintf("http://127.0.0.1:%d/v1/traces", otlp)
	c.metrics = fmt.Sprintf("http://127.0.0.1:%d/metrics", metrics)
	text := fmt.Sprintf(config, path, strings.TrimSpace(string(sum)), otlp, kept, metrics)
	service, err := otelcol.NewCollector(otelcol.CollectorSettings{
		Factories: func() (otelcol.Factories, error) {
			all, err := components()
			factory := wasmsamplingpolicy.NewFactoryWithClock(c.now)
			all.Extensions[factory.Type()] = factory
			return all, err
		},
		ConfigProviderSettings: otelcol.ConfigProviderSettings{ResolverSettings: confmap.ResolverSettings{
			URIs: []string{"yaml:" + text}, ProviderFactories: []confmap.ProviderFactory{yamlprovider.NewFactory()},
		}},
		DisableGracefulShutdown: true, // signals are the test program's
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- service.Run(context.Background()) }()
	await(t, "start", func() bool {
		select {
		case err := <-ended:
			t.Fatal(err)
		default:
		}
		return service.GetState() == otelcol.StateRunning
	})

	random := rand.New(rand.NewPCG(9, 9))
	c.usual(random, 30)
	before := c.learnt()
	if len(before) != 2 {
		t.Fatalf("learnt: found %v; expected a limit of the first token and one of the output", before)
	}
	odd := []any{"NaN", "Infinity", "-Infinity", -5e5, 5e5, -3, 1e300}
	number := func() any { return odd[random.IntN(len(odd))] }
	for batch := range 10 {
		for i := range 200 {
			c.request("sound", number(), number(), number(), number(), number())
			c.request("sound", 80, -5e5, 5e5, -1, 0)
			c.request(fmt.Sprintf("model-%d", 200*batch+i), 0.3, 0.01, 0.15, 1, 50)
		}
		c.send()
		c.pass(10 * time.Second)
	}
	c.pass(-time.Hour)
	c.usual(random, 2)
	after := c.learnt()
	if len(after) != len(before) {
		t.Fatalf("learnt: found %v; expected the limits of %v", after, before)
	}
	for labels, limit := range before {
		if off := math.Abs(after[labels]/limit - 1); off >= 0.0625 {
			t.Errorf("%s: %g, then %g: expected less than a bucket", labels, limit, after[labels])
		}
	}
	// No fault: neither a trap at the limit of memory (4 MiB) nor an answer out of range.
	for labels, n := range c.scrape("otelcol_wasm_sampling_policy_faults") {
		if n != 0 {
			t.Errorf("faults: %s: %g", labels, n)
		}
	}
	slow := c.request("sound", 5, 4.9, 0.1, 1, 50)
	c.send()
	service.Shutdown()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(written, []byte(slow)) {
		t.Error("the slow request after all this is not kept")
	}
}
