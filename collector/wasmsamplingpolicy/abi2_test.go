package wasmsamplingpolicy

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor/pkg/samplingpolicy"
)

// description2 asks for everything that version 2 has.
const description2 = `{"abi":2,"name":"guest","version":"9","trace":["now","shard"],
	"groups":[{"names":["llm_request"],"scopes":["vllm.tracing.otel"]},
		{"at_most":2,"when":{"status":[2],"numbers":{"http.response.status_code":[[429,429],[500,599]]},"present":["error.type"]}}],
	"span":{"fields":["status"],"numbers":["gen_ai.latency.e2e","http.response.status_code"],"present":["error.type"]},
	"resource":{"strings":[["gen_ai.response.model","service.name"]]},
	"reasons":["slow","error"],"causes":["queue","prefill"]}`

// The layout of a record of description2: four slots.
const (
	spanRecord2 = spanHeader + 4*slotSize
	firstSlot2  = guestBuffer + recordHeader + spanHeader
)

// newGuest2 returns a guest of version 2 that answers with the body.
func newGuest2(body ...[]byte) guest {
	g := newGuest(body...)
	g.abi, g.describe = 2, description2
	return g
}

// why answers with everything there is to say, about span record 1.
func why() []byte {
	return slices.Concat(
		storeF64(guestBuffer+offsetValue, 12.5), storeF64(guestBuffer+offsetLimit, 10), storeF64(guestBuffer+offsetTypical, 0.5),
		storeF64(guestBuffer+offsetAdjusted, 4), store(guestBuffer+offsetCause, 2), store(guestBuffer+offsetCause+4, 1),
	)
}

// slowerThan decides by the first slot of the first span record.
func slowerThan(limit float64) []byte {
	return slices.Concat(i32const(guestBuffer+offsetAnswer),
		i32const(firstSlot2), []byte{0x2b, 3, 0, 0x44}, bytesOf(limit), []byte{0x64, 0x36, 2, 0}, // f64.load, f64.const, f64.gt, i32.store
		store(guestBuffer+offsetAnswer+4, 1), i32const(0))
}

// modelOf names the model by the last slot of the first span record, and numbers it.
func modelOf(number int32) []byte {
	return slices.Concat(store(guestBuffer+offsetModel, number),
		i32const(guestBuffer+offsetModel+4), i32const(firstSlot2+3*slotSize), []byte{0x28, 2, 0, 0x36, 2, 0},
		i32const(guestBuffer+offsetModelLen), i32const(firstSlot2+3*slotSize+4), []byte{0x28, 2, 0, 0x36, 2, 0})
}

func request(traces ptrace.Traces, id pcommon.TraceID, seconds float64, more map[string]any) ptrace.Span {
	attributes := map[string]any{"gen_ai.latency.e2e": seconds}
	for key, value := range more {
		attributes[key] = value
	}
	return addSpan(traces, id, "vllm.tracing.otel", "llm_request", attributes)
}

func parsed(t testing.TB, text string) description {
	t.Helper()
	d, err := parseDescription([]byte(text))
	require.NoError(t, err)
	return *d
}

func TestARecordOfVersion2IsLaidOutAsTheABISays(t *testing.T) {
	traces := ptrace.NewTraces()
	request(traces, traceID(0), 1.5, map[string]any{"error.type": "Timeout"}).Status().SetCode(ptrace.StatusCodeError)
	traces.ResourceSpans().At(0).Resource().Attributes().PutStr("service.name", "vllm")
	traces.ResourceSpans().At(0).Resource().Attributes().PutStr("gen_ai.response.model", "")
	addSpan(traces, traceID(0), "app", "GET", nil) // of no group
	addSpan(traces, traceID(0), "envoy", "ingress", map[string]any{"http.response.status_code": "503"})
	traces.ResourceSpans().At(2).Resource().Attributes().PutStr("gen_ai.response.model", "qwen")
	traces.ResourceSpans().At(2).Resource().Attributes().PutStr("service.name", "gateway")
	dst := bytes.Repeat([]byte{0xEE}, 1024)
	r := recorderFor(t, parsed(t, description2))
	size, ok := r.encode(dst, traceID(0), &samplingpolicy.TraceData{SpanCount: 3, ReceivedBatches: traces},
		circumstances{now: 12345, shard: 1, shards: 4, instances: 3})
	require.True(t, ok)
	const text = 128 + 2*spanRecord2
	assert.Equal(t, bytesOf(uint32(text+8), uint32(2), uint64(12345), uint32(1), uint32(4)), dst[:24])
	assert.Equal(t, bytesOf(uint32(3)), dst[44:48], "collectors")
	assert.Equal(t, bytesOf(int32(-1), make([]byte, 60)), dst[64:128], "the answer area is empty")
	header := func(span int) []byte { return dst[128+span*spanRecord2:] }
	assert.Equal(t, bytesOf(uint64(0b1101)), header(0)[:8])
	assert.Equal(t, bytesOf(uint16(2), uint16(0), 1.5, uint64(0), uint64(0), uint32(text), uint32(4)), header(0)[28:64])
	assert.Equal(t, bytesOf(uint64(0b1010)), header(1)[:8])
	assert.Equal(t, bytesOf(uint16(0), uint16(1), uint64(0), 503.0, uint64(0), uint32(text+4), uint32(4)), header(1)[28:64])
	assert.Equal(t, []byte("vllmqwen"), dst[text:size])
}

