package otlpguard

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// refusal says which bound a request breaks. It is an error whose text names what was found.
type refusal struct {
	reason string // of the counter: spans, items, depth or malformed
	text   string
}

func (r *refusal) Error() string { return r.text }

// kind is a message of OTLP's trace protocol that has other messages in it.
type kind uint8

const (
	leaf kind = iota
	request
	resourceSpans
	resource
	scopeSpans
	scope
	span
	event
	link
	keyValue
	anyValue
	arrayValue
	keyValueList
)

// fields are the messages within a message, by field number
// (opentelemetry/proto/{trace,common,resource}/v1).
var fields = [...]map[protowire.Number]kind{
	request:       {1: resourceSpans},
	resourceSpans: {1: resource, 2: scopeSpans},
	resource:      {1: keyValue, 3: leaf},
	scopeSpans:    {1: scope, 2: span},
	scope:         {3: keyValue},
	span:          {9: keyValue, 11: event, 13: link, 15: leaf},
	event:         {3: keyValue},
	link:          {4: keyValue},
	keyValue:      {2: anyValue},
	anyValue:      {5: arrayValue, 6: keyValueList},
	arrayValue:    {1: anyValue},
	keyValueList:  {1: keyValue},
}

// counter counts the messages of one request and stops at the first bound that is broken.
type counter struct {
	cfg          *Config
	spans, items int
}

// checkProto reads an ExportTraceServiceRequest without keeping anything of it.
func checkProto(cfg *Config, data []byte) *refusal {
	c := counter{cfg: cfg}
	return c.walk(request, data, 0)
}

// walk counts what is in a message; depth is the number of attribute values around it.
func (c *counter) walk(of kind, data []byte, depth int) *refusal {
	if of == anyValue {
		depth++
		if depth > c.cfg.MaxDepth {
			return &refusal{"depth", fmt.Sprintf("an attribute nests deeper than %d levels (max_depth)", c.cfg.MaxDepth)}
		}
	}
	inner := fields[of]
	for len(data) > 0 {
		number, wire, n := protowire.ConsumeTag(data)
		if n < 0 {
			return malformed(n)
		}
		data = data[n:]
		child, known := inner[number]
		if !known || wire != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(number, wire, data); n < 0 {
				return malformed(n)
			}
			data = data[n:]
			continue
		}
		value, n := protowire.ConsumeBytes(data)
		if n < 0 {
			return malformed(n)
		}
		data = data[n:]
		if r := c.count(child); r != nil {
			return r
		}
		if child != leaf && len(value) > 0 {
			if r := c.walk(child, value, depth); r != nil {
				return r
			}
		}
	}
	return nil
}

func (c *counter) count(child kind) *refusal {
	c.items++
	if child == span {
		c.spans++
	}
	switch {
	case c.spans > c.cfg.MaxSpans:
		return &refusal{"spans", fmt.Sprintf("more than %d spans in one request (max_spans); send smaller batches", c.cfg.MaxSpans)}
	case c.items > c.cfg.MaxItems:
		return &refusal{"items", fmt.Sprintf("more than %d spans, events, links, attributes and values in one request (max_items); send smaller batches", c.cfg.MaxItems)}
	}
	return nil
}

func malformed(code int) *refusal {
	return &refusal{"malformed", "not a message of OTLP traces: " + protowire.ParseError(code).Error()}
}

// checkJSON bounds the same of OTLP/JSON by its brackets: every message is an object, and a nested
// attribute is three deep on its own ({"arrayValue":{"values":[…). Spans are the objects of the one list
// that is six brackets deep within lists ({"resourceSpans":[{"scopeSpans":[{"spans":[…): at that depth a
// resource or a scope has an object.
func checkJSON(cfg *Config, data []byte) *refusal {
	// The request, its lists and objects down to the value of an attribute.
	const around = 16
	// Brackets around a span.
	const list = 6
	objects, spans, depth, text, inList := 0, 0, 0, false, false
	for i := 0; i < len(data); i++ {
		c := data[i]
		// Of a null the decoder makes an empty message.
		if !text && (c == '{' || c == 'n') {
			objects++
			if depth == list && inList {
				spans++
			}
		}
		switch {
		case text && c == '\\':
			i++
		case c == '"':
			text = !text
		case text:
		case c == '{' || c == '[':
			depth++
			if depth == list {
				inList = c == '['
			}
		case c == '}' || c == ']':
			depth--
		}
		switch {
		case spans > cfg.MaxSpans:
			return &refusal{"spans", fmt.Sprintf("more than %d spans in one request (max_spans); send smaller batches", cfg.MaxSpans)}
		case objects > cfg.MaxItems:
			return &refusal{"items", fmt.Sprintf("more than %d objects in one request (max_items); send smaller batches", cfg.MaxItems)}
		case depth > around+3*cfg.MaxDepth:
			return &refusal{"depth", fmt.Sprintf("an attribute nests deeper than %d levels (max_depth)", cfg.MaxDepth)}
		}
	}
	return nil
}
