package wasmsamplingpolicy

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor/pkg/samplingpolicy"
)

// The corpora lie in testdata/fuzz; ../check runs each for a fixed number of executions. Longer:
// go test -run NONE -fuzz FuzzRecord .

var fuzzedWish = description{
	Trace:  []string{"now", "shard", "trace_id", "span_count", "time_range"},
	Groups: []groupWish{{Scopes: []string{"scope", ""}}},
	Span: spanWish{
		Fields:  []string{"time", "kind", "status"},
		Numbers: []string{"a", "int"}, Strings: []string{"text", "a"},
	},
	Resource: resourceWish{Numbers: []string{"weight"}, Strings: []firstKey{{"pod"}, {"weight"}}},
}

// slotOf reads an attribute the plain way: the first of the key, if it has the type.
func slotOf(attributes pcommon.Map, key string, text bool) (number float64, s string, present bool) {
	for k, v := range attributes.All() {
		if k != key {
			continue
		}
		switch v.Type() {
		case pcommon.ValueTypeDouble:
			return v.Double(), "", !text
		case pcommon.ValueTypeInt:
			return float64(v.Int()), "", !text
		case pcommon.ValueTypeStr:
			return 0, v.Str(), text
		}
		return 0, "", false
	}
	return 0, "", false
}

// traceOf makes a trace out of any bytes: each pair adds a resource, a scope, a span or an attribute.
func traceOf(program []byte) ptrace.Traces {
	traces := ptrace.NewTraces()
	rs := traces.ResourceSpans().AppendEmpty()
	ss := rs.ScopeSpans().AppendEmpty()
	span := ss.Spans().AppendEmpty()
	for ; len(program) >= 2; program = program[2:] {
		n := program[1]
		switch program[0] % 8 {
		case 0:
			rs = traces.ResourceSpans().AppendEmpty()
			ss = rs.ScopeSpans().AppendEmpty()
		case 1:
			ss = rs.ScopeSpans().AppendEmpty()
			ss.Scope().SetName([]string{"scope", "", "other", "scopf"}[n%4])
		case 2, 3:
			span = ss.Spans().AppendEmpty()
			span.SetStartTimestamp(pcommon.Timestamp(n))
			span.SetKind(ptrace.SpanKind(n % 6))
		default:
			attributes := span.Attributes()
			if program[0]%8 > 5 {
				attributes = rs.Resource().Attributes()
			}
			value := attributes.PutEmpty([]string{"a", "int", "text", "weight", "pod", "tezt"}[n%6])
			switch n / 6 % 4 {
			case 0:
				value.SetDouble(-float64(n) / 3)
			case 1:
				value.SetInt(math.MinInt64 + int64(n))
			case 2:
				value.SetStr(strings.Repeat("s", int(n)))
			case 3:
				value.SetBool(true)
			}
		}
	}
	return traces
}

// FuzzRecord holds every record against the attributes read the plain way, and its size against the
// buffer.
func FuzzRecord(f *testing.F) {
	for _, program := range []string{"", "204b4c6d0A1B2C3D4E5F6G7H", "1010203040506070202122", "4\x0e4\x0f6\x106\x112\x014\x144\x15"} {
		f.Add([]byte(program), uint16(4096))
		f.Add([]byte(program), uint16(200))
	}
	r := recorderFor(f, fuzzedWish)
	f.Fuzz(func(t *testing.T, program []byte, capacity uint16) {
		traces := traceOf(program)
		dst := bytes.Repeat([]byte{0xEE}, int(capacity)+64)
		trace := &samplingpolicy.TraceData{SpanCount: int64(traces.SpanCount()), ReceivedBatches: traces}
		size, fits := r.encode(dst[:capacity:capacity], traceID(0), trace, circumstances{})
		require.Equal(t, bytes.Repeat([]byte{0xEE}, 64), dst[capacity:], "nothing is written beyond the buffer")

		keys := []string{"a", "int", "text", "a", "weight", "pod", "weight"}
		spanSlots := len(fuzzedWish.Span.Numbers) + len(fuzzedWish.Span.Strings)
		isText := func(slot int) bool { return slot == 2 || slot == 3 || slot >= 5 }
		spans, text := 0, 0
		for _, rs := range traces.ResourceSpans().All() {
			matched := 0
			for _, ss := range rs.ScopeSpans().All() {
				if name := ss.Scope().Name(); name != "scope" && name != "" {
					continue
				}
				for _, span := range ss.Spans().All() {
					matched++
					at := recordHeaderV1 + spans*(spanHeader+slotSize*len(keys))
					spans++
					for slot, key := range keys {
						attributes := span.Attributes()
						if slot >= spanSlots {
							attributes = rs.Resource().Attributes()
						}
						number, s, present := slotOf(attributes, key, isText(slot))
						if present && (slot < spanSlots || matched == 1) {
							text += len(s)
						}
						if !fits {
							continue
						}
						found := le.Uint64(dst[at+spanHeader+slotSize*slot:])
						require.Equal(t, present, le.Uint64(dst[at:])>>slot&1 == 1, "slot %d", slot)
						switch {
						case !present:
							require.Zero(t, found)
						case isText(slot):
							from, length := uint32(found), uint32(found>>32)
							require.LessOrEqual(t, uint64(from)+uint64(length), uint64(size))
							require.Equal(t, s, string(dst[from:from+length]))
						default:
							require.Equal(t, math.Float64bits(number), found)
						}
					}
				}
			}
		}
		expected := (recordHeaderV1 + spans*(spanHeader+slotSize*len(keys)) + text + 7) &^ 7
		require.Equal(t, expected <= int(capacity), fits, "%d bytes", expected)
		if fits {
			require.Equal(t, expected, size)
			require.Equal(t, uint32(size), le.Uint32(dst[offsetSize:]))
			require.Equal(t, uint32(spans), le.Uint32(dst[offsetMatched:]))
		}
	})
}

// FuzzSettings holds that any text is refused in words or becomes a JSON object under the policy's own.
func FuzzSettings(f *testing.F) {
	for _, text := range []string{
		"", `{"e2e_latency": "2m"}`, "e2e_latency: 2m\n", "[1]", "a: &x [*x]", "? {a: 1}\n: 2", "a: .nan", "a: !!binary aGk=", "{",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		settings, err := parseSettings(text)
		if err != nil {
			require.ErrorContains(t, err, "expected a YAML or JSON object")
			return
		}
		document, err := settingsDocument(settings, map[string]any{"own": "1s"})
		if err != nil {
			require.ErrorContains(t, err, "settings: ")
			return
		}
		var read map[string]any
		require.NoError(t, json.Unmarshal(document, &read))
		require.Equal(t, "1s", read["own"])
	})
}

// FuzzDescription holds that what a module says of itself is refused in words or can be granted.
func FuzzDescription(f *testing.F) {
	for _, text := range []string{plainDescription, `{"abi":1}`, `{"abi":2,"new":[]}`, `{"abi":1,"trace":["size"]}`, `{"abi":1,"span":{"numbers":["a","a"]}}`, "null", "[]"} {
		f.Add(text)
	}
	trace := goldenTrace()
	f.Fuzz(func(t *testing.T, text string) {
		d, err := parseDescription([]byte(text))
		if err == nil {
			var p *projection
			if p, err = newProjection(d); err == nil {
				(&recorder{projection: p}).encode(make([]byte, 1<<16), traceID(0), trace, circumstances{})
				return
			}
		}
		require.ErrorContains(t, err, "describe: ")
	})
}