func TestASpanBelongsToTheFirstGroupThatItMatches(t *testing.T) {
	d := parsed(t, description2)
	for name, c := range map[string]struct {
		scope, span string
		attributes  map[string]any
		status      ptrace.StatusCode
		group       int // -1 = none
	}{
		"a request":                {"vllm.tracing.otel", "llm_request", nil, 0, 0},
		"a request that failed":    {"vllm.tracing.otel", "llm_request", map[string]any{"error.type": "x"}, 2, 0},
		"another's llm_request":    {"app", "llm_request", nil, 0, -1},
		"status ERROR":             {"app", "GET", nil, 2, 1},
		"status OK":                {"app", "GET", nil, 1, -1},
		"code 429":                 {"app", "GET", map[string]any{"http.response.status_code": 429}, 0, 1},
		"code 430":                 {"app", "GET", map[string]any{"http.response.status_code": 430}, 0, -1},
		"code 500":                 {"app", "GET", map[string]any{"http.response.status_code": 500}, 0, 1},
		"code 599 as a double":     {"app", "GET", map[string]any{"http.response.status_code": 599.0}, 0, 1},
		"code 600":                 {"app", "GET", map[string]any{"http.response.status_code": 600}, 0, -1},
		"code 503 as a string":     {"app", "GET", map[string]any{"http.response.status_code": "503"}, 0, 1},
		"code in words":            {"app", "GET", map[string]any{"http.response.status_code": "5xx"}, 0, -1},
		"error.type":               {"app", "GET", map[string]any{"error.type": "timeout"}, 0, 1},
		"error.type of a bool":     {"app", "GET", map[string]any{"error.type": true}, 0, 1},
		"an error's message alone": {"app", "GET", map[string]any{"error.message": "timeout"}, 0, -1},
	} {
		traces := ptrace.NewTraces()
		addSpan(traces, traceID(0), c.scope, c.span, c.attributes).Status().SetCode(c.status)
		dst := make([]byte, 1024)
		_, ok := recorderFor(t, d).encode(dst, traceID(0), &samplingpolicy.TraceData{ReceivedBatches: traces}, circumstances{})
		require.True(t, ok)
		if c.group < 0 {
			assert.Zero(t, le.Uint32(dst[offsetMatched:]), name)
			continue
		}
		assert.Equal(t, uint32(1), le.Uint32(dst[offsetMatched:]), name)
		assert.Equal(t, uint16(c.group), le.Uint16(dst[recordHeader+30:]), name)
	}
}

// aboveDescription asks for requests above either of two limits, and for no call without one.
var aboveDescription = strings.Replace(strings.Replace(description2, `{"names":["llm_request"],"scopes":["vllm.tracing.otel"]}`,
	`{"names":["llm_request"],"when":{"above":{"gen_ai.latency.e2e":120,"gen_ai.latency.time_to_first_token":0.1}}}`, 1),
	`"reasons"`, `"empty":"not_sampled","reasons"`, 1)

