package wasmsamplingpolicy

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor/pkg/samplingpolicy"
)

// Modules that want to hold the shard, fill memory or log, or tell what they must not. Each is loaded,
// decides on traces in the real processor, and costs no more than a bounded part of a second a call.

// times repeats code so often, by local 1.
func times(n int32, code []byte) []byte {
	return slices.Concat(i32const(n), []byte{0x21, 1, 0x03, 0x40}, code,
		[]byte{0x20, 1}, i32const(1), []byte{0x6b, 0x22, 1, 0x0d, 0, opEnd}) // local 1 -= 1, br_if
}

// logged logs the text at an address of Extism's memory: the guest copies its own there first.
func logged(address, length int32) []byte {
	return slices.Concat(i32const(address), i32const(length), []byte{0x10, funcGive, 0x10, funcLogWarn})
}

func branching(depth int32) guest {
	g := newGuest(i32const(depth), []byte{0x10, funcEvaluate})
	// evaluate(n) = n == 0 ? 0 : evaluate(n-1) + evaluate(n-1): no loop, and no deep stack.
	down := []byte{0x20, 0, 0x41, 1, 0x6b, 0x10, funcEvaluate}
	g.evaluate = slices.Concat([]byte{0x20, 0, 0x45, 0x04, 0x40, 0x41, 0, 0x0f, opEnd}, down, down, []byte{0x6a})
	return g
}

func hostileGuests() map[string]struct {
	guest guest
	cause cause // what it is counted under, or causes when it may decide
} {
	untaken := newGuest(unmeteredForever()) // exports a tsp_fuel
	refills := newGuest([]byte{0x03, 0x40, 0x42}, sleb(1<<60), []byte{0x24, 0, 0x0c, 0, opEnd, opUnreachable})
	once := newGuest([]byte{0x23, 0, 0x42, 1, 0x7d, 0x24, 0}, unmeteredForever())
	unmetered := newGuest(unmeteredForever())
	unmetered.noFuel = true
	fill := slices.Concat(i32const(0), i32const(0), i32const(8000), []byte{0xfc, 11, 0})
	table := newGuest([]byte{0xd0, 0x70}, i32const(50_000_000), []byte{0xfc, 15, 0, 0x1a}, answer(0, 0))
	// Long code without a loop of its own in it: the budget takes one unit for 256 bytes of it.
	divides := newGuest([]byte{0x03, 0x40, 0x42, 7}, bytes.Repeat([]byte{0x42, 3, 0x7f}, 7000), []byte{0x1a, 0x0c, 0, opEnd, opUnreachable})
	// A text of 1 MiB of Extism's, logged again and again: the module's own fuel serves as a variable.
	megabytes := newGuest([]byte{0x42}, sleb(mebibyte), []byte{0x10, funcAlloc, 0x24, 0}, times(9000, []byte{0x23, 0, 0x10, funcLogWarn}), answer(0, 0))
	gigabytes := newGuest(times(9000, slices.Concat([]byte{0x42}, sleb(1<<30), []byte{0x10, funcAlloc, 0x1a})), answer(0, 0))
	copied := slices.Concat(i32const(1), i32const(0), i32const(65_535), []byte{0xfc, 10, 0, 0})
	tables := newGuest(times(100_000, slices.Concat([]byte{0xd0, 0x70}, i32const(60_000), []byte{0xfc, 15, 0, 0x1a})), answer(0, 0))
	return map[string]struct {
		guest guest
		cause cause
	}{
		"100,000 log lines a trace":     {newGuest(times(100_000, logged(guestDescribe, 200)), answer(0, 0)), causeFuel},
		"a tsp_fuel that nothing takes": {untaken, causeFuel},
		"a tsp_fuel that is taken once": {once, causeFuel},
		"a tsp_fuel that is filled up":  {refills, causeFuel},
		"no tsp_fuel":                   {unmetered, causeFuel},
		"9,000,000 host calls a trace":  {newGuest(times(9_000_000, []byte{0x42, 1, 0x10, funcAlloc, 0x1a}), answer(0, 0)), causeFuel},
		"a branching recursion":         {branching(60), causeFuel},
		"a deep recursion":              {newGuest([]byte{0x20, 0, 0x10, funcEvaluate}), causeTrap},
		"memory filled again and again": {newGuest(times(100_000_000, fill), answer(0, 0)), causeFuel},
		"memory grown again and again":  {newGuest(times(100_000_000, slices.Concat(i32const(1), []byte{0x40, 0, 0x1a})), answer(0, 0)), causeFuel},
		"memory copied again and again": {newGuest(times(100_000_000, copied), answer(0, 0)), causeFuel},
		"divisions without a loop":      {divides, causeTimeout},
		"9,000 log lines of 1 MiB":      {megabytes, causes},
		"9,000 GiB of the host":         {gigabytes, causes},
		"a table of 50,000,000 entries": {table, causes},
		"a table grown again and again": {tables, causeFuel},
	}
}

