package wasmsamplingpolicy

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor/pkg/samplingpolicy"
)

// bytesOf writes the values one after the other, little-endian, as ABI.md lays them out.
func bytesOf(values ...any) []byte {
	var b bytes.Buffer
	for _, v := range values {
		if s, ok := v.(string); ok {
			v = []byte(s)
		}
		if err := binary.Write(&b, binary.LittleEndian, v); err != nil {
			panic(err)
		}
	}
	return b.Bytes()
}

func recorderFor(t testing.TB, d description) *recorder {
	t.Helper()
	p, err := newProjection(&d)
	require.NoError(t, err)
	return &recorder{projection: p}
}

// anySpan is the wish for a record of every span.
var anySpan = []groupWish{{}}

// goldenTrace has two resources, a matching span in each, and one that does not match.
func goldenTrace() *samplingpolicy.TraceData {
	traces := ptrace.NewTraces()
	first := addSpan(traces, traceID(0), "scope", "wanted", map[string]any{"int": 7, "text": "ab", "other": true})
	first.SetStartTimestamp(200)
	first.SetEndTimestamp(300)
	first.SetKind(ptrace.SpanKindServer)
	first.Status().SetCode(ptrace.StatusCodeError)
	traces.ResourceSpans().At(0).Resource().Attributes().PutStr("pod", "pod-0")
	traces.ResourceSpans().At(0).Resource().Attributes().PutDouble("weight", 1.5)
	beside := first
	beside = traces.ResourceSpans().At(0).ScopeSpans().At(0).Spans().AppendEmpty()
	beside.SetName("unwanted")
	beside.SetStartTimestamp(100)
	beside.SetEndTimestamp(900)
	second := addSpan(traces, traceID(0), "scope", "wanted", map[string]any{"double": -0.5, "int": "seven"})
	second.SetStartTimestamp(400)
	second.SetEndTimestamp(500)
	return &samplingpolicy.TraceData{SpanCount: 3, ReceivedBatches: traces}
}

func TestARecordHoldsEveryPartWhereTheABISays(t *testing.T) {
	r := recorderFor(t, description{
		Trace:  []string{"now", "shard", "trace_id", "span_count", "time_range"},
		Groups: []groupWish{{Names: []string{"wanted"}, Scopes: []string{"scope"}}},
		Span: spanWish{
			Fields: []string{"time", "kind", "status"}, Numbers: []string{"int", "double"}, Strings: []string{"text"},
		},
		Resource: resourceWish{Numbers: []string{"weight"}, Strings: []firstKey{{"pod"}}},
	})
	dst := bytes.Repeat([]byte{0xEE}, 1024)
	size, ok := r.encode(dst, traceID(0), goldenTrace(), circumstances{now: 12345, shard: 1, shards: 4})
	require.True(t, ok)

	id := traceID(0)
	const spanRecord = 32 + 5*8
	const text = 96 + 2*spanRecord
	expected := slices.Concat(
		bytesOf(uint32(text+8), uint32(2), uint64(12345), uint32(1), uint32(4), id[:], uint32(3), uint32(0), uint64(100), uint64(900)),
		bytesOf(int32(-1), uint32(0), uint64(0), uint64(0), uint64(0)),
		// int, double (absent), text, weight, pod; the resource's strings are written first
		bytesOf(uint64(0b11101), uint64(200), uint64(300), uint32(2), uint32(2)),
		bytesOf(7.0, uint64(0), uint32(text+5), uint32(2), 1.5, uint32(text), uint32(5)),
		// int is a string here, so absent
		bytesOf(uint64(0b00010), uint64(400), uint64(500), uint32(0), uint32(0)),
		bytesOf(uint64(0), -0.5, uint64(0), uint64(0), uint64(0)),
		bytesOf("pod-0", "ab", byte(0)),
	)
	assert.Equal(t, expected, dst[:size])
	assert.Equal(t, bytes.Repeat([]byte{0xEE}, len(dst)-size), dst[size:], "nothing is written behind the record")
}