// The module traps when it is called, so what it is asked about is kept, and counted as a fault.
func TestAModuleIsNotAskedAboutATraceWithoutASpanAboveALimit(t *testing.T) {
	single := regexp.MustCompile(`,\s*\{"at_most".*?\}\}`).ReplaceAllString(aboveDescription, "")
	for shape, text := range map[string]string{"two groups": aboveDescription, "one group": single} {
		for name, c := range map[string]struct {
			attributes map[string]any
			asked      bool
		}{
			"below both":             {map[string]any{"gen_ai.latency.e2e": 1.0, "gen_ai.latency.time_to_first_token": 0.05}, false},
			"at the limit":           {map[string]any{"gen_ai.latency.e2e": 120.0}, false},
			"the next number":        {map[string]any{"gen_ai.latency.e2e": math.Nextafter(120, 200)}, true},
			"the other limit":        {map[string]any{"gen_ai.latency.e2e": 1.0, "gen_ai.latency.time_to_first_token": 0.11}, true},
			"as an integer":          {map[string]any{"gen_ai.latency.e2e": 121}, true},
			"as a text":              {map[string]any{"gen_ai.latency.e2e": "120.5"}, true},
			"as a text below":        {map[string]any{"gen_ai.latency.e2e": "119"}, false},
			"as words":               {map[string]any{"gen_ai.latency.e2e": "long"}, false},
			"not a number":           {map[string]any{"gen_ai.latency.e2e": math.NaN()}, false},
			"infinite":               {map[string]any{"gen_ai.latency.e2e": math.Inf(1)}, true},
			"infinite, but negative": {map[string]any{"gen_ai.latency.e2e": math.Inf(-1)}, false},
			"absent":                 {nil, false},
		} {
			t.Run(fmt.Sprint(shape, "/", name), func(t *testing.T) {
				g := newGuest2([]byte{opUnreachable})
				g.describe = text
				p, err := started(t, g.install(t), componenttest.NewNopTelemetrySettings()).NewEvaluator("p", nil)
				require.NoError(t, err)
				v := p.(*evaluator)
				traces := ptrace.NewTraces()
				addSpan(traces, traceID(1), "app", "llm_requests", map[string]any{"gen_ai.latency.e2e": 1000.0})
				addSpan(traces, traceID(1), "app", "llm_request", c.attributes)
				decision, err := v.Evaluate(t.Context(), traceID(1), &samplingpolicy.TraceData{SpanCount: 2, ReceivedBatches: traces})
				require.NoError(t, err)
				if c.asked {
					assert.Equal(t, samplingpolicy.Sampled, decision)
					assert.Equal(t, uint64(1), v.tally.faults[causeTrap].Load())
					assert.Zero(t, v.tally.row.count(outcomeNotSampled, 0))
				} else {
					assert.Equal(t, samplingpolicy.NotSampled, decision)
					assert.Zero(t, v.tally.faults[causeTrap].Load())
					assert.Equal(t, uint64(1), v.tally.row.count(outcomeNotSampled, 0))
				}
			})
		}
	}
}

func TestAStormOfFailingSpansFillsNoBuffer(t *testing.T) {
	traces := ptrace.NewTraces()
	for range 10_000 {
		addSpan(traces, traceID(0), "app", "GET", map[string]any{"error.type": "x"})
	}
	request(traces, traceID(0), 1, nil)
	dst := make([]byte, 1024)
	_, ok := recorderFor(t, parsed(t, description2)).encode(dst, traceID(0), &samplingpolicy.TraceData{ReceivedBatches: traces}, circumstances{})
	require.True(t, ok)
	assert.Equal(t, uint32(3), le.Uint32(dst[offsetMatched:]), "at_most 2, and the request behind them")
	assert.Equal(t, uint16(0), le.Uint16(dst[recordHeader+2*spanRecord2+30:]))
}

func TestATextThatIsADecimalNumberCountsAsOne(t *testing.T) {
	for text, expected := range map[string]float64{"503": 503, "-12.5": -12.5, "0.25": 0.25, ".5": 0.5, "007": 7} {
		number, ok := decimal(text)
		assert.True(t, ok, text)
		assert.Equal(t, expected, number, text)
	}
	for _, text := range []string{"", "-", ".", "1.2.3", "1e3", "0x10", "inf", "NaN", "1_000", " 5", "5 ", "+5", "５", strings.Repeat("1", 33)} {
		_, ok := decimal(text)
		assert.False(t, ok, text)
	}
	_, ok := numberIn(pcommon.NewValueStr("5"), false)
	assert.False(t, ok, "but not in version 1")
}

// What a sender may forge: on the request, on other spans, on scope and resource.
func forge(traces ptrace.Traces) {
	for _, rs := range traces.ResourceSpans().All() {
		rs.Resource().Attributes().PutStr(stampReason, "forged")
		for _, ss := range rs.ScopeSpans().All() {
			ss.Scope().Attributes().PutBool("vllm.sampling.anything", true)
			for _, span := range ss.Spans().All() {
				span.Attributes().PutInt(stampValue, 1)
				span.Attributes().PutStr(stampCause, "forged")
				span.Attributes().PutBool(stampLate, true)
			}
		}
	}
}

