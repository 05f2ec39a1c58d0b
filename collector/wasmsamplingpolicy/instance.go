package wasmsamplingpolicy

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	extism "github.com/extism/go-sdk"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"go.uber.org/zap"
)

// compiled is a module ready to be instantiated.
type compiled struct {
	plugin *extism.CompiledPlugin
	log    *zap.Logger
	abi    uint32
	// logDropped counts lines that the module logged where it must not.
	logDropped atomic.Uint64
	// instances that were made; more than evaluators when some had to be replaced.
	instances atomic.Uint64
}

// limits of a module.
type limits struct {
	pages uint32 // of memory, 64 KiB each
}

// startFuel is the budget of all that comes before the first trace, and of a report.
const startFuel = 100_000_000

// compile meters the module and loads it through Extism: no WASI, no HTTP hosts, no files, bounded
// memory.
func compile(ctx context.Context, wasm []byte, within limits, log *zap.Logger) (*compiled, error) {
	letGuestLog(log)
	metered, err := meter(wasm, startFuel)
	if err != nil {
		return nil, fmt.Errorf("the module cannot be loaded: %w", err)
	}
	plugin, err := extism.NewCompiledPlugin(withCapture(ctx), extism.Manifest{
		Wasm: []extism.Wasm{extism.WasmData{Data: metered, Name: "main"}},
		// -1 asks for Extism's own defaults, 0 would forbid.
		Memory: &extism.ManifestMemory{MaxPages: within.pages, MaxVarBytes: -1, MaxHttpResponseBytes: 0},
	}, extism.PluginConfig{RuntimeConfig: wazero.NewRuntimeConfig()}, nil)
	if err != nil {
		return nil, fmt.Errorf("the module cannot be loaded: %w", err)
	}
	c := &compiled{plugin: plugin, log: log}
	if c.abi, err = c.version(ctx); err != nil {
		return nil, errors.Join(err, plugin.Close(ctx))
	}
	return c, nil
}

// version asks a first instance for its ABI version, since that decides what is called first.
func (c *compiled) version(ctx context.Context) (uint32, error) {
	plugin, err := c.plugin.Instance(ctx, extism.PluginInstanceConfig{})
	if err != nil {
		return 0, fmt.Errorf("the module cannot be instantiated: %w", err)
	}
	defer plugin.Close(ctx)
	in := &instance{plugin: plugin}
	in.silence(c)
	if !plugin.FunctionExists("tsp_abi") {
		return 0, noExport("tsp_abi")
	}
	// Extism gives what the function returns as an exit code.
	version, _, err := plugin.CallWithContext(ctx, "tsp_abi", nil)
	if err != nil {
		return 0, fmt.Errorf("tsp_abi: %s", printable([]byte(err.Error()), maxModuleError))
	}
	if version < abiOldest || version > abiNewest {
		return 0, fmt.Errorf("tsp_abi: found version %d; this collector speaks versions %d to %d", int32(version), abiOldest, abiNewest)
	}
	return version, nil
}

func (c *compiled) close(ctx context.Context) error { return c.plugin.Close(ctx) }

// instance is one configured instance of the module, used by one goroutine.
type instance struct {
	plugin      *extism.Plugin
	log         *guestLog
	description *description
	projection  *projection
	reasons     uint32

	ctx      context.Context
	memory   api.Memory
	evaluate api.Function
	// fuel is what the host metered the module with; ownFuel the module's, nil when it brings none.
	fuel, portion, ownFuel api.MutableGlobal
	calls                  api.Global // counts the calls of evaluate at their begin and end
	buffer                 uint32     // address of the record buffer in memory
	capacity               uint32     // its size, in bytes
	answerAt               uint64     // address of decision and reason
	modelAt                uint64     // address of the model, or of anything in version 1
	state                  uint32     // address of the state
	stateSize              uint32     // its size, 0 = the policy has none
}

// instantiate makes an instance with the settings in force, a JSON object. A refusal of the settings
// is returned in the module's own words.
func (c *compiled) instantiate(settings []byte) (*instance, error) {
	ctx := context.Background() // the instance outlives the call that makes it
	plugin, err := c.plugin.Instance(ctx, extism.PluginInstanceConfig{})
	if err != nil {
		return nil, fmt.Errorf("the module cannot be instantiated: %w", err)
	}
	in := &instance{plugin: plugin}
	in.silence(c)
	if err := in.prepare(ctx, c.abi, settings); err != nil {
		return nil, errors.Join(err, in.close())
	}
	c.instances.Add(1)
	return in, nil
}

// callContext is what a call needs of the context that Extism made. wazero asks it for several values of
// its own in each call, none of which is there, and finding that out takes a while in a chain of contexts.
type callContext struct{ context.Context }