func TestNoModuleHoldsItsShardOrFillsTheMemory(t *testing.T) {
	batches := randomBatches(newRand(11), 60)
	_, all := slowTraces(batches...)
	for name, c := range hostileGuests() {
		t.Run(name, func(t *testing.T) {
			core, logs := observer.New(zapcore.DebugLevel)
			set := componenttest.NewNopTelemetrySettings()
			set.Logger = zap.New(core)
			cfg := c.guest.install(t)
			// However busy the machine is, the clock ends only what it is there for.
			cfg.Timeout = maxTimeout
			if c.cause == causeTimeout {
				cfg.Timeout = minTimeout
			}
			e := started(t, cfg, set)
			v, err := e.NewEvaluator("p", nil)
			require.NoError(t, err)
			before := heap()
			start := cpuTime(t)
			kept, calls := 0, 0
			for id := range all {
				// A call that may decide meets no circuit breaker, and costs the same each time.
				if calls++; c.cause == causes && calls > 10 {
					break
				}
				decision, err := v.Evaluate(t.Context(), id, vllmTrace(id, healthy...))
				require.NoError(t, err)
				if decision == samplingpolicy.Sampled {
					kept++
				}
			}
			spent := cpuTime(t) - start
			assert.Less(t, spent, 20*time.Second, "a few calls of a bounded part of a second each")
			assert.Less(t, heap()-before, int64(256*mebibyte), "a deep stack included")
			faults := v.(*evaluator).tally.faults[:]
			if c.cause == causes {
				assert.Zero(t, kept, "it may decide")
			} else {
				assert.Equal(t, len(all), kept, "on_error keeps what it fails on")
				assert.GreaterOrEqual(t, faults[c.cause].Load(), uint64(4), causeNames[c.cause])
				assert.Equal(t, uint64(len(all)), faults[c.cause].Load()+faults[causeBreakerOpen].Load())
			}
			size := 0
			for _, entry := range logs.All() {
				size += len(entry.Message) + 100
			}
			assert.Less(t, size, 50_000, "bytes of log, of %d lines", logs.Len())
		})
	}
}

// The real processor goes on, and ends when it is told to, as on SIGTERM.
func TestSIGTERMEndsTheProcessorWhateverTheModuleDoes(t *testing.T) {
	batches := randomBatches(newRand(12), 100)
	_, all := slowTraces(batches...)
	for _, name := range []string{"a tsp_fuel that nothing takes", "100,000 log lines a trace", "a branching recursion"} {
		t.Run(name, func(t *testing.T) {
			requireExactly(t, all, batches, sample(t, hostileGuests()[name].guest.install(t), 2, nil, batches...))
		})
	}
}

func TestWhatIsLoggedWhileDecidingNeverComesOut(t *testing.T) {
	const secret = "the patient's name is"
	g := newGuest(logged(guestBuffer+recordHeaderV1+spanHeader+slotSize, int32(len(secret))), answer(0, 0))
	g.describe = strings.Replace(plainDescription, `"numbers":["gen_ai.latency.e2e"],"strings":[]`, `"numbers":[],"strings":["gen_ai.prompt"]`, 1)
	core, logs := observer.New(zapcore.DebugLevel)
	set := componenttest.NewNopTelemetrySettings()
	set.Logger = zap.New(core)
	v, err := started(t, g.install(t), set).NewEvaluator("p", nil)
	require.NoError(t, err)
	for range 100 {
		_, err = v.Evaluate(t.Context(), traceID(1), vllmTrace(traceID(1), map[string]any{"gen_ai.prompt": secret}))
		require.NoError(t, err)
	}
	found := false
	for _, entry := range logs.All() {
		assert.NotContains(t, entry.Message, "patient")
		assert.NotContains(t, fmt.Sprint(entry.ContextMap()), "patient")
		found = found || strings.Contains(entry.Message, "lines that the module logs are dropped")
	}
	assert.True(t, found, "that lines are dropped is said")
	assert.Less(t, logs.Len(), 20)
	buffer, _ := v.(*evaluator).in.memory.Read(guestBuffer, 1024)
	assert.True(t, bytes.Contains(buffer, []byte(secret)), "it did see it")
}