// stamps lists the attributes under the prefix, by place.
func stampsIn(traces ...ptrace.Traces) map[string]map[string]any {
	found := map[string]map[string]any{}
	note := func(place string, attributes pcommon.Map) {
		for key, value := range attributes.All() {
			if strings.HasPrefix(key, stampPrefix) {
				if found[place] == nil {
					found[place] = map[string]any{}
				}
				found[place][key] = value.AsRaw()
			}
		}
	}
	for _, batch := range traces {
		for _, rs := range batch.ResourceSpans().All() {
			note("resource", rs.Resource().Attributes())
			for _, ss := range rs.ScopeSpans().All() {
				note("scope", ss.Scope().Attributes())
				for _, span := range ss.Spans().All() {
					note(span.Name()+" "+span.SpanID().String(), span.Attributes())
				}
			}
		}
	}
	return found
}

func TestAKeptSpanSaysWhyAndNothingForgedIsLeft(t *testing.T) {
	whole := map[string]any{
		stampReason: "slow", stampValue: 12.5, stampLimit: 10.0, stampTypical: 0.5, stampCause: "prefill", stampAdjustedCount: 4.0,
	}
	for name, c := range map[string]struct {
		body     [][]byte
		spoil    func(*Config)
		expected map[string]map[string]any
	}{
		"the first span":        {[][]byte{why(), answer(1, 1)}, nil, map[string]map[string]any{"llm_request 0100000000000000": whole}},
		"the second span":       {[][]byte{why(), store(guestBuffer+offsetCause+4, 2), answer(1, 1)}, nil, map[string]map[string]any{"llm_request 0200000000000000": whole}},
		"the failing span":      {[][]byte{store(guestBuffer+offsetCause+4, 3), answer(1, 2)}, nil, map[string]map[string]any{"GET 0300000000000000": {stampReason: "error"}}},
		"no span named":         {[][]byte{answer(1, 1)}, nil, map[string]map[string]any{}},
		"no reason":             {[][]byte{why(), answer(1, 0)}, nil, map[string]map[string]any{}},
		"no finite number":      {[][]byte{why(), storeF64(guestBuffer+offsetValue, math.Inf(1)), storeF64(guestBuffer+offsetTypical, math.NaN()), answer(1, 1)}, nil, map[string]map[string]any{"llm_request 0100000000000000": {stampReason: "slow", stampLimit: 10.0, stampCause: "prefill", stampAdjustedCount: 4.0}}},
		"a negative count":      {[][]byte{why(), storeF64(guestBuffer+offsetAdjusted, -4), answer(1, 1)}, nil, map[string]map[string]any{"llm_request 0100000000000000": {stampReason: "slow", stampValue: 12.5, stampLimit: 10.0, stampTypical: 0.5, stampCause: "prefill"}}},
		"stamps are off":        {[][]byte{why(), answer(1, 1)}, func(c *Config) { c.Stamp = false }, map[string]map[string]any{}},
		"kept for a fault":      {[][]byte{why(), {opUnreachable}}, nil, map[string]map[string]any{}},
		"kept for a bad answer": {[][]byte{why(), store(guestBuffer+offsetCause+4, 4), answer(1, 1)}, nil, map[string]map[string]any{}},
	} {
		for _, strategy := range []SamplingStrategy{TraceComplete, SpanIngest} {
			t.Run(fmt.Sprint(name, "/", strategy), func(t *testing.T) {
				cfg := newGuest2(c.body...).install(t)
				cfg.SamplingStrategy = strategy
				if c.spoil != nil {
					c.spoil(cfg)
				}
				// One resource, since with span-ingest each resource of a batch is decided on by itself.
				in := ptrace.NewTraces()
				request(in, traceID(1), 1, nil).SetSpanID(pcommon.SpanID{1})
				spans := in.ResourceSpans().At(0).ScopeSpans().At(0).Spans()
				second := spans.AppendEmpty()
				spans.At(0).CopyTo(second)
				second.SetSpanID(pcommon.SpanID{2})
				app := in.ResourceSpans().At(0).ScopeSpans().AppendEmpty().Spans().AppendEmpty()
				app.SetName("GET")
				app.SetTraceID(traceID(1))
				app.SetSpanID(pcommon.SpanID{3})
				app.Status().SetCode(ptrace.StatusCodeError)
				forge(in)

				// A second pipeline has the same data, which is therefore read-only.
				before, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(in)
				require.NoError(t, err)
				in.MarkReadOnly()
				p, _, sink := processorWith(t, cfg, 1, nil)
				require.NoError(t, p.ConsumeTraces(t.Context(), in))
				require.NoError(t, p.Shutdown(t.Context()))
				require.Equal(t, 3, sink.SpanCount())
				assert.Equal(t, c.expected, stampsIn(sink.AllTraces()...))
				after, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(in)
				require.NoError(t, err)
				assert.Equal(t, before, after, "the other pipeline's data is as it was")
			})
		}
	}
}

