package wasmsamplingpolicy

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A module that could run for ever would hold its shard for ever. So the host writes a budget into
// every module that it loads, whoever built it and whatever it exports: a mutable i64 global behind all
// others, and at each place that something can begin anew a few instructions that take from it and trap
// below zero.
//
// The budget is given out in portions. Code that wazero compiled cannot be interrupted, and while it runs
// the Go runtime's garbage collection, and with it every goroutine of the collector, waits for it. So at
// the end of each portion a function that is added sends the module through the host, by growing its
// memory by nothing: there the goroutine can be stopped, and the watchdog's word is heard.
//
// It also adds a function, behind all others, that the host calls in place of tsp_evaluate: it sets the
// budget, marks the call as begun, calls tsp_evaluate, marks it as ended, and returns two words of the
// answer along with the status. Globals and memory cost several times as much from outside.
//
// The bytes are rewritten, not parsed into a tree: no index moves, so that all else is copied. What is
// added has indexes that the module's own code does not have, and a module that uses them all the same
// is refused. wazero validates the result. wasm-meter (plugins/meter) does the same for hosts without a
// meter; its mark is not relied on here, since anybody can export a tsp_fuel.

// What the host finds its additions under; a module with such an export is not valid any more.
const (
	fuelExport     = "vllm-monitoring:fuel" // what is left beyond the portion; below zero at its end
	portionExport  = "vllm-monitoring:portion"
	callsExport    = "vllm-monitoring:calls" // odd during a call
	evaluateExport = "vllm-monitoring:evaluate"
)

// portion is what a module may use up at once, in units: well below a tenth of a second.
const portion = 100_000

// What is taken from the budget, in units.
const (
	codePerUnit  = 256  // bytes of a function's code, for each entry and each round of a loop in it
	bulkPerUnit  = 64   // bytes, or entries of a table, of a bulk instruction; a shift by 6
	importPrice  = 1000 // a call of a host function
	dynamicPrice = 100  // a call through a table or a reference, which may be one of a host function
	growPrice    = 1000 // growth of memory or a table
)

// Bounds of what the limit on memory does not bound.
const (
	maxTables     = 4
	maxTableSize  = 65_536  // entries of one table
	maxParameters = 1_000   // of a function
	maxLocalCount = 50_000  // of a function, as wazero has it
	maxFunctions  = 100_000 // of a module
)

// Bounds of what compiling takes, which cannot be interrupted. wazero's time and memory grow with the size of a
// function, and with the square of what it branches. Each of the first two allows up to a second and 250 MB.
const (
	maxBody         = 256 * 1024  // bytes of a function's code
	maxFunctionWork = 50_000_000  // see compileWork; the largest of a module of 794 kB has 2,800,000
	maxModuleWork   = 500_000_000 // that module has 38,000,000
)

// compileWork estimates what compiling a function takes beyond its size, in units of about 20 ns, from its branches,
// its loops and its locals: where control flow meets, wazero looks at all blocks before and at each local. Branches
// are what wazero makes a block for: blocks, ifs and loops, br_if, each label of a br_table, and each place where
// the meter takes units. Fitted to functions of up to 10,000 of each.
func compileWork(branches, loops, locals uint32) uint64 {
	return (uint64(branches) + 10*uint64(loops)) * (uint64(branches) + 50*uint64(locals))
}

// Sections of a module, by id.
const (
	sectionCustom   = 0
	sectionType     = 1
	sectionImport   = 2
	sectionFunction = 3
	sectionTable    = 4
	sectionMemory   = 5
	sectionGlobal   = 6
	sectionExport   = 7
	sectionStart    = 8
	sectionElement  = 9
	sectionCode     = 10
	sectionData     = 11
)

const (
	wasmI32 = 0x7f
	wasmI64 = 0x7e
)