// Line breaks, control characters and bytes that are no UTF-8 would make lines of their own in the log, or spoil it.
func TestALogLineOfTheModuleIsOneLineOfText(t *testing.T) {
	g := newGuest(answer(0, 0))
	g.report = "one\x00two\nlevel=error three\x1b[31m\xff\xfe" + strings.Repeat("x", 10_000)
	g.configuring = logged(guestReport, int32(len(g.report)))
	core, logs := observer.New(zapcore.DebugLevel)
	set := componenttest.NewNopTelemetrySettings()
	set.Logger = zap.New(core)
	started(t, g.install(t), set)
	lines := logs.FilterField(zap.String("from", "policy")).FilterMessageSnippet("two").All()
	require.NotEmpty(t, lines)
	for _, line := range lines {
		assert.True(t, strings.HasPrefix(line.Message, "one?two?level=error three?[31m??xxx"), "%q", line.Message)
		assert.LessOrEqual(t, len(line.Message), maxGuestLine)
	}
}

func TestAModuleThatReachesForTheHostsAdditionsIsRefused(t *testing.T) {
	const functions, globals = funcNothing + 1, 1
	for name, c := range map[string]struct {
		change   func(*guest)
		expected string
	}{
		"sets the budget":        {func(g *guest) { g.evaluate = slices.Concat([]byte{0x42, 0, 0x24, globals}, answer(0, 0)) }, "found the global 1 of 1"},
		"reads the count":        {func(g *guest) { g.evaluate = slices.Concat([]byte{0x23, globals + 1, 0x1a}, answer(0, 0)) }, "found the global 2 of 1"},
		"calls the wrapper":      {func(g *guest) { g.evaluate = slices.Concat([]byte{0x10, functions}, answer(0, 0)) }, fmt.Sprintf("found the function %d of %d", functions, functions)},
		"refers to the wrapper":  {func(g *guest) { g.evaluate = slices.Concat([]byte{0xd2, functions, 0x1a}, answer(0, 0)) }, "found the function"},
		"has a start function":   {func(g *guest) { g.start = true }, "found a start function"},
		"a large table":          {func(g *guest) { g.table = slices.Concat([]byte{1, 0x70, 0}, uleb(1_000_000)) }, "found a table of 1000000 entries"},
		"many tables":            {func(g *guest) { g.table = slices.Concat([]byte{9}, bytes.Repeat([]byte{0x70, 0, 1}, 9)) }, "found 9 tables; expected at most 4"},
		"an unknown instruction": {func(g *guest) { g.evaluate = slices.Concat([]byte{0xfe, 0, 0, 0}, answer(0, 0)) }, "found the instruction 0xfe"},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGuest(answer(0, 0))
			c.change(&g)
			err := newExtension(g.install(t), componenttest.NewNopTelemetrySettings()).Start(t.Context(), nil)
			require.ErrorContains(t, err, c.expected)
		})
	}
}

// output sets the output of the call that is under way.
func output(at, length int64) []byte {
	return slices.Concat([]byte{0x42}, sleb(at), []byte{0x42}, sleb(length), []byte{0x10, funcOutputSet})
}

