package otlpguard

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"google.golang.org/protobuf/encoding/protowire"
)

// bounds are small, so that what breaks them is readable.
var bounds = &Config{MaxSpans: 3, MaxItems: 60, MaxDepth: 4}

func reason(r *refusal) string {
	if r == nil {
		return "taken"
	}
	return r.reason
}

// traces has so many spans, each with so many attributes whose value nests so deep.
func traces(spans, attributes, depth int) ptrace.Traces {
	traces := ptrace.NewTraces()
	scope := traces.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty()
	for range spans {
		span := scope.Spans().AppendEmpty()
		for i := range attributes {
			value := span.Attributes().PutEmpty(strings.Repeat("k", i+1))
			for range depth - 1 {
				value = value.SetEmptySlice().AppendEmpty()
			}
			value.SetStr("a { text [ with \" all")
		}
	}
	return traces
}

func TestBoundsOfARequest(t *testing.T) {
	for name, test := range map[string]struct {
		spans, attributes, depth int
		proto, json              string
	}{
		"within all":        {3, 2, 4, "taken", "taken"},
		"too many spans":    {4, 0, 1, "spans", "spans"},
		"too many of all":   {3, 20, 1, "items", "items"},
		"one level deeper":  {1, 1, 5, "depth", "taken"}, // by brackets, some levels more
		"many levels":       {1, 1, 30, "depth", "depth"},
		"nothing":           {0, 0, 0, "taken", "taken"},
		"as many as may be": {3, 5, 1, "taken", "taken"},
	} {
		t.Run(name, func(t *testing.T) {
			traces := traces(test.spans, test.attributes, test.depth)
			binary, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(traces)
			require.NoError(t, err)
			assert.Equal(t, test.proto, reason(checkProto(bounds, binary)))
			text, err := (&ptrace.JSONMarshaler{}).MarshalTraces(traces)
			require.NoError(t, err)
			assert.Equal(t, test.json, reason(checkJSON(bounds, text)))
		})
	}
}

// Maps nest as lists do.
func TestDepthOfMaps(t *testing.T) {
	traces := ptrace.NewTraces()
	value := traces.ResourceSpans().AppendEmpty().Resource().Attributes().PutEmptyMap("k")
	for range 10 {
		value = value.PutEmptyMap("k")
	}
	binary, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(traces)
	require.NoError(t, err)
	assert.Equal(t, "depth", reason(checkProto(bounds, binary)))
}

func TestEmptySpansAreCounted(t *testing.T) {
	spans := bytes.Repeat([]byte{0x12, 0}, 10_001)
	message := protowire.AppendBytes(protowire.AppendTag(nil, 2, protowire.BytesType), spans)
	message = protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), message)
	assert.Equal(t, "spans", reason(checkProto(createDefaultConfig().(*Config), message)))
}

// Over JSON a null is an empty message, too, and what has as many brackets as a span is none.
func TestSpansOfJSONAreCounted(t *testing.T) {
	wrap := func(spans string) []byte {
		return []byte(`{"resourceSpans":[{"resource":{"attributes":[{"value":{}},{"value":{}},{"value":{}},{"value":{}}]},` +
			`"scopeSpans":[{"scope":{"attributes":[{"value":{}},{"value":{}}]},"spans":[` + spans + `]}]}]}`)
	}
	for spans, expected := range map[string]string{
		`{},{},{}`: "taken", `{},{},{},{}`: "spans", `null,null,null,{}`: "spans", ` null , {"name":"[n{"},{}`: "taken",
		`{}]},{"spans":[{},{}]},{"spans":[{}`: "spans",
	} {
		assert.Equal(t, expected, reason(checkJSON(bounds, wrap(spans))), spans)
	}
	many := `{"attributes":[` + strings.Repeat("null,", 60) + `{}]}`
	assert.Equal(t, "items", reason(checkJSON(bounds, wrap(many))))
}

// What this reads otherwise than the collector's decoder could pass uncounted, so it is refused.
func TestMalformedIsRefused(t *testing.T) {
	for _, message := range [][]byte{{0x0a}, {0x0a, 5, 1}, {0xff, 0xff}, {0x0a, 2, 0x12, 9}, {0x0b}} {
		assert.Equal(t, "malformed", reason(checkProto(bounds, message)), "%x", message)
	}
}

func TestConfigIsValidated(t *testing.T) {
	require.NoError(t, createDefaultConfig().(*Config).Validate())
	for _, cfg := range []*Config{{MaxItems: 1, MaxDepth: 1}, {MaxSpans: 1, MaxDepth: 1}, {MaxSpans: 1, MaxItems: -1, MaxDepth: 1}} {
		assert.ErrorContains(t, cfg.Validate(), "expected 1 or more")
	}
}

// Whatever the guard takes, it has read without a panic.
func FuzzRequest(f *testing.F) {
	binary, _ := (&ptrace.ProtoMarshaler{}).MarshalTraces(traces(2, 2, 3))
	f.Add(binary)
	text, _ := (&ptrace.JSONMarshaler{}).MarshalTraces(traces(2, 2, 3))
	f.Add(text)
	f.Fuzz(func(t *testing.T, data []byte) {
		if checkJSON(bounds, data) == nil {
			if traces, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(data); err == nil {
				require.LessOrEqual(t, traces.SpanCount(), bounds.MaxItems)
			}
		}
		taken := checkProto(bounds, data) == nil
		traces, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(data)
		if taken && err == nil {
			require.LessOrEqual(t, traces.SpanCount(), bounds.MaxSpans)
		}
	})
}