func (c callContext) Value(key any) any {
	switch key.(type) {
	case extism.PluginCtxKey, extism.InputOffsetKey:
		return c.Context.Value(key)
	default:
		return nil
	}
}

// silence bounds what the instance logs.
func (in *instance) silence(c *compiled) {
	in.log = &guestLog{log: c.log, dropped: &c.logDropped}
	in.plugin.SetLogger(in.log.write)
}

func (in *instance) close() error { return in.plugin.Close(context.Background()) }

// prepare configures the instance and asks what it wants; version 1 the other way round.
func (in *instance) prepare(ctx context.Context, abi uint32, settings []byte) (err error) {
	in.log.open()
	defer in.log.close()
	var c captured
	configure := func() error {
		if _, err := in.call(captureInto(ctx, &c), capturedExport, settings); err != nil {
			return err
		}
		if c.module == nil {
			return fmt.Errorf("the module did not show itself in %s: this wazero has no function listeners", capturedExport)
		}
		in.ctx = callContext{c.ctx}
		return in.bindFuel(c.module)
	}
	describe := func() error {
		text, err := in.call(ctx, "describe", nil)
		if err != nil {
			return err
		}
		if in.description, err = parseDescription(text); err != nil {
			return err
		}
		if found := in.description.ABI; found != int(abi) {
			return fmt.Errorf("describe: abi: found %d; expected %d, as tsp_abi says", found, abi)
		}
		in.reasons = uint32(len(in.description.Reasons))
		in.projection, err = newProjection(in.description)
		return err
	}
	if abi == 1 {
		configure, describe = describe, configure
	}
	if err := configure(); err != nil {
		return err
	}
	if err := describe(); err != nil {
		return err
	}
	return in.bind(c.module, abi)
}

// call calls an Extism function of the module.
func (in *instance) call(ctx context.Context, name string, input []byte) ([]byte, error) {
	if !in.plugin.FunctionExists(name) {
		return nil, noExport(name)
	}
	if in.fuel != nil {
		in.setFuel(startFuel)
	}
	code, output, err := in.plugin.CallWithContext(ctx, name, input)
	if err != nil {
		return nil, fmt.Errorf("%s: %s", name, printable([]byte(err.Error()), maxModuleError))
	}
	if code != 0 {
		return nil, fmt.Errorf("%s: the module returned %d without a text", name, code)
	}
	return output, nil
}

// maxModuleError bounds the length of an error text that comes from the module, in bytes.
const maxModuleError = 4096

func noExport(name string) error {
	return fmt.Errorf("the module has no export %q; expected a sampling policy of ABI version %d or %d", name, abiOldest, abiNewest)
}

// bindFuel looks up the budgets.
func (in *instance) bindFuel(module api.Module) error {
	in.fuel, _ = module.ExportedGlobal(fuelExport).(api.MutableGlobal)
	in.portion, _ = module.ExportedGlobal(portionExport).(api.MutableGlobal)
	if in.calls = module.ExportedGlobal(callsExport); in.fuel == nil || in.portion == nil || in.calls == nil {
		return errors.New("the module was not metered: a fault of this collector")
	}
	in.ownFuel, _ = module.ExportedGlobal("tsp_fuel").(api.MutableGlobal)
	return nil
}

// setFuel gives the module a budget for what comes next.
func (in *instance) setFuel(units int64) {
	in.portion.Set(portion)
	in.fuel.Set(uint64(units - portion))
	if in.ownFuel != nil {
		in.ownFuel.Set(uint64(units))
	}
}

// endCall takes what is left beyond the portion that the module is at. Only that: the rest is the
// module's to write, which reads it, takes from it and writes it back.
func (in *instance) endCall() { in.fuel.Set(^uint64(0)) }

// outOfFuel tells why a call trapped.
func (in *instance) outOfFuel() bool {
	return int64(in.fuel.Get()) < 0 && int64(in.portion.Get()) <= portion || in.ownFuel != nil && int64(in.ownFuel.Get()) < 0
}