// What is wrong with a module before the first trace stops the collector with a message: it neither
// crashes nor fills the memory nor goes on for ever.
func TestAModuleThatIsHostileAtItsStartIsRefused(t *testing.T) {
	many := func(n int, entry string) string { return strings.TrimSuffix(strings.Repeat(entry+",", n), ",") }
	reasons := func(text string) func(*guest) {
		return func(g *guest) { g.describe = strings.Replace(g.describe, `["slow"]`, text, 1) }
	}
	names := func(text string) func(*guest) {
		return func(g *guest) { g.describe = strings.Replace(g.describe, `["llm_request"]`, text, 1) }
	}
	for name, c := range map[string]struct {
		change   func(*guest)
		expected string
	}{
		"describe loops":                   {func(g *guest) { g.describing = unmeteredForever() }, "describe: "},
		"describe traps":                   {func(g *guest) { g.describing = []byte{opUnreachable} }, "describe: "},
		"describe recurses":                {func(g *guest) { g.describing = []byte{0x10, funcDescribe, 0x1a} }, "describe: "},
		"describe grows its memory":        {func(g *guest) { g.describing = grow(65_536) }, "describe: "},
		"configure loops":                  {func(g *guest) { g.configuring = unmeteredForever() }, "configure: "},
		"an output of 1 TiB":               {func(g *guest) { g.describing = output(0, 1<<40); g.undescribed = true }, "describe: "},
		"an output of 4 GiB at 4 GiB":      {func(g *guest) { g.describing = output(1<<32-1, 1<<32-1); g.undescribed = true }, "describe: "},
		"a negative output":                {func(g *guest) { g.describing = output(-1, -1); g.undescribed = true }, "describe: "},
		"no output":                        {func(g *guest) { g.undescribed = true }, "describe: "},
		"no UTF-8":                         {func(g *guest) { g.describe = "\xff\xfe" }, "describe: "},
		"a data segment beyond the memory": {func(g *guest) { g.dataAt = 65_530 }, "cannot be instantiated"},
		"a data segment at -1":             {func(g *guest) { g.dataAt = -1 }, "cannot be instantiated"},
		"an import that nobody has":        {func(g *guest) { g.imported = "launch" }, "launch"},
		"a function of WASI":               {func(g *guest) { g.imported = "fd_write"; g.importedFrom = "wasi_snapshot_preview1" }, "wasi_snapshot_preview1"},
		"a negative state":                 {func(g *guest) { g.abi, g.describe, g.stateSize = 2, description2, -8 }, "tsp_state_size"},
		"1,900 reasons":                    {reasons("[" + manyReasons(1900) + "]"), "describe: found a list of 1900"},
		"65 reasons":                       {reasons("[" + manyReasons(65) + "]"), "found a list of 65 entries; expected at most 64"},
		"a reason of 1 kB":                 {reasons(`["` + strings.Repeat("x", 1000) + `"]`), "found a text of 1000 bytes"},
		"1,000 names to compare":           {names("[" + many(1000, `"x"`) + "]"), "found a list of 1000 entries"},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGuest(answer(0, 0))
			c.change(&g)
			before, spent := heap(), cpuTime(t)
			e := newExtension(g.install(t), componenttest.NewNopTelemetrySettings())
			err := e.Start(t.Context(), nil)
			require.ErrorContains(t, err, c.expected)
			assert.Less(t, len(err.Error()), 8192)
			require.NoError(t, e.Shutdown(t.Context()))
			assert.Less(t, cpuTime(t)-spent, 20*time.Second)
			assert.Less(t, heap()-before, int64(64*mebibyte))
		})
	}
}