// metering is a module while it is rewritten.
type metering struct {
	types     []functionType
	imports   uint32   // functions imported
	functions []uint32 // type of each function that the module defines
	globals   []string // type and mutability of each
	evaluate  int      // index of tsp_evaluate, -1 = none
	ownFuel   int      // index of the global tsp_fuel, likewise
	memory    bool     // there is one
	work      uint64   // see compileWork, of the functions so far
}

type functionType struct {
	parameters uint32
	text       string // as it is written
}

// evaluateType is that of tsp_evaluate.
const evaluateType = "\x60\x01\x7f\x01\x7f"

// What is added stands behind all that the module has.
func (m *metering) portion() uint32     { return uint32(len(m.globals)) }
func (m *metering) fuel() uint32        { return m.portion() + 1 }
func (m *metering) calls() uint32       { return m.portion() + 2 }
func (m *metering) nextPortion() uint32 { return m.imports + uint32(len(m.functions)) }
func (m *metering) wrapper() uint32     { return m.nextPortion() + 1 }

// meter writes the module anew, with a budget of so many units at its start.
func meter(wasm []byte, start int64) ([]byte, error) {
	type section struct {
		id      byte
		content []byte
	}
	r := &reader{data: wasm}
	if string(r.bytes(8)) != "\x00asm\x01\x00\x00\x00" {
		return nil, errors.New("expected a WebAssembly module of version 1")
	}
	m := &metering{evaluate: -1, ownFuel: -1}
	var sections []section
	has := map[byte]bool{}
	for r.err == nil && r.at < len(r.data) {
		id := r.byte()
		content := r.bytes(int(r.u32()))
		if r.err != nil {
			break
		}
		s := &reader{data: content}
		m.read(id, s)
		if s.err != nil {
			return nil, fmt.Errorf("section %d: %w", id, s.err)
		}
		if id == sectionCustom {
			continue // names and debug information: wazero would read them, and make room for whatever they announce
		}
		if has[id] {
			return nil, fmt.Errorf("found section %d twice", id)
		}
		has[id] = true
		sections = append(sections, section{id, content})
	}
	if r.err != nil {
		return nil, r.err
	}
	m.memory = has[sectionMemory]
	if e := m.evaluate - int(m.imports); !m.memory || e < 0 || e >= len(m.functions) || m.types[m.functions[e]].text != evaluateType {
		m.evaluate = -1 // told when it is looked up
	}
	if m.ownFuel >= len(m.globals) || m.ownFuel >= 0 && m.globals[m.ownFuel] != "\x7e\x01" {
		return nil, errors.New("tsp_fuel: expected a mutable global of type i64")
	}
	out := slices.Clone(wasm[:8])
	place := func(id byte) { // of a section that the module lacks
		for _, missing := range []byte{sectionGlobal, sectionExport} {
			if !has[missing] && order(id) > order(missing) {
				content, _ := m.written(missing, []byte{0}, start)
				out, has[missing] = appendSection(out, missing, content), true
			}
		}
	}
	for _, s := range sections {
		place(s.id)
		content, err := m.written(s.id, s.content, start)
		if err != nil {
			return nil, fmt.Errorf("section %d: %w", s.id, err)
		}
		out = appendSection(out, s.id, content)
	}
	place(0xff)
	return out, nil
}

// order gives a section's place: ids are in order but for the tag section (13), behind memory, and the
// data count (12), before the code.
func order(id byte) int {
	switch id {
	case 13:
		return 55
	case 12:
		return 95
	default:
		return int(id) * 10
	}
}