func TestPartsThatWereNotAskedForAreNotWritten(t *testing.T) {
	r := recorderFor(t, description{Groups: anySpan, Span: spanWish{Numbers: []string{"double"}}})
	dst := bytes.Repeat([]byte{0xEE}, 512)
	size, ok := r.encode(dst, traceID(0), goldenTrace(), circumstances{now: 12345, shard: 1, shards: 4})
	require.True(t, ok)
	require.Equal(t, 96+3*40, size, "an empty list of names or scopes means any")
	untouched := func(from, to int) {
		t.Helper()
		assert.Equal(t, bytes.Repeat([]byte{0xEE}, to-from), dst[from:to])
	}
	untouched(offsetNow, offsetInstances)
	untouched(offsetMinStart, offsetAnswer)
	for i := range 3 {
		untouched(96+40*i+spanOffsetStart, 96+40*i+spanHeader)
	}
}

func TestOnlySpansOfTheWantedNameAndScopeGetARecord(t *testing.T) {
	r := recorderFor(t, description{Trace: []string{"time_range"}, Groups: []groupWish{{Names: []string{"a", "b"}, Scopes: []string{"x", "y"}}}})
	traces := ptrace.NewTraces()
	for _, s := range [][2]string{{"x", "a"}, {"x", "c"}, {"y", "b"}, {"z", "a"}, {"", "a"}} {
		addSpan(traces, traceID(0), s[0], s[1], nil)
	}
	dst := make([]byte, 1024)
	size, ok := r.encode(dst, traceID(0), &samplingpolicy.TraceData{ReceivedBatches: traces}, circumstances{})
	require.True(t, ok)
	assert.Equal(t, uint32(2), le.Uint32(dst[offsetMatched:]))
	assert.Equal(t, 96+2*32, size)
}

func TestATraceWithoutSpansHasAnEmptyTimeRange(t *testing.T) {
	r := recorderFor(t, description{Trace: []string{"time_range"}, Groups: anySpan})
	dst := bytes.Repeat([]byte{0xEE}, 96)
	size, ok := r.encode(dst, traceID(0), &samplingpolicy.TraceData{ReceivedBatches: ptrace.NewTraces()}, circumstances{})
	require.True(t, ok)
	assert.Equal(t, 96, size)
	assert.Equal(t, make([]byte, 16), dst[offsetMinStart:offsetAnswer])
}