// What a module announces and does not have must not be made room for, and what a small module lets the compiler
// do must be bounded: nothing can interrupt either, and a memory that is used up takes the collector with it.
func TestAModuleThatIsExpensiveToLoadIsRefusedBeforeItIsLoaded(t *testing.T) {
	huge := uleb(1<<32 - 1)
	nested := func(locals uint32, loops int) guest {
		var use []byte
		for i := range locals {
			use = slices.Concat(use, []byte{0x20}, uleb(i+1), i32const(1), []byte{0x6a, 0x21}, uleb(i+1))
		}
		g := newGuest(bytes.Repeat([]byte{0x03, 0x40}, loops), use, bytes.Repeat([]byte{0x41, 1, 0x0d, 0, opEnd}, loops), i32const(0))
		g.locals = slices.Concat([]byte{1}, uleb(locals), []byte{i32})
		return g
	}
	// No block of its own: the meter makes one for each growth.
	growths := func(times int, locals uint32) guest {
		var use []byte
		for i := range locals {
			use = slices.Concat(use, []byte{0x20}, uleb(i+1), []byte{0x1a})
		}
		g := newGuest(bytes.Repeat([]byte{0x41, 0, 0x40, 0, 0x1a}, times), use, answer(0, 0))
		g.locals = slices.Concat([]byte{1}, uleb(locals), []byte{i32})
		return g
	}
	for name, c := range map[string]struct {
		guest    guest
		expected string // empty: it runs
	}{
		"4,294,967,295 data segments":       {with(func(g *guest) { g.data = huge }), "section 11: the module is cut off"},
		"a data segment of 4 GiB":           {with(func(g *guest) { g.data = slices.Concat([]byte{1, 0, 0x41, 0, opEnd}, huge) }), "section 11: the module is cut off"},
		"an unknown kind of data segment":   {with(func(g *guest) { g.data = []byte{1, 3, 0} }), "found a data segment of kind 3"},
		"4,294,967,295 names of functions":  {with(func(g *guest) { g.custom = customSection("name", []byte{1, 10}, huge, make([]byte, 5)) }), ""},
		"4,294,967,295 names of locals":     {with(func(g *guest) { g.custom = customSection("name", []byte{2, 10}, huge, make([]byte, 5)) }), ""},
		"debug information that is none":    {with(func(g *guest) { g.custom = customSection(".debug_info", huge, make([]byte, 5)) }), ""},
		"a custom section without a name":   {with(func(g *guest) { g.custom = slices.Concat([]byte{0}, vec(5, huge)) }), ""},
		"a function of 300 kB":              {newGuest(bytes.Repeat([]byte{0x41, 0, 0x28, 2, 0, 0x1a}, 50_000), answer(0, 0)), "expected at most 262144"},
		"1,000 loops with 1,000 locals":     {nested(1000, 1000), "found 3001 branches, 1000 loops and 1001 locals"},
		"5,000 loops":                       {newGuest(bytes.Repeat([]byte{0x03, 0x40}, 5000), bytes.Repeat([]byte{opEnd}, 5000), answer(0, 0)), "takes too long to compile"},
		"65,000 blocks":                     {newGuest(bytes.Repeat([]byte{0x02, 0x40}, 65_000), bytes.Repeat([]byte{opEnd}, 65_000), answer(0, 0)), "takes too long to compile"},
		"50,000 conditional branches":       {newGuest([]byte{0x02, 0x40}, bytes.Repeat([]byte{0x41, 0, 0x0d, 0}, 50_000), []byte{opEnd}, answer(0, 0)), "takes too long to compile"},
		"a table of 200,000 branches":       {newGuest([]byte{0x02, 0x40, 0x41, 0, 0x0e}, uleb(200_000), make([]byte, 200_001), []byte{opEnd}, answer(0, 0)), "takes too long to compile"},
		"25,000 growths with 20,000 locals": {growths(25_000, 20_000), "found 25001 branches, 0 loops and 20001 locals"},
		"6,000 conditional branches":        {newGuest([]byte{0x02, 0x40}, bytes.Repeat([]byte{0x41, 0, 0x0d, 0}, 6000), []byte{opEnd}, answer(0, 0)), ""},
		"a table of 6,000 branches":         {newGuest([]byte{0x02, 0x40, 0x41, 0, 0x0e}, uleb(6000), make([]byte, 6001), []byte{opEnd}, answer(0, 0)), ""},
		"900 growths with 1,000 locals":     {growths(900, 1000), ""},
		"100 loops with 100 locals":         {nested(100, 100), ""},
	} {
		t.Run(name, func(t *testing.T) {
			policy := loadingThePolicy(t)
			spent, before := cpuTime(t), allocated()
			e := newExtension(c.guest.install(t), componenttest.NewNopTelemetrySettings())
			err := e.Start(t.Context(), nil)
			if c.expected == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, c.expected)
			}
			require.NoError(t, e.Shutdown(t.Context()))
			assert.Less(t, float64(cpuTime(t)-spent)/float64(policy), 50.0, "times the CPU of loading the policy: 13, under the race detector 28")
			assert.Less(t, allocated()-before, uint64(256*mebibyte))
		})
	}
}