// bind looks up and checks the plain exports.
func (in *instance) bind(module api.Module, abi uint32) (err error) {
	if in.buffer, err = in.constant(module, "tsp_buffer"); err != nil {
		return err
	}
	if in.capacity, err = in.constant(module, "tsp_capacity"); err != nil {
		return err
	}
	if in.memory = module.Memory(); in.memory == nil {
		return errors.New(`the module has no export "memory"`)
	}
	if _, err = plainExport(module, "tsp_evaluate", []api.ValueType{api.ValueTypeI32}); err != nil {
		return err
	}
	if in.evaluate = module.ExportedFunction(evaluateExport); in.evaluate == nil {
		return errors.New("tsp_evaluate: found a function of the host; expected the module's own")
	}
	if in.buffer%8 != 0 {
		return fmt.Errorf("tsp_buffer: found address %d; expected a multiple of 8", in.buffer)
	}
	header := uint32(in.projection.header)
	if _, ok := in.memory.Read(in.buffer, in.capacity); !ok || in.capacity < header {
		return fmt.Errorf("tsp_buffer, tsp_capacity: found %d bytes at %d; expected %d or more within the %d bytes of memory",
			in.capacity, in.buffer, header, in.memory.Size())
	}
	in.answerAt = uint64(in.buffer + offsetAnswer)
	if in.modelAt = in.answerAt; abi > 1 {
		in.modelAt = uint64(in.buffer + offsetModel)
	}
	if abi == 1 || module.ExportedFunction("tsp_state") == nil {
		if in.description.Gauges != nil {
			return errors.New("describe: gauges: found without a tsp_state that report could read")
		}
		return nil
	}
	if in.state, err = in.constant(module, "tsp_state"); err != nil {
		return err
	}
	if in.stateSize, err = in.constant(module, "tsp_state_size"); err != nil {
		return err
	}
	if _, ok := in.memory.Read(in.state, in.stateSize); !ok || in.stateSize == 0 || in.stateSize > maxState {
		return fmt.Errorf("tsp_state, tsp_state_size: found %d bytes at %d; expected 1 to %d within the %d bytes of memory",
			in.stateSize, in.state, maxState, in.memory.Size())
	}
	if len(in.description.Gauges) > 0 && !in.plugin.FunctionExists("report") {
		return noExport("report")
	}
	return nil
}

// maxState bounds what is copied from one instance to the next, in bytes.
const maxState = 16 * mebibyte

// learnt gives a view of the state, which dies when the memory grows; nil without one.
func (in *instance) learnt() []byte {
	if in.stateSize == 0 {
		return nil
	}
	view, _ := in.memory.Read(in.state, in.stateSize)
	return view
}

// inherit takes over the state of the instance before, which is of the same module.
func (in *instance) inherit(before *instance) error {
	return in.learn(before.learnt())
}

// learn puts a copy of a state in place.
func (in *instance) learn(state []byte) error {
	if len(state) != int(in.stateSize) {
		return fmt.Errorf("tsp_state_size: found %d with the settings before and %d with these; expected a constant", len(state), in.stateSize)
	}
	copy(in.learnt(), state)
	return nil
}

// text gives a text of the record in the buffer, by offset (low word) and length as a string slot has
// them.
func (in *instance) text(offset uint32, size int) ([]byte, bool) {
	length, _ := in.memory.ReadUint32Le(in.buffer + offsetModelLen)
	if uint64(offset)+uint64(length) > uint64(size) {
		return nil, false
	}
	return in.memory.Read(in.buffer+offset, length)
}

// explanation reads what the module says about a trace, beyond the decision. The numbers of reason, cause
// and span are in range.
func (in *instance) explanation(reason uint32) explanation {
	a := explanation{}
	if reason > 0 {
		a.reason = in.description.Reasons[reason-1]
	}
	a.value, _ = in.memory.ReadFloat64Le(in.buffer + offsetValue)
	a.limit, _ = in.memory.ReadFloat64Le(in.buffer + offsetLimit)
	a.adjusted, _ = in.memory.ReadFloat64Le(in.buffer + offsetAdjusted)
	if in.projection.header == recordHeader {
		a.typical, _ = in.memory.ReadFloat64Le(in.buffer + offsetTypical)
		words, _ := in.memory.ReadUint64Le(in.buffer + offsetCause)
		if c := uint32(words); c > 0 && c <= uint32(len(in.description.Causes)) {
			a.cause = in.description.Causes[c-1]
		}
		a.span = uint32(words >> 32)
	}
	return a
}

// constant calls a plain export `() -> i32`.
func (in *instance) constant(module api.Module, name string) (uint32, error) {
	f, err := plainExport(module, name, nil)
	if err != nil {
		return 0, err
	}
	in.setFuel(startFuel)
	result, err := f.Call(in.ctx)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return api.DecodeU32(result[0]), nil
}

// plainExport looks up a function with these parameters and an i32 result.
func plainExport(module api.Module, name string, parameters []api.ValueType) (api.Function, error) {
	f := module.ExportedFunction(name)
	if f == nil {
		return nil, noExport(name)
	}
	found := f.Definition()
	if string(found.ParamTypes()) != string(parameters) || string(found.ResultTypes()) != string([]api.ValueType{api.ValueTypeI32}) {
		return nil, fmt.Errorf("%s: found another signature than the sampling policy ABI gives it", name)
	}
	return f, nil
}