func TestOfTwoPoliciesThatKeepATraceTheFirstWrites(t *testing.T) {
	e := started(t, newGuest2(why(), answer(1, 1)).install(t), componenttest.NewNopTelemetrySettings())
	traces := ptrace.NewTraces()
	request(traces, traceID(1), 1, nil)
	forge(traces)
	trace := &samplingpolicy.TraceData{SpanCount: 1, ReceivedBatches: traces}
	other := newGuest2(answer(1, 2)).install(t)
	second := started(t, other, componenttest.NewNopTelemetrySettings())
	for _, ext := range []*Extension{e, second} {
		v, err := ext.NewEvaluator("p", nil)
		require.NoError(t, err)
		decisions(t, v.(*evaluator), 0, samplingpolicy.Sampled)
		decision, err := v.Evaluate(t.Context(), traceID(1), trace)
		require.NoError(t, err)
		require.Equal(t, samplingpolicy.Sampled, decision)
	}
	assert.Equal(t, "slow", stampsIn(traces)["llm_request "][stampReason])
}

// The agent of the field: fast calls, then a slow one after all that waited is gone, in one trace.
func TestALateTraceIsMarkedAndNoOther(t *testing.T) {
	cfg := newGuest2(why(), slowerThan(10)).install(t)
	cfg.SamplingStrategy = SpanIngest
	p, tel, sink := measuredProcessor(t, cfg)
	batch := func(seconds float64, ids ...uint64) {
		for _, id := range ids {
			traces := ptrace.NewTraces()
			request(traces, traceID(id), seconds, nil)
			require.NoError(t, p.ConsumeTraces(t.Context(), traces))
		}
	}
	batch(1, 1, 2) // 1 and 2 begin fast
	batch(45, 2)   // 2 is kept while it waits, with what waited: not late
	batch(1, 3)    // 3 begins fast, and goes on after
	require.Eventually(t, func() bool { return sink.SpanCount() == 2 }, 10*time.Second, 5*time.Millisecond)
	// The wait of 1 and 3 is over once the processor has decided on two traces without their being kept.
	require.Eventually(t, func() bool { return forgotten(t, tel) == 2 }, 10*time.Second, 5*time.Millisecond)
	batch(45, 1, 4) // 1 is late now, 4 is new
	require.NoError(t, p.Shutdown(t.Context()))
	marked := map[pcommon.TraceID]bool{}
	for _, traces := range sink.AllTraces() {
		for _, rs := range traces.ResourceSpans().All() {
			span := rs.ScopeSpans().At(0).Spans().At(0)
			if _, stamped := span.Attributes().Get(stampReason); stamped {
				_, late := span.Attributes().Get(stampLate)
				marked[span.TraceID()] = late
			}
		}
	}
	assert.Equal(t, map[pcommon.TraceID]bool{traceID(1): true, traceID(2): false, traceID(4): false}, marked)
}

func TestLatenessByTheCountOfWhatWaits(t *testing.T) {
	type step struct {
		id      uint64
		waiting int64 // spans of the trace that wait beside the one shown
		kept    bool
		late    bool
	}
	l := newLateness(true)
	for i, s := range []step{
		{1, 0, false, false}, {1, 1, false, false}, {1, 2, false, false}, // one wait
		{1, 0, false, true}, {1, 1, true, true}, // a second one: late until kept
		{1, 0, false, false}, // what was kept is forgotten
		{2, 0, true, false}, {3, 0, false, false}, {3, 0, false, true},
		{4, 7, false, false}, // seen only while it waits: forgotten, or other policies kept it
		{4, 0, false, true},
		{math.MaxUint64, 0, false, false}, // an id of zeros
	} {
		trace := vllmTrace(traceID(s.id), healthy...)
		trace.SpanCount += s.waiting
		require.Equal(t, s.late, l.observe(traceID(s.id), trace), "step %d", i)
		if s.kept {
			l.kept(traceID(s.id))
		}
	}
}