// loadingThePolicy is the CPU time that the shipped policy's module costs here and now: the race detector and other
// work make everything dearer.
func loadingThePolicy(t *testing.T) time.Duration {
	t.Helper()
	spent := cpuTime(t)
	e := newExtension(shipped(t), componenttest.NewNopTelemetrySettings())
	require.NoError(t, e.Start(t.Context(), nil))
	require.NoError(t, e.Shutdown(t.Context()))
	return cpuTime(t) - spent
}

// allocated is all that was ever allocated.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

func customSection(name string, content ...[]byte) []byte {
	all := slices.Concat(str(name), slices.Concat(content...))
	return slices.Concat([]byte{0}, vec(len(all), all))
}

func manyReasons(n int) string {
	reasons := make([]string, n)
	for i := range reasons {
		reasons[i] = fmt.Sprintf(`"r%d"`, i)
	}
	return strings.Join(reasons, ",")
}

// Names of models go into labels and messages: neither bytes that are no UTF-8 nor line breaks get there.
func TestANameThatIsNoTextIsMadeOne(t *testing.T) {
	g := newGuest2(modelOf(1), answer(0, 1))
	v := evaluatorOf(t, g.install(t))
	traces := ptrace.NewTraces()
	request(traces, traceID(1), 1, nil)
	traces.ResourceSpans().At(0).Resource().Attributes().PutStr("service.name", "a\xff\xfe\nb\x00")
	_, err := v.Evaluate(t.Context(), traceID(1), &samplingpolicy.TraceData{SpanCount: 1, ReceivedBatches: traces})
	require.NoError(t, err)
	assert.Equal(t, uint64(1), v.tally.byName["a???b?"].count(outcomeLimited, 1), "%v", v.tally.byName)
}

// A report that loops, grows, or is no JSON shows no gauge, costs a bounded part of a second, and leaves the
// decisions alone.
func TestAHostileReportShowsNothingAndStopsNothing(t *testing.T) {
	for name, reporting := range map[string][]byte{
		"loops":         unmeteredForever(),
		"traps":         {opUnreachable},
		"recurses":      {0x10, funcReport, 0x1a},
		"of 4 GiB":      output(0, 1<<32-1),
		"logs":          times(100_000, logged(guestDescribe, 200)),
		"spoils itself": store(guestReport, -1),
	} {
		t.Run(name, func(t *testing.T) {
			g := counting()
			g.describe = withGauges
			g.report, g.reporting = `{"gauges":[{"name":"g","value":1}]}`, reporting
			if name == "of 4 GiB" {
				g.reporting = slices.Concat(reporting, i32const(0), []byte{0x0f}) // return
			}
			core, logs := observer.New(zapcore.DebugLevel)
			tel := componenttest.NewTelemetry()
			set := tel.NewTelemetrySettings()
			set.Logger = zap.New(core)
			e := started(t, g.install(t), set)
			p, err := e.NewEvaluator("p", nil)
			require.NoError(t, err)
			v, spent := p.(*evaluator), cpuTime(t)
			for range 3 {
				assert.Empty(t, e.gauges())
				learntBy(t, v)
			}
			assert.Less(t, cpuTime(t)-spent, 20*time.Second)
			assert.Equal(t, 4.0, learntBy(t, v), "no decision was touched")
			assert.Less(t, logs.Len(), 30)
		})
	}
}