// read takes in what the rewriting needs to know, and refuses what it could not bound.
func (m *metering) read(id byte, s *reader) {
	switch id {
	case sectionType:
		m.readTypes(s)
	case sectionImport:
		m.readImports(s)
	case sectionFunction:
		for range s.count() {
			index := s.u32()
			if int(index) >= len(m.types) && s.err == nil {
				s.err = fmt.Errorf("found the type %d of %d", index, len(m.types))
			}
			m.functions = append(m.functions, index)
		}
		if len(m.functions) > maxFunctions {
			s.err = errors.New("found more than 100,000 functions")
		}
	case sectionGlobal:
		for range s.count() {
			m.globals = append(m.globals, string(s.bytes(2)))
			m.expression(s)
		}
	case sectionExport:
		for range s.count() {
			name, kind, index := string(s.bytes(int(s.u32()))), s.byte(), s.u32()
			switch {
			case kind == 0 && name == "tsp_evaluate":
				m.evaluate = int(index)
			case kind == 3 && name == "tsp_fuel":
				m.ownFuel = int(index)
			case strings.HasPrefix(name, "vllm-monitoring:"):
				s.err = fmt.Errorf("found the export %q; expected no name of the collector's own", name)
			}
		}
	case sectionStart:
		s.err = errors.New("found a start function; expected none: it would run before any bound is set")
	case sectionElement:
		m.readElements(s)
	case sectionData:
		m.readData(s)
	}
}

// written gives a section's content as it is to be.
func (m *metering) written(id byte, content []byte, start int64) ([]byte, error) {
	s := &reader{data: content}
	wrapped, added := uint32(0), uint32(0)
	if len(m.functions) > 0 {
		added = 1
	}
	if m.evaluate >= 0 {
		wrapped, added = 1, 2
	}
	out := content
	switch id {
	case sectionType:
		out = append(uleb(s.u32()+2), s.rest()...)
		out = append(out, "\x60\x00\x00"+"\x60\x04\x7f\x7e\x7f\x7f\x03\x7f\x7e\x7e"...) // see nextPortionBody, wrapperBody
	case sectionFunction:
		out = append(uleb(s.u32()+added), s.rest()...)
		for i := range added {
			out = append(out, uleb(uint32(len(m.types))+i)...)
		}
	case sectionTable:
		out = m.boundTables(s)
	case sectionGlobal:
		out = append(uleb(s.u32()+3), s.rest()...)
		out = append(append(append(out, wasmI64, 1, 0x42), sleb(portion)...), opEnd)
		out = append(append(append(out, wasmI64, 1, 0x42), sleb(start-portion)...), opEnd)
		out = append(out, wasmI64, 1, 0x42, 0, opEnd)
	case sectionExport:
		out = append(uleb(s.u32()+3+wrapped), s.rest()...)
		out = appendExport(out, portionExport, 3, m.portion())
		out = appendExport(out, fuelExport, 3, m.fuel())
		out = appendExport(out, callsExport, 3, m.calls())
		if wrapped == 1 {
			out = appendExport(out, evaluateExport, 0, m.wrapper())
		}
	case sectionCode:
		out = m.meterCode(s, added)
	}
	return out, s.err
}

func appendExport(out []byte, name string, kind byte, index uint32) []byte {
	out = append(append(out, uleb(uint32(len(name)))...), name...)
	return append(append(out, kind), uleb(index)...)
}

func (m *metering) readTypes(s *reader) {
	for range s.count() {
		from := s.at
		if form := s.byte(); form != 0x60 && s.err == nil {
			s.err = fmt.Errorf("found the type form %#x; expected a function's", form)
			return
		}
		parameters := s.u32()
		s.bytes(int(parameters))
		s.bytes(int(s.u32()))
		if parameters > maxParameters {
			s.err = errors.New("found a function of more than 1,000 parameters")
		}
		m.types = append(m.types, functionType{parameters, string(s.data[from:s.at])})
	}
}

func (m *metering) readImports(s *reader) {
	for range s.count() {
		module, name := string(s.bytes(int(s.u32()))), string(s.bytes(int(s.u32())))
		if kind := s.byte(); kind != 0 && s.err == nil {
			s.err = fmt.Errorf("found the import %s %s, which is no function; expected functions alone", module, name)
			return
		}
		s.u32()
		m.imports++
	}
}