func TestOfAKeyThatOccursTwiceTheFirstCounts(t *testing.T) {
	r := recorderFor(t, description{Groups: anySpan, Span: spanWish{Numbers: []string{"k", "l", "never"}}})
	// pcommon.Map refuses duplicates, the wire does not.
	span := []byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":[
		{"key":"k","value":{"doubleValue":1}},{"key":"l","value":{"stringValue":"x"}},
		{"key":"k","value":{"doubleValue":2}},{"key":"l","value":{"doubleValue":3}}]}]}]}]}`)
	traces, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(span)
	require.NoError(t, err)
	dst := make([]byte, 256)
	_, ok := r.encode(dst, traceID(0), &samplingpolicy.TraceData{ReceivedBatches: traces}, circumstances{})
	require.True(t, ok)
	assert.Equal(t, bytesOf(uint64(0b001)), dst[96:104])
	assert.Equal(t, bytesOf(1.0, uint64(0), uint64(0)), dst[128:152])
}

func TestAKeyCanBeWantedAsNumberAndAsString(t *testing.T) {
	r := recorderFor(t, description{Groups: anySpan, Span: spanWish{Numbers: []string{"k"}, Strings: []string{"k"}}})
	traces := ptrace.NewTraces()
	addSpan(traces, traceID(0), "", "", map[string]any{"k": 5})
	addSpan(traces, traceID(0), "", "", map[string]any{"k": "five"})
	dst := make([]byte, 256)
	_, ok := r.encode(dst, traceID(0), &samplingpolicy.TraceData{ReceivedBatches: traces}, circumstances{})
	require.True(t, ok)
	assert.Equal(t, uint64(0b01), le.Uint64(dst[96:]))
	assert.Equal(t, uint64(0b10), le.Uint64(dst[96+48:]))
}

func TestSixtyFourKeysHaveAPresenceBitEach(t *testing.T) {
	var keys []string
	attributes := map[string]any{}
	for i := range maxSlots {
		keys = append(keys, strings.Repeat("k", i+1)) // lengths on both sides of the length table
		attributes[keys[i]] = i
	}
	r := recorderFor(t, description{Groups: anySpan, Span: spanWish{Numbers: keys}})
	dst := make([]byte, 1024)
	_, ok := r.encode(dst, traceID(0), vllmTrace(traceID(0), attributes), circumstances{})
	require.True(t, ok)
	assert.Equal(t, uint64(math.MaxUint64), le.Uint64(dst[96:]))
	for i := range maxSlots {
		assert.Equal(t, float64(i), math.Float64frombits(le.Uint64(dst[128+8*i:])))
	}
}

func TestARecordThatDoesNotFitIsNotWrittenBeyondTheBuffer(t *testing.T) {
	d := description{Groups: anySpan, Span: spanWish{Strings: []string{"text"}}, Resource: resourceWish{Strings: []firstKey{{"pod"}}}}
	trace := goldenTrace()
	whole := make([]byte, 4096)
	size, ok := recorderFor(t, d).encode(whole, traceID(0), trace, circumstances{})
	require.True(t, ok)
	for capacity := range size {
		_, ok := recorderFor(t, d).encode(make([]byte, capacity), traceID(0), trace, circumstances{})
		require.False(t, ok, "%d bytes", capacity)
	}
	_, ok = recorderFor(t, d).encode(make([]byte, size), traceID(0), trace, circumstances{})
	require.True(t, ok)
}

// A record written over an older one must not let anything of it through.
func TestRecordsDoNotDependOnWhatTheBufferHeld(t *testing.T) {
	d := description{
		Trace:  []string{"now", "shard", "trace_id", "span_count", "time_range"},
		Groups: anySpan,
		Span: spanWish{
			Fields: []string{"time", "kind", "status"}, Numbers: []string{"a", "bb", "cc"}, Strings: []string{"dd", "a"},
		},
		Resource: resourceWish{Numbers: []string{"a"}, Strings: []firstKey{{"dd"}}},
	}
	rng := rand.New(rand.NewPCG(3, 4))
	used, dst := recorderFor(t, d), make([]byte, 1<<15)
	for n := range uint64(300) {
		trace := randomTrace(rng, traceID(n))
		fresh := make([]byte, 1<<15)
		a, okA := used.encode(dst, traceID(n), trace, circumstances{now: n})
		b, okB := recorderFor(t, d).encode(fresh, traceID(n), trace, circumstances{now: n})
		require.True(t, okA && okB)
		require.Equal(t, fresh[:b], dst[:a])
		require.Zero(t, a%8)
	}
}

func randomTrace(rng *rand.Rand, id pcommon.TraceID) *samplingpolicy.TraceData {
	traces := ptrace.NewTraces()
	n := rng.IntN(5)
	for range n {
		attributes := map[string]any{}
		for _, key := range []string{"a", "bb", "cc", "dd", "eee"} {
			switch rng.IntN(5) {
			case 0:
				attributes[key] = rng.Float64()
			case 1:
				attributes[key] = rng.Int64()
			case 2:
				attributes[key] = strings.Repeat("s", rng.IntN(9))
			case 3:
				attributes[key] = true
			}
		}
		span := addSpan(traces, id, "scope", "name", attributes)
		span.SetStartTimestamp(pcommon.Timestamp(rng.Uint64N(1000)))
		span.SetEndTimestamp(pcommon.Timestamp(rng.Uint64N(1000)))
		delete(attributes, "bb")
		if err := traces.ResourceSpans().At(traces.ResourceSpans().Len() - 1).Resource().Attributes().FromRaw(attributes); err != nil {
			panic(err)
		}
	}
	return &samplingpolicy.TraceData{SpanCount: int64(n), ReceivedBatches: traces}
}

func TestWritingARecordAllocatesNothing(t *testing.T) {
	r := recorderFor(t, description{
		Trace:    []string{"trace_id", "span_count", "time_range"},
		Groups:   []groupWish{{Names: []string{"wanted"}}},
		Span:     spanWish{Fields: []string{"time"}, Numbers: []string{"int"}, Strings: []string{"text"}},
		Resource: resourceWish{Strings: []firstKey{{"pod"}}},
	})
	dst, trace := make([]byte, 1024), goldenTrace()
	assert.Zero(t, testing.AllocsPerRun(1000, func() { r.encode(dst, traceID(0), trace, circumstances{}) }))
}
