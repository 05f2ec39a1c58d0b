package wasmsamplingpolicy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	extism "github.com/extism/go-sdk"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"go.uber.org/zap"
)

// compiled is a module ready to be instantiated.
type compiled struct {
	plugin *extism.CompiledPlugin
	log    *zap.Logger
	// timed modules can be ended by their context; then they need no fuel.
	timed bool
	// instances that were made; more than evaluators when some had to be replaced.
	instances atomic.Uint64
}

// limits of a module.
type limits struct {
	pages uint32 // of memory, 64 KiB each
	// timed compiles in what a time-out needs: wazero then looks at the context in every round of
	// every loop, and watches it in a goroutine. Without it loops are bounded by fuel.
	timed bool
}

// startTimeout ends a timed module that does not come back from describe or configure.
const startTimeout = 10 * time.Second

// compile loads the module through Extism: no WASI, no HTTP hosts, no files, bounded memory.
func compile(ctx context.Context, wasm []byte, hash string, within limits, log *zap.Logger) (*compiled, error) {
	letGuestLog(log)
	plugin, err := extism.NewCompiledPlugin(withCapture(ctx), extism.Manifest{
		Wasm: []extism.Wasm{extism.WasmData{Data: wasm, Hash: strings.ToLower(hash), Name: "main"}},
		// -1 asks for Extism's own defaults, 0 would forbid.
		Memory: &extism.ManifestMemory{MaxPages: within.pages, MaxVarBytes: -1, MaxHttpResponseBytes: 0},
	}, extism.PluginConfig{RuntimeConfig: wazero.NewRuntimeConfig().WithCloseOnContextDone(within.timed)}, nil)
	if err != nil {
		return nil, fmt.Errorf("the module cannot be loaded: %w", err)
	}
	return &compiled{plugin: plugin, log: log, timed: within.timed}, nil
}

func (c *compiled) close(ctx context.Context) error { return c.plugin.Close(ctx) }

// instance is one configured instance of the module, used by one goroutine.
type instance struct {
	plugin      *extism.Plugin
	description *description

	ctx      context.Context
	memory   api.Memory
	evaluate api.Function
	fuel     api.MutableGlobal // nil when the module is not metered
	buffer   uint32            // address of the record buffer in memory
	capacity uint32            // its size, in bytes
}

// instantiate makes an instance with the settings in force, a JSON object. A refusal of the settings
// is returned in the module's own words.
func (c *compiled) instantiate(settings []byte) (*instance, error) {
	ctx := context.Background() // the instance outlives the call that makes it
	plugin, err := c.plugin.Instance(ctx, extism.PluginInstanceConfig{})
	if err != nil {
		return nil, fmt.Errorf("the module cannot be instantiated: %w", err)
	}
	plugin.SetLogger(guestLog(c.log))
	in := &instance{plugin: plugin}
	starting, cancel := ctx, context.CancelFunc(func() {})
	if c.timed {
		starting, cancel = context.WithTimeout(ctx, startTimeout)
	}
	defer cancel()
	if err := in.prepare(starting, settings); err != nil {
		return nil, errors.Join(err, in.close())
	}
	if c.timed { // only then: it allocates at every look-up of a value, which wazero does in each call
		in.ctx = context.WithoutCancel(in.ctx)
	}
	if in.fuel == nil && !c.timed {
		return nil, errors.Join(errNotMetered, in.close())
	}
	c.instances.Add(1)
	return in, nil
}

// errNotMetered refuses a module that could hold its shard for ever.
var errNotMetered = errors.New(`the module has no export "tsp_fuel", so nothing would end an endless loop in it; ` +
	"expected a metered module: run `wasm-meter policy.wasm policy.metered.wasm` (plugins/meter), " +
	"or set `timeout`, which makes a decision about twenty times as dear")

func (in *instance) close() error { return in.plugin.Close(context.Background()) }

func (in *instance) prepare(ctx context.Context, settings []byte) error {
	described, err := in.call(ctx, "describe", nil)
	if err != nil {
		return err
	}
	if in.description, err = parseDescription(described); err != nil {
		return err
	}
	var c captured
	if _, err := in.call(captureInto(ctx, &c), capturedExport, settings); err != nil {
		return err
	}
	if c.module == nil {
		return fmt.Errorf("the module did not show itself in %s: this wazero has no function listeners", capturedExport)
	}
	in.ctx = c.ctx
	return in.bind(c.module)
}

// call calls an Extism function of the module.
func (in *instance) call(ctx context.Context, name string, input []byte) ([]byte, error) {
	if !in.plugin.FunctionExists(name) {
		return nil, fmt.Errorf("the module has no export %q; expected a sampling policy of ABI version %d", name, abiVersion)
	}
	code, output, err := in.plugin.CallWithContext(ctx, name, input)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if code != 0 {
		return nil, fmt.Errorf("%s: the module returned %d without a text", name, code)
	}
	return output, nil
}

// bind looks up and checks the plain exports.
func (in *instance) bind(module api.Module) error {
	version, err := in.constant(module, "tsp_abi")
	if err != nil {
		return err
	}
	if version != abiVersion {
		return fmt.Errorf("tsp_abi: found version %d; this collector speaks version %d", version, abiVersion)
	}
	if in.buffer, err = in.constant(module, "tsp_buffer"); err != nil {
		return err
	}
	if in.capacity, err = in.constant(module, "tsp_capacity"); err != nil {
		return err
	}
	if in.memory = module.Memory(); in.memory == nil {
		return errors.New(`the module has no export "memory"`)
	}
	if in.evaluate, err = plainExport(module, "tsp_evaluate", []api.ValueType{api.ValueTypeI32}); err != nil {
		return err
	}
	if in.buffer%8 != 0 {
		return fmt.Errorf("tsp_buffer: found address %d; expected a multiple of 8", in.buffer)
	}
	if _, ok := in.memory.Read(in.buffer, in.capacity); !ok || in.capacity < recordHeader {
		return fmt.Errorf("tsp_buffer, tsp_capacity: found %d bytes at %d; expected %d or more within the %d bytes of memory",
			in.capacity, in.buffer, recordHeader, in.memory.Size())
	}
	in.fuel, _ = module.ExportedGlobal("tsp_fuel").(api.MutableGlobal)
	if in.fuel != nil && in.fuel.Type() != api.ValueTypeI64 {
		return errors.New("tsp_fuel: expected a mutable global of type i64")
	}
	return nil
}

// constant calls a plain export `() -> i32`.
func (in *instance) constant(module api.Module, name string) (uint32, error) {
	f, err := plainExport(module, name, nil)
	if err != nil {
		return 0, err
	}
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
		return nil, fmt.Errorf("the module has no export %q; expected a sampling policy of ABI version %d", name, abiVersion)
	}
	found := f.Definition()
	if string(found.ParamTypes()) != string(parameters) || string(found.ResultTypes()) != string([]api.ValueType{api.ValueTypeI32}) {
		return nil, fmt.Errorf("%s: found another signature than the sampling policy ABI gives it", name)
	}
	return f, nil
}