// Where a call is slow beyond what the budget measures, the watchdog ends it. A budget that is as good as
// none stands for such code.
func TestTheWatchdogEndsACallAndSaysNotReady(t *testing.T) {
	cfg := newGuest(unmeteredForever()).install(t)
	cfg.Timeout = minTimeout
	watcher := &fakeHealth{}
	host := &statusHost{extensions: map[component.ID]component.Component{component.MustNewID("health_check"): watcher}}
	e := newExtension(cfg, componenttest.NewNopTelemetrySettings())
	require.NoError(t, e.Start(t.Context(), host))
	p, err := e.NewEvaluator("p", nil)
	require.NoError(t, err)
	v := p.(*evaluator)
	v.fuel = 1 << 62
	// A collection of garbage stops all goroutines, and waits for those that compiled code keeps busy: the
	// watchdog must come to its turn all the same.
	collected := make(chan struct{})
	time.AfterFunc(10*time.Millisecond, func() { runtime.GC(); close(collected) })
	started := time.Now()
	decision, err := v.Evaluate(t.Context(), traceID(1), vllmTrace(traceID(1), healthy...))
	require.NoError(t, err)
	assert.GreaterOrEqual(t, time.Since(started), cfg.Timeout)
	<-collected
	assert.Equal(t, samplingpolicy.Sampled, decision)
	assert.Equal(t, uint64(1), v.tally.faults[causeTimeout].Load())
	v.fuel = fuelPerTrace
	_, err = v.Evaluate(t.Context(), traceID(1), vllmTrace(traceID(1), healthy...))
	require.NoError(t, err)
	assert.Equal(t, uint64(1), v.tally.faults[causeFuel].Load(), "the next call is looked at anew")
	require.NoError(t, e.Shutdown(t.Context())) // the watchdog has ended: no race below

	assert.Equal(t, []string{"not ready"}, watcher.said)
	assert.Equal(t, []componentstatus.Status{componentstatus.StatusRecoverableError}, host.reported)
	e.lookAtCalls(map[*evaluator]look{}, e.health.until.Add(-time.Millisecond))
	assert.Len(t, watcher.said, 1)
	e.draining.Store(true)
	e.lookAtCalls(map[*evaluator]look{}, e.health.until)
	assert.Len(t, watcher.said, 1, "a collector that ends is never said to be ready")
	e.draining.Store(false)
	e.lookAtCalls(map[*evaluator]look{}, e.health.until)
	assert.Equal(t, []string{"not ready", "ready"}, watcher.said)
	assert.Equal(t, componentstatus.StatusOK, host.reported[1])
}

func TestHealthyCallsAreLeftAlone(t *testing.T) {
	cfg := shipped(t)
	cfg.Timeout = minTimeout
	e := started(t, cfg, componenttest.NewNopTelemetrySettings())
	p, err := e.NewEvaluator("p", nil)
	require.NoError(t, err)
	v := p.(*evaluator)
	seen, now := map[*evaluator]look{}, time.Now()
	for range 1000 {
		_, err := v.Evaluate(t.Context(), traceID(1), vllmTrace(traceID(1), healthy...))
		require.NoError(t, err)
		now = now.Add(time.Minute)
		e.lookAtCalls(seen, now)
	}
	assert.Zero(t, v.tally.faults[causeTimeout].Load())
	assert.False(t, e.health.unready)
}

type fakeHealth struct {
	component.StartFunc
	component.ShutdownFunc
	said []string
}

func (h *fakeHealth) Ready() error    { h.said = append(h.said, "ready"); return nil }
func (h *fakeHealth) NotReady() error { h.said = append(h.said, "not ready"); return nil }

type statusHost struct {
	extensions map[component.ID]component.Component
	reported   []componentstatus.Status
}

func (h *statusHost) GetExtensions() map[component.ID]component.Component { return h.extensions }
func (h *statusHost) Report(e *componentstatus.Event)                     { h.reported = append(h.reported, e.Status()) }

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, seed)) }

// cpuTime is what this process has used: the wall's clock would tell how busy the machine is.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse)
}

// What the meter writes is what the shipped policy did before: the same decisions, and little more code.
func TestMeteringChangesNoDecisionAndLittleSize(t *testing.T) {
	wasm, err := readModule(shippedPolicy, shipped(t).SHA256, 8*mebibyte)
	require.NoError(t, err)
	metered, err := meter(wasm, startFuel)
	require.NoError(t, err)
	assert.Less(t, len(metered), 2*len(wasm))
	again, err := meter(wasm, startFuel)
	require.NoError(t, err)
	assert.Equal(t, metered, again)
	_, err = meter(metered, startFuel)
	require.ErrorContains(t, err, "expected no name of the collector's own")
}

func FuzzMeter(f *testing.F) {
	f.Add(newGuest(forever()).wasm())
	f.Add(newGuest2(why(), slowerThan(1)).wasm())
	f.Add([]byte("\x00asm\x01\x00\x00\x00"))
	f.Fuzz(func(_ *testing.T, wasm []byte) { _, _ = meter(wasm, 1) }) // neither panics nor hangs
}