func TestAStatefulPolicyIsNoneWithSpanIngest(t *testing.T) {
	learns := newGuest2(answer(0, 0))
	learns.describe = strings.Replace(description2, `"trace":["now","shard"]`, `"trace":[]`, 1)
	learns.stateSize = 8
	alone := learns
	alone.stateSize = 0
	for name, c := range map[string]struct {
		guest    guest
		stateful bool
	}{"a budget": {newGuest2(answer(0, 0)), true}, "a state": {learns, true}, "neither": {alone, false}} {
		cfg := c.guest.install(t)
		assert.Equal(t, c.stateful, evaluatorOf(t, cfg).IsStateful(), name)
		cfg.SamplingStrategy = SpanIngest
		assert.False(t, evaluatorOf(t, cfg).IsStateful(), name)
		p, _, _ := processorWith(t, cfg, 2, nil) // starts
		require.NoError(t, p.Shutdown(t.Context()))
	}
}

// counting is a guest that counts its calls in its state, and gives the count as the value.
func counting() guest {
	g := newGuest2(
		i32const(guestState), i32const(guestState), []byte{0x28, 2, 0}, i32const(1), []byte{0x6a, 0x36, 2, 0}, // state += 1
		i32const(guestBuffer+offsetValue), i32const(guestState), []byte{0x28, 2, 0, 0xb8, 0x39, 3, 0}, // value = state
		store(guestBuffer+offsetCause+4, 1), answer(1, 1))
	g.stateSize = 8
	return g
}

func learntBy(t *testing.T, v *evaluator) (calls float64) {
	t.Helper()
	traces := ptrace.NewTraces()
	request(traces, traceID(1), 1, nil)
	_, err := v.Evaluate(t.Context(), traceID(1), &samplingpolicy.TraceData{SpanCount: 1, ReceivedBatches: traces})
	require.NoError(t, err)
	calls, _ = stampsIn(traces)["llm_request "][stampValue].(float64)
	return calls
}

func TestWhatWasLearntSurvivesAReloadAndNotATrap(t *testing.T) {
	cfg := counting().install(t)
	cfg.SettingsFile = t.TempDir() + "/settings.json"
	write := func(text string) { require.NoError(t, os.WriteFile(cfg.SettingsFile, []byte(text), 0o600)) }
	write(`{"a": 1}`)
	v := evaluatorOf(t, cfg)
	assert.Equal(t, []float64{1, 2, 3}, []float64{learntBy(t, v), learntBy(t, v), learntBy(t, v)})
	before := v.in
	write(`{"a": 2}`)
	v.ext.pollSettings()
	write(`{"a": 3}`)
	v.ext.pollSettings() // twice before the next trace
	assert.Equal(t, 4.0, learntBy(t, v), "goes on where it was")
	require.NotSame(t, before, v.in)
	write(`{"a": `) // cut
	v.ext.pollSettings()
	assert.Equal(t, 5.0, learntBy(t, v), "a bad file changes nothing")
	v.trap(errors.New("a trap"), vllmTrace(traceID(1)))
	assert.Equal(t, 1.0, learntBy(t, v), "a trap starts empty")
}

func TestGaugesShowWhatEachShardHasLearnt(t *testing.T) {
	g := counting()
	g.describe = strings.Replace(description2, `"causes"`, `"gauges":[
		{"name":"learned_limit","unit":"s","shards":"max"},{"name":"observations","unit":"1","shards":"sum"}],"causes"`, 1)
	g.report = `{"gauges":[{"name":"learned_limit","labels":{"model":"m"},"value":0},{"name":"observations","labels":{"policy":"forged"},"value":0},{"name":"unknown","value":1}]}`
	for i, c := range []byte(g.report) { // each value becomes the count, a digit
		if strings.HasPrefix(g.report[i:], "0}") {
			g.reporting = slices.Concat(g.reporting, i32const(guestReport+int32(i)),
				i32const(guestState), []byte{0x28, 2, 0}, i32const(int32(c)), []byte{0x6a, 0x3a, 0, 0}) // i32.store8
		}
	}
	tel := componenttest.NewTelemetry()
	e := started(t, g.install(t), tel.NewTelemetrySettings())
	for calls := range 2 { // two shards
		v, err := e.NewEvaluator("p", nil)
		require.NoError(t, err)
		for range 3 + calls {
			learntBy(t, v.(*evaluator))
		}
	}
	gauges := func() map[string]float64 {
		values := map[string]float64{}
		for _, name := range []string{"learned_limit", "observations", "unknown"} {
			m, err := tel.GetMetric("otelcol_wasm_sampling_policy_" + name)
			if err != nil {
				continue
			}
			for _, point := range m.Data.(metricdata.Gauge[float64]).DataPoints {
				values[name+" "+point.Attributes.Encoded(attributeEncoder)] = point.Value
			}
		}
		return values
	}
	assert.Empty(t, gauges(), "a first reading asks for the states")
	for _, v := range e.evaluators() {
		learntBy(t, v)
	}
	expected := map[string]float64{"learned_limit model=m,policy=p": 4, "observations policy=p": 7}
	assert.Equal(t, expected, gauges(), "as they were when asked for")
	instances := e.module.instances.Load()
	assert.Equal(t, expected, gauges(), "nothing came since")
	assert.Equal(t, instances, e.module.instances.Load(), "one instance reports again and again")
}