// readElements looks for functions that are not the module's.
func (m *metering) readElements(s *reader) {
	for range s.count() {
		flags := s.u32()
		if flags > 7 {
			s.err = fmt.Errorf("found an element segment of kind %d", flags)
			return
		}
		passive, indexed, expressions := flags&1 != 0, flags&2 != 0, flags&4 != 0
		if !passive {
			if indexed {
				s.u32() // table
			}
			m.expression(s)
		}
		if passive || indexed {
			s.byte() // kind or type
		}
		for range s.count() {
			if expressions {
				m.expression(s)
			} else {
				m.known(s, s.u32())
			}
		}
	}
}

// readData looks whether all that is announced is there: wazero makes room for it first.
func (m *metering) readData(s *reader) {
	for range s.count() {
		flags := s.u32()
		if flags > 2 && s.err == nil {
			s.err = fmt.Errorf("found a data segment of kind %d", flags)
			return
		}
		if flags == 2 {
			s.u32() // memory
		}
		if flags != 1 {
			m.expression(s)
		}
		s.bytes(int(s.u32()))
	}
}

// expression reads a constant expression.
func (m *metering) expression(s *reader) {
	for s.err == nil && s.at < len(s.data) {
		if s.data[s.at] == opEnd {
			s.at++
			return
		}
		op := m.instruction(s)
		if op.kind == opFunction {
			m.known(s, op.index)
		}
	}
	s.err = cmp.Or(s.err, errCut)
}

// known refuses a function that the module does not have.
func (m *metering) known(s *reader, function uint32) {
	if n := m.imports + uint32(len(m.functions)); function >= n && s.err == nil {
		s.err = fmt.Errorf("found the function %d of %d", function, n)
	}
}

// boundTables gives each table a maximum, which table.grow observes.
func (m *metering) boundTables(s *reader) []byte {
	n := s.count()
	if n > maxTables {
		s.err = fmt.Errorf("found %d tables; expected at most %d", n, maxTables)
	}
	content := uleb(n)
	for range n {
		kind, flags, least, most := s.byte(), s.byte(), s.u32(), uint32(maxTableSize)
		if s.err == nil && (flags > 1 || least > maxTableSize) {
			s.err = fmt.Errorf("found a table of %d entries, flags %d; expected at most %d", least, flags, maxTableSize)
			return nil
		}
		if flags == 1 {
			most = min(most, s.u32())
		}
		content = append(content, kind, 1)
		content = append(append(content, uleb(least)...), uleb(most)...)
	}
	return content
}

func (m *metering) meterCode(s *reader, added uint32) []byte {
	n := s.count()
	if int(n) != len(m.functions) {
		s.err = cmp.Or(s.err, fmt.Errorf("found %d bodies of %d functions", n, len(m.functions)))
		return nil
	}
	content := uleb(n + added)
	appendBody := func(body []byte) { content = append(append(content, uleb(uint32(len(body)))...), body...) }
	for i := range n {
		body := &reader{data: s.bytes(int(s.u32()))}
		if s.err != nil {
			return nil
		}
		written := m.meterBody(body, m.types[m.functions[i]].parameters)
		if body.err != nil {
			s.err = fmt.Errorf("function %d: %w", m.imports+i, body.err)
			return nil
		}
		appendBody(written)
	}
	if added > 0 {
		appendBody(m.nextPortionBody())
	}
	if added > 1 {
		appendBody(m.wrapperBody())
	}
	return content
}

// nextPortionBody is that of the function that is called when a portion is used up.
func (m *metering) nextPortionBody() []byte {
	out := slices.Concat([]byte{0, 0x23}, uleb(m.fuel()), []byte{0x42}, sleb(portion), []byte{0x7d, 0x24}, uleb(m.fuel()))
	out = slices.Concat(out, []byte{0x23}, uleb(m.portion()), []byte{0x42}, sleb(portion), []byte{0x7c, 0x24}, uleb(m.portion()))
	if m.memory {
		out = append(out, 0x41, 0, 0x40, 0, 0x1a) // i32.const 0, memory.grow, drop
	}
	// A single price above a portion counts as what it is: below zero here means below zero in all.
	out = slices.Concat(out, []byte{0x23}, uleb(m.fuel()), []byte{0x23}, uleb(m.portion()), []byte{0x42, 0, 0x23}, uleb(m.portion()),
		[]byte{0x42, 0, 0x53, 0x1b, 0x7c}) // fuel + (portion < 0 ? portion : 0)
	return append(out, 0x42, 0, 0x53, 0x04, 0x40, 0x00, opEnd, opEnd) // < 0: unreachable
}

