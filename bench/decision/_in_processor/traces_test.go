package tailsamplingprocessor

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor/pkg/samplingpolicy"
)

// slowEvery: one trace in a hundred is slow, as in a healthy fleet.
const slowEvery = 100

// shape is a kind of trace.
type shape struct {
	name     string
	traces   int // in the set
	requests int // vLLM's request spans in a trace; where it is slow, the last one is
	others   int // spans of the application around them

	// everything that the policy can do is on; else the limits alone.
	everything bool
	models     int // that the traces are of, in turn; 0 is 1
	allSlow    bool
}

var shapes = []shape{
	{name: "decision/1-span", traces: 128, requests: 1},
	{name: "decision/20-spans", traces: 128, requests: 20},
	{name: "decision/1-of-20-spans", traces: 128, requests: 1, others: 19},
	// An agent's day in one trace: the guest's loop, and with it the fuel, is what counts here.
	{name: "decision/2000-spans", traces: 4, requests: 2000},
	{name: "kept/1-span", traces: 128, requests: 1, allSlow: true},
	{name: "everything/1-span", traces: 128, requests: 1, everything: true},
	{name: "everything/1-span-of-40-models", traces: 128, requests: 1, everything: true, models: 40},
	{name: "everything/20-spans", traces: 128, requests: 20, everything: true},
	{name: "everything/1-of-20-spans", traces: 128, requests: 1, others: 19, everything: true},
}

// isSlow tells whether a trace of the set is slow.
func (s shape) isSlow(trace int) bool { return s.allSlow || trace%slowEvery == 0 }

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

func (s shape) set() ([]pcommon.TraceID, []*samplingpolicy.TraceData) {
	rng := rand.New(rand.NewPCG(1, 2))
	ids, set := make([]pcommon.TraceID, s.traces), make([]*samplingpolicy.TraceData, s.traces)
	for i := range s.traces {
		binary.BigEndian.PutUint64(ids[i][:], uint64(i+1))
		td := ptrace.NewTraces()
		rs := td.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutStr("service.name", "vllm")
		if s.everything { // as the chart gives it to vLLM
			rs.Resource().Attributes().PutStr("gen_ai.response.model", fmt.Sprintf("model-%d", i%max(s.models, 1)))
		}
		around := rs.ScopeSpans().AppendEmpty()
		around.Scope().SetName("opentelemetry.instrumentation.fastapi")
		for range s.others {
			span := around.Spans().AppendEmpty()
			span.SetTraceID(ids[i])
			span.SetName("POST /v1/chat/completions")
			span.Attributes().PutStr("http.request.method", "POST")
		}
		ss := rs.ScopeSpans().AppendEmpty()
		ss.Scope().SetName("vllm.tracing.otel")
		for j := range s.requests {
			vllmSpan(ss.Spans().AppendEmpty(), ids[i], s.isSlow(i) && j == s.requests-1, rng)
		}
		set[i] = &samplingpolicy.TraceData{SpanCount: int64(s.requests + s.others), ReceivedBatches: td}
	}
	return ids, set
}