func TestDecisionsAreCountedByModel(t *testing.T) {
	g := newGuest2(modelOf(1), answer(0, 2))
	v := evaluatorOf(t, g.install(t))
	decide := func(model string) {
		traces := ptrace.NewTraces()
		request(traces, traceID(1), 1, nil)
		traces.ResourceSpans().At(0).Resource().Attributes().PutStr("service.name", model)
		_, err := v.Evaluate(t.Context(), traceID(1), &samplingpolicy.TraceData{SpanCount: 1, ReceivedBatches: traces})
		require.NoError(t, err)
	}
	decide("qwen")
	decide("not read: the number is known")
	assert.Equal(t, uint64(2), v.tally.byName["qwen"].count(outcomeLimited, 2), "a reason without a decision to keep is limited")
	for i := range 100 {
		v.tally.forgetNumbers() // as a new instance would
		decide(fmt.Sprintf("model-%d\n%s", i, strings.Repeat("x", 200)))
	}
	assert.Len(t, v.tally.byName, maxModels+1)
	assert.Equal(t, uint64(100-63), v.tally.byName[otherModel].count(outcomeLimited, 2))
	for name := range v.tally.byName {
		assert.LessOrEqual(t, len(name), maxModelName)
		assert.NotContains(t, name, "\n")
	}
}

func TestAnAnswerOutOfRangeIsAFault(t *testing.T) {
	for name, body := range map[string][]byte{
		"cause 3 of 2":         slices.Concat(store(guestBuffer+offsetCause, 3), answer(1, 1)),
		"cause -1":             slices.Concat(store(guestBuffer+offsetCause, -1), answer(1, 1)),
		"span 2 of 1":          slices.Concat(store(guestBuffer+offsetCause+4, 2), answer(1, 1)),
		"model 66":             slices.Concat(store(guestBuffer+offsetModel, 66), answer(0, 0)),
		"model -1":             slices.Concat(store(guestBuffer+offsetModel, -1), answer(0, 0)),
		"name behind record":   slices.Concat(store(guestBuffer+offsetModel, 1), store(guestBuffer+offsetModel+4, 200), store(guestBuffer+offsetModelLen, 200), answer(0, 0)),
		"name wraps round":     slices.Concat(store(guestBuffer+offsetModel, 1), store(guestBuffer+offsetModel+4, -1), store(guestBuffer+offsetModelLen, 2), answer(0, 0)),
		"name of 4 GiB":        slices.Concat(store(guestBuffer+offsetModel, 1), store(guestBuffer+offsetModelLen, -1), answer(0, 0)),
		"span of a fault kept": slices.Concat(store(guestBuffer+offsetCause+4, -1), answer(1, 0)),
	} {
		v := evaluatorOf(t, newGuest2(body).install(t))
		decisions(t, v, 2, samplingpolicy.Sampled)
		assert.Equal(t, uint64(2), v.tally.faults[causeBadAnswer].Load(), name)
	}
}