// wrapperBody is that of the function that the host calls: (length, budget beyond the portion, two
// addresses) -> (status, the words there).
func (m *metering) wrapperBody() []byte {
	calls := uleb(m.calls())
	count := slices.Concat([]byte{0x23}, calls, []byte{0x42, 1, 0x7c, 0x24}, calls) // calls += 1
	out := slices.Concat([]byte{0}, count, []byte{0x42}, sleb(portion), []byte{0x24}, uleb(m.portion()), []byte{0x20, 1, 0x24}, uleb(m.fuel()))
	if m.ownFuel >= 0 {
		out = slices.Concat(out, []byte{0x20, 1, 0x42}, sleb(portion), []byte{0x7c, 0x24}, uleb(uint32(m.ownFuel)))
	}
	out = slices.Concat(out, []byte{0x20, 0, 0x10}, uleb(uint32(m.evaluate)), count)
	return append(out, 0x20, 2, 0x29, 3, 0, 0x20, 3, 0x29, 3, 0, opEnd) // i64.load, twice
}

// meterBody writes a function anew. A branch to a loop lands behind its head, whatever made it, so that
// the one place behind the head sees every round.
func (m *metering) meterBody(body *reader, parameters uint32) []byte {
	if len(body.data) > maxBody {
		body.err = fmt.Errorf("found %d bytes of code; expected at most %d, since compiling takes memory by the size of a function", len(body.data), maxBody)
		return nil
	}
	price := int64(1 + len(body.data)/codePerUnit)
	// Two locals more, behind all others: an i32 for the length of a bulk instruction, an i64 for what is
	// left of the portion.
	groups := body.count()
	locals, from := parameters, body.at
	for range groups {
		locals += min(body.u32(), maxLocalCount+1)
		body.byte()
		if locals > maxLocalCount {
			body.err = fmt.Errorf("found more than %d locals", maxLocalCount)
			return nil
		}
	}
	out := append(uleb(groups+2), body.data[from:body.at]...)
	out = append(out, 1, wasmI32, 1, wasmI64)
	left := locals + 1
	out = m.charge(out, left, price)
	branches, loops := uint32(1), uint32(0) // the entry takes units
	for body.err == nil && body.at < len(body.data) {
		start := body.at
		op := m.instruction(body)
		if body.err != nil {
			return nil
		}
		switch op.kind {
		case opCall:
			m.known(body, op.index)
			if op.index < m.imports {
				out = m.charge(out, left, importPrice)
				branches++
			}
		case opFunction:
			m.known(body, op.index)
		case opDynamicCall:
			out = m.charge(out, left, dynamicPrice)
			branches++
		case opGrow:
			out = m.charge(out, left, growPrice)
			branches++
		case opBulk:
			out = m.chargeLength(out, left, locals)
			branches++
		case opGlobal:
			if int(op.index) >= len(m.globals) {
				body.err = fmt.Errorf("found the global %d of %d", op.index, len(m.globals))
			}
		}
		out = append(out, body.data[start:body.at]...)
		if op.kind == opLoop {
			out = m.charge(out, left, price)
			loops++
		}
		branches += op.branches
	}
	work := compileWork(branches, loops, locals)
	if m.work += work; work > maxFunctionWork || m.work > maxModuleWork {
		body.err = fmt.Errorf("found %d branches, %d loops and %d locals: this function, or the module up to it, takes too long to compile; expected smaller functions", branches, loops, locals)
	}
	return out
}

