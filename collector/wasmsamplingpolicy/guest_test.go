package wasmsamplingpolicy

import (
	"cmp"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// guest is a small policy module for the tests, assembled by hand: it misbehaves in ways that no
// compiler's output would. Its buffer lies at guestBuffer.
type guest struct {
	describe  string // what describe returns
	refuse    string // what configure fails with; empty = it accepts
	abi       int32
	buffer    int32
	capacity  int32
	evaluate  []byte // body of tsp_evaluate, without its end
	omit      string // this export is left out
	noFuel    bool   // tsp_fuel is not exported
	signature byte   // type index of tsp_evaluate

	stateSize int32  // of the state at guestState; 0 = tsp_state is not exported
	report    string // what report returns, after reporting has run; empty = it is not exported
	reporting []byte // code that changes that text

	configuring  []byte // code at the begin of configure
	describing   []byte // code at the begin of describe
	undescribed  bool   // describe sets no output of its own
	dataAt       int32  // address of a data segment more; 0 = none
	imported     string // a function that is imported on top, in place of log_warn
	importedFrom string // its module; Extism's when empty

	start  bool   // the module has a start function
	table  []byte // the table section's content; a table of one entry when nil
	locals []byte // groups of locals of tsp_evaluate; one i32 when nil
	custom []byte // custom sections at the end
	data   []byte // the data section's content, in place of its own

	exported map[string]byte // another function under this name
}

const (
	guestBuffer   = 8192
	guestCapacity = 4096
	guestDescribe = 16384
	guestRefuse   = 32768
	guestState    = 40960
	guestReport   = 49152
)

const plainDescription = `{"abi":1,"name":"guest","version":"9","trace":[],` +
	`"span":{"names":["llm_request"],"scopes":[],"fields":[],"numbers":["gen_ai.latency.e2e"],"strings":[]},` +
	`"resource":{"numbers":[],"strings":[]},"reasons":["slow"]}`

// newGuest returns a guest that answers with the body; it is well-behaved in all else.
func newGuest(body ...[]byte) guest {
	return guest{
		describe: plainDescription, abi: 1, buffer: guestBuffer, capacity: guestCapacity,
		evaluate: slices.Concat(body...), signature: typeI32toI32,
	}
}

// with returns a well-behaved guest that keeps nothing, but for one change.
func with(change func(*guest)) guest {
	g := newGuest(answer(0, 0))
	change(&g)
	return g
}

// Types of the module, by index.
const (
	typeToI32 = iota
	typeI32toI32
	typeI64toI64
	typeI64I32
	typeI64I64
	typeI64
	typeI32I32toI64
	typeI64I64toI64
	typeNothing
)

// Functions of the module, by index: imports first.
const (
	funcAlloc = iota
	funcStoreU8
	funcOutputSet
	funcErrorSet
	funcHTTPRequest
	funcLogWarn
	funcGive
	funcDescribe
	funcConfigure
	funcABI
	funcBuffer
	funcCapacity
	funcEvaluate
	funcState
	funcStateSize
	funcReport
	funcNothing
)

const (
	i32 = 0x7f
	i64 = 0x7e

	opUnreachable = 0x00
)

// i32const pushes a constant.
func i32const(n int32) []byte { return append([]byte{0x41}, sleb(int64(n))...) }

// store writes the constant to the address, both i32.
func store(address, value int32) []byte {
	return slices.Concat(i32const(address), i32const(value), []byte{0x36, 2, 0})
}

// storeF64 writes a constant double to the address.
func storeF64(address int32, value float64) []byte {
	return slices.Concat(i32const(address), []byte{0x44}, binary.LittleEndian.AppendUint64(nil, math.Float64bits(value)), []byte{0x39, 3, 0})
}

// answer writes decision and reason into the answer area; the call returns status 0.
func answer(decision, reason int32) []byte {
	return slices.Concat(store(guestBuffer+offsetAnswer, decision), store(guestBuffer+offsetAnswer+4, reason), i32const(0))
}

// onlyFirstCall traps on every call of an instance but its first: it counts at address 0.
func onlyFirstCall() []byte {
	return slices.Concat(
		i32const(0),
		i32const(0), []byte{0x28, 2, 0}, i32const(1), []byte{0x6a}, // load, add
		[]byte{0x36, 2, 0},                                                                           // store
		i32const(0), []byte{0x28, 2, 0}, i32const(1), []byte{0x4b, 0x04, 0x40, opUnreachable, opEnd}, // load, gt_u, if
	)
}

// grow adds pages to the memory and traps if it gets none.
func grow(pages int32) []byte {
	return slices.Concat(i32const(pages), []byte{0x40, 0}, i32const(-1), []byte{0x46, 0x04, 0x40, opUnreachable, opEnd})
}

// forever loops until the fuel is used up, as a metered module would.
func forever() []byte {
	return []byte{
		0x03, 0x40, // loop
		0x23, 0, 0x42, 1, 0x7d, 0x24, 0, // fuel -= 1
		0x23, 0, 0x42, 0, 0x53, 0x04, 0x40, opUnreachable, opEnd, // if fuel < 0: unreachable
		0x0c, 0, // br
		opEnd,
		opUnreachable,
	}
}

// requestHTTP calls a host function of Extism's that panics, in Go: no host may be reached.
func requestHTTP() []byte { return []byte{0x42, 0, 0x42, 0, 0x10, funcHTTPRequest, 0x1a} }

// unmeteredForever loops until the host ends it.
func unmeteredForever() []byte { return []byte{0x03, 0x40, 0x0c, 0, opEnd, opUnreachable} }

// wasm assembles the module (WebAssembly core specification, binary format).
func (g guest) wasm() []byte {
	functype := func(parameters, results []byte) []byte {
		return slices.Concat([]byte{0x60}, vec(len(parameters), parameters), vec(len(results), results))
	}
	types := [][]byte{
		typeToI32:       functype(nil, []byte{i32}),
		typeI32toI32:    functype([]byte{i32}, []byte{i32}),
		typeI64toI64:    functype([]byte{i64}, []byte{i64}),
		typeI64I32:      functype([]byte{i64, i32}, nil),
		typeI64I64:      functype([]byte{i64, i64}, nil),
		typeI64:         functype([]byte{i64}, nil),
		typeI32I32toI64: functype([]byte{i32, i32}, []byte{i64}),
		typeI64I64toI64: functype([]byte{i64, i64}, []byte{i64}),
		typeNothing:     functype(nil, nil),
	}
	imported := func(name string, t byte) []byte {
		return slices.Concat(str("extism:host/env"), str(name), []byte{0, t})
	}
	imports := [][]byte{
		imported("alloc", typeI64toI64), imported("store_u8", typeI64I32),
		imported("output_set", typeI64I64), imported("error_set", typeI64),
		imported("http_request", typeI64I64toI64), imported("log_warn", typeI64),
	}
	if g.imported != "" {
		imports[funcLogWarn] = slices.Concat(str(cmp.Or(g.importedFrom, "extism:host/env")), str(g.imported), []byte{0, typeI64})
	}
	functions := []byte{
		typeI32I32toI64, typeToI32, typeToI32, typeToI32, typeToI32, typeToI32, g.signature,
		typeToI32, typeToI32, typeToI32, typeNothing,
	}

	// give copies (address, length) into Extism's memory and returns where it lies.
	give := []byte{
		0x20, 1, 0xad, 0x10, funcAlloc, 0x21, 2, // at = alloc(length)
		0x02, 0x40, 0x03, 0x40, // block loop
		0x20, 3, 0x20, 1, 0x4f, 0x0d, 1, // i >= length: leave
		0x20, 2, 0x20, 3, 0xad, 0x7c, // at + i
		0x20, 0, 0x20, 3, 0x6a, 0x2d, 0, 0, // byte at address + i
		0x10, funcStoreU8,
		0x20, 3, 0x41, 1, 0x6a, 0x21, 3, // i += 1
		0x0c, 0, opEnd, opEnd,
		0x20, 2,
	}
	given := func(address, length int32) []byte {
		return slices.Concat(i32const(address), i32const(length), []byte{0x10, funcGive})
	}
	describe := slices.Concat(given(guestDescribe, int32(len(g.describe))),
		[]byte{0x42}, sleb(int64(len(g.describe))), []byte{0x10, funcOutputSet}, i32const(0))
	if g.undescribed {
		describe = i32const(0)
	}
	describe = slices.Concat(g.describing, describe)
	configure := i32const(0)
	if g.refuse != "" {
		configure = slices.Concat(given(guestRefuse, int32(len(g.refuse))), []byte{0x10, funcErrorSet}, i32const(1))
	}
	configure = slices.Concat(g.configuring, configure)
	report := slices.Concat(g.reporting, given(guestReport, int32(len(g.report))),
		[]byte{0x42}, sleb(int64(len(g.report))), []byte{0x10, funcOutputSet}, i32const(0))
	body := func(locals, code []byte) []byte {
		b := slices.Concat(locals, code, []byte{opEnd})
		return append(uleb(uint32(len(b))), b...)
	}
	none, locals := []byte{0}, g.locals
	if locals == nil {
		locals = []byte{1, 1, i32} // local 1
	}
	code := [][]byte{
		body([]byte{2, 1, i64, 1, i32}, give), body(none, describe), body(none, configure),
		body(none, i32const(g.abi)), body(none, i32const(g.buffer)), body(none, i32const(g.capacity)),
		body(locals, g.evaluate),
		body(none, i32const(guestState)), body(none, i32const(g.stateSize)), body([]byte{1, 2, i32}, report), body(none, nil),
	}

	var exports [][]byte
	export := func(name string, kind, index byte) {
		if other, ok := g.exported[name]; ok {
			kind, index = 0, other
		}
		if name != g.omit {
			exports = append(exports, slices.Concat(str(name), []byte{kind, index}))
		}
	}
	export("describe", 0, funcDescribe)
	export("configure", 0, funcConfigure)
	export("tsp_abi", 0, funcABI)
	export("tsp_buffer", 0, funcBuffer)
	export("tsp_capacity", 0, funcCapacity)
	export("tsp_evaluate", 0, funcEvaluate)
	export("memory", 2, 0)
	if g.stateSize != 0 {
		export("tsp_state", 0, funcState)
		export("tsp_state_size", 0, funcStateSize)
	}
	if g.report != "" {
		export("report", 0, funcReport)
	}
	if !g.noFuel {
		export("tsp_fuel", 3, 0)
	}

	data := func(address int32, text string) []byte {
		return slices.Concat([]byte{0}, i32const(address), []byte{opEnd}, str(text))
	}
	segments := [][]byte{data(guestDescribe, g.describe), data(guestRefuse, g.refuse), data(guestReport, g.report)}
	if g.dataAt != 0 {
		segments = append(segments, data(g.dataAt, "beyond the memory"))
	}
	table, start, dataSection := g.table, []byte(nil), section(11, segments...)
	if g.data != nil {
		dataSection = slices.Concat([]byte{11}, vec(len(g.data), g.data))
	}
	if table == nil {
		table = []byte{1, 0x70, 0, 1}
	}
	if g.start {
		start = slices.Concat([]byte{8}, vec(1, []byte{funcNothing}))
	}
	return slices.Concat(
		[]byte("\x00asm\x01\x00\x00\x00"),
		section(1, types...),
		section(2, imports...),
		section(3, split(functions)...),
		slices.Concat([]byte{4}, vec(len(table), table)),
		section(5, []byte{0, 1}),                   // memory of one page
		section(6, []byte{i64, 1, 0x42, 0, opEnd}), // mutable i64: the fuel
		section(7, exports...),
		start,
		section(10, code...),
		dataSection,
		g.custom,
	)
}

// install writes the module to a file and returns a configuration that loads it.
func (g guest) install(t testing.TB) *Config {
	t.Helper()
	return installed(t, g.wasm())
}

// installed writes the module to a file and returns a configuration that loads it.
func installed(t testing.TB, wasm []byte) *Config {
	t.Helper()
	cfg := createDefaultConfig().(*Config)
	cfg.Path = filepath.Join(t.TempDir(), "policy.wasm")
	cfg.SHA256 = hashOf(wasm)
	require.NoError(t, os.WriteFile(cfg.Path, wasm, 0o600))
	return cfg
}

func section(id byte, items ...[]byte) []byte {
	content := vec(len(items), slices.Concat(items...))
	return slices.Concat([]byte{id}, uleb(uint32(len(content))), content)
}

func split(bytes []byte) [][]byte {
	var items [][]byte
	for _, b := range bytes {
		items = append(items, []byte{b})
	}
	return items
}

func vec(n int, content []byte) []byte { return append(uleb(uint32(n)), content...) }
func str(s string) []byte              { return vec(len(s), []byte(s)) }