func TestVersion2IsConfiguredFirstAndDescribesItselfBySettings(t *testing.T) {
	for name, c := range map[string]struct {
		change   func(*guest)
		expected string
	}{
		"state outside":     {func(g *guest) { g.stateSize = 65536 }, "tsp_state_size: found 65536"},
		"gauges, no state":  {func(g *guest) { g.describe = withGauges; g.report = "{}" }, "gauges: found without a tsp_state"},
		"gauges, no report": {func(g *guest) { g.describe = withGauges; g.stateSize = 8 }, `no export "report"`},
		"ABI of describe":   {func(g *guest) { g.describe = plainDescription }, "abi: found 1; expected 2"},
		"no group":          {func(g *guest) { g.describe = `{"abi":2}` }, "groups: found 0; expected 1 to 16"},
		"small buffer":      {func(g *guest) { g.capacity = recordHeader - 8 }, "expected 128 or more"},
		"settings first":    {func(g *guest) { g.refuse, g.describe = "no such setting", "nonsense" }, "configure: no such setting"},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGuest2(answer(0, 0))
			c.change(&g)
			err := newExtension(g.install(t), componenttest.NewNopTelemetrySettings()).Start(t.Context(), nil)
			require.ErrorContains(t, err, c.expected)
		})
	}
}

var withGauges = strings.Replace(description2, `"causes"`, `"gauges":[{"name":"g","shards":"max"}],"causes"`, 1)

func TestADescriptionOfVersion2IsReadStrictly(t *testing.T) {
	swap := func(old, new string) string {
		require.Contains(t, withGauges, old)
		return strings.Replace(withGauges, old, new, 1)
	}
	for name, c := range map[string]struct{ text, expected string }{
		"a key of version 1":   {swap(`"span":{`, `"span":{"names":["x"],`), "names"},
		"an empty condition":   {swap(`"status":[2],"numbers":{"http.response.status_code":[[429,429],[500,599]]},"present":["error.type"]`, ``), "groups[1].when: found no part"},
		"an unknown condition": {swap(`"status":[2]`, `"state":[2]`), "state"},
		"17 groups":            {swap(`"groups":[`, `"groups":[`+strings.Repeat("{},", 15)), "groups: found 17"},
		"no alternative":       {swap(`["gen_ai.response.model","service.name"]`, `[]`), "resource.strings: found an empty list"},
		"a cause twice":        {swap(`["queue","prefill"]`, `["queue","queue"]`), `"queue" twice`},
		"gauge name":           {swap(`"name":"g"`, `"name":"G"`), `gauges: found the name "G"`},
		"the collector's own":  {swap(`"name":"g"`, `"name":"faults"`), `gauges: found the name "faults"`},
		"shards":               {swap(`"shards":"max"`, `"shards":"avg"`), `shards: found "avg"`},
	} {
		_, err := parseDescription([]byte(c.text))
		require.ErrorContains(t, err, c.expected, name)
	}
	_, err := parseDescription([]byte(withGauges))
	require.NoError(t, err)
}

func TestEvaluateAllocatesNothingWithAllOfVersion2(t *testing.T) {
	g := newGuest2(modelOf(1), why(), slowerThan(10))
	g.stateSize = 8
	cfg := g.install(t)
	cfg.SamplingStrategy = SpanIngest
	v := evaluatorOf(t, cfg)
	traces := ptrace.NewTraces()
	request(traces, traceID(1), 1, nil)
	for range 5 {
		addSpan(traces, traceID(1), "envoy", "ingress", map[string]any{"http.response.status_code": "503", "error.type": "x"})
		traces.ResourceSpans().At(traces.ResourceSpans().Len()-1).Resource().Attributes().PutStr("service.name", "gateway")
	}
	traces.ResourceSpans().At(0).Resource().Attributes().PutStr("service.name", "vllm")
	trace, ctx := &samplingpolicy.TraceData{SpanCount: 6, ReceivedBatches: traces}, t.Context()
	decision, err := v.Evaluate(ctx, traceID(1), trace)
	require.NoError(t, err)
	require.Equal(t, samplingpolicy.NotSampled, decision)
	assert.Zero(t, testing.AllocsPerRun(1000, func() { _, _ = v.Evaluate(ctx, traceID(1), trace) }))
}

func TestSettingsThatChangeTheAnswersAreRefused(t *testing.T) {
	a, b := parsed(t, withGauges), parsed(t, withGauges)
	require.True(t, a.sameAnswers(&b))
	b.Trace, b.Groups = nil, anySpan
	assert.True(t, a.sameAnswers(&b), "wishes may follow the settings")
	for _, change := range []func(*description){
		func(d *description) { d.Reasons = []string{"slow"} }, func(d *description) { d.Causes = nil },
		func(d *description) { d.Gauges = nil }, func(d *description) { d.Name = "x" },
	} {
		b := parsed(t, withGauges)
		change(&b)
		assert.False(t, a.sameAnswers(&b))
	}
}