// charge takes units. The stack below stays as it is, so that it fits anywhere. 64 bits, so that no
// budget wraps round.
func (m *metering) charge(out []byte, local uint32, units int64) []byte {
	out = append(append(out, 0x23), uleb(m.portion())...) // global.get
	out = append(append(out, 0x42), sleb(units)...)       // i64.const
	return m.take(out, local)
}

// take writes the difference of the two numbers on the stack, and asks for the next portion below zero.
func (m *metering) take(out []byte, local uint32) []byte {
	out = append(append(out, 0x7d, 0x22), uleb(local)...) // i64.sub, local.tee
	out = append(append(out, 0x24), uleb(m.portion())...) // global.set
	out = append(append(out, 0x20), uleb(local)...)       // local.get
	out = append(out, 0x42, 0, 0x53, 0x04, 0x40, 0x10)    // i64.const 0, i64.lt_s, if, call
	return append(append(out, uleb(m.nextPortion())...), opEnd)
}

// chargeLength takes units for the length on top of the stack, which stays there.
func (m *metering) chargeLength(out []byte, local, length uint32) []byte {
	out = append(append(out, 0x22), uleb(length)...)      // local.tee
	out = append(append(out, 0x23), uleb(m.portion())...) // global.get
	out = append(append(out, 0x20), uleb(length)...)      // local.get
	out = append(out, 0xad, 0x42, 6, 0x88, 0x42, 1, 0x7c) // extend_i32_u, >> 6, + 1
	return m.take(out, local)
}

const opEnd = 0x0b

// opKind says what the meter has to do about an instruction.
type opKind uint8

const (
	opPlain opKind = iota
	opLoop
	opCall
	opDynamicCall
	opGrow
	opBulk
	opGlobal
	opFunction
)

type instructionRead struct {
	kind     opKind
	index    uint32
	branches uint32 // see compileWork
}

// instruction reads one instruction with its immediates: those of WebAssembly 2.0, as wazero runs them.
// One that is not known is refused, since what follows it could not be read.
func (m *metering) instruction(r *reader) (op instructionRead) {
	switch code := r.byte(); {
	case code == 0x03:
		op.kind, op.branches = opLoop, 2 // its head, and the place behind it that takes units
		r.s33()
	case code == 0x02, code == 0x04: // block, if
		op.branches = 1
		r.s33()
	case code == 0x0c: // br
		r.u32()
	case code == 0x0d: // br_if
		op.branches = 1
		r.u32()
	case code == 0x0e: // br_table
		op.branches = r.count()
		for range op.branches {
			r.u32()
		}
		r.u32()
	case code == 0x10:
		op.kind, op.index = opCall, r.u32()
	case code == 0x11: // call_indirect
		op.kind = opDynamicCall
		r.u32()
		r.u32()
	case code == 0x1c: // select with types
		r.bytes(int(r.u32()))
	case code >= 0x20 && code <= 0x22, code == 0x25, code == 0x26: // locals, table.get, table.set
		r.u32()
	case code == 0x23, code == 0x24:
		op.kind, op.index = opGlobal, r.u32()
	case code >= 0x28 && code <= 0x3e: // loads, stores
		r.memarg()
	case code == 0x3f: // memory.size
		r.u32()
	case code == 0x40: // memory.grow
		op.kind = opGrow
		r.u32()
	case code == 0x41:
		r.s33()
	case code == 0x42:
		r.s64()
	case code == 0x43:
		r.bytes(4)
	case code == 0x44:
		r.bytes(8)
	case code == 0xd0: // ref.null
		r.s33()
	case code == 0xd2: // ref.func
		op.kind, op.index = opFunction, r.u32()
	case code == 0xfc:
		m.bulk(r, &op)
	case code == 0xfd:
		m.vector(r)
	case code <= 0x01, code == 0x05, code == 0x0b, code == 0x0f, code == 0x1a, code == 0x1b,
		code >= 0x45 && code <= 0xc4, code == 0xd1: // without immediates
	default:
		r.unknown("%#x", uint32(code))
	}
	return op
}

func (m *metering) bulk(r *reader, op *instructionRead) {
	switch code := r.u32(); {
	case code <= 7: // saturating conversions
	case code == 8, code == 10, code == 12, code == 14: // memory.init, .copy, table.init, .copy
		op.kind = opBulk
		r.u32()
		r.u32()
	case code == 11, code == 17: // memory.fill, table.fill
		op.kind = opBulk
		r.u32()
	case code == 9, code == 13, code == 16: // data.drop, elem.drop, table.size
		r.u32()
	case code == 15: // table.grow
		op.kind = opGrow
		r.u32()
	default:
		r.unknown("0xfc %d", code)
	}
}

func (m *metering) vector(r *reader) {
	switch code := r.u32(); {
	case code <= 11, code == 92, code == 93: // loads, stores
		r.memarg()
	case code == 12, code == 13: // const, shuffle
		r.bytes(16)
	case code >= 21 && code <= 34: // lanes
		r.byte()
	case code >= 84 && code <= 91: // lanes in memory
		r.memarg()
		r.byte()
	case code <= 255:
	default:
		r.unknown("0xfd %d", code)
	}
}

// reader reads a binary; the first mistake stays in err, and what is read after it is zero.
type reader struct {
	data []byte
	at   int
	err  error
}

var errCut = errors.New("the module is cut off")

func (r *reader) unknown(format string, code uint32) {
	if r.err == nil {
		r.err = fmt.Errorf("found the instruction "+format+"; expected those of WebAssembly 2.0", code)
	}
}

func (r *reader) byte() byte {
	if r.err != nil || r.at >= len(r.data) {
		r.err = cmp.Or(r.err, errCut)
		return 0
	}
	r.at++
	return r.data[r.at-1]
}

func (r *reader) bytes(n int) []byte {
	if r.err != nil || n < 0 || n > len(r.data)-r.at {
		r.err = cmp.Or(r.err, errCut)
		return nil
	}
	r.at += n
	return r.data[r.at-n : r.at]
}

func (r *reader) rest() []byte { return r.bytes(len(r.data) - r.at) }

// u32 reads an unsigned LEB128.
func (r *reader) u32() uint32 {
	if r.err != nil {
		return 0
	}
	n, size := binary.Uvarint(r.data[r.at:])
	if size <= 0 || size > 5 || n > 1<<32-1 {
		r.err = errCut
		return 0
	}
	r.at += size
	return uint32(n)
}

// count reads the number of items in a list: each takes a byte at least.
func (r *reader) count() uint32 {
	n := r.u32()
	if int64(n) > int64(len(r.data)-r.at) {
		r.err = cmp.Or(r.err, errCut)
		return 0
	}
	return n
}

func (r *reader) s33() { r.signed(5) }
func (r *reader) s64() { r.signed(10) }

// signed skips a signed LEB128.
func (r *reader) signed(most int) {
	for range most {
		if r.byte() < 0x80 {
			return
		}
	}
	r.err = cmp.Or(r.err, errCut)
}

func (r *reader) memarg() {
	r.u32()
	r.signed(10)
}

func appendSection(out []byte, id byte, content []byte) []byte {
	out = append(append(out, id), uleb(uint32(len(content)))...)
	return append(out, content...)
}

func uleb(n uint32) []byte { return binary.AppendUvarint(nil, uint64(n)) }

// sleb encodes a signed LEB128.
func sleb(n int64) []byte {
	var b bytes.Buffer
	for {
		c := byte(n & 0x7f)
		n >>= 7
		if n == 0 && c&0x40 == 0 || n == -1 && c&0x40 != 0 {
			b.WriteByte(c)
			return b.Bytes()
		}
		b.WriteByte(c | 0x80)
	}
}
