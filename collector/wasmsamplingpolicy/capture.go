package wasmsamplingpolicy

import (
	"context"
	"slices"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// Extism's Go SDK does not give out the wazero module behind a plugin, and its own call costs some
// 500 times the plain call (it looks up nine functions and moves the input through its kernel). The
// way to the module is wazero's: a listener on one export is handed the module when it is called.
//
// `experimental` is wazero's own word for it, so the version is pinned in go.mod.

// capturedExport is the function that is listened to; all others are compiled without a listener.
const capturedExport = "configure"

// captured is filled in by a call of capturedExport.
type captured struct {
	module api.Module
	// ctx carries Extism's kernel and plugin: with it, host functions such as the log work in plain
	// calls too.
	ctx context.Context
}

type captureKey struct{}

// withCapture makes the module that is compiled with this context reveal itself.
func withCapture(ctx context.Context) context.Context {
	return experimental.WithFunctionListenerFactory(ctx, captureFactory{})
}

// captureInto makes a call of capturedExport with this context fill in c.
func captureInto(ctx context.Context, c *captured) context.Context {
	return context.WithValue(ctx, captureKey{}, c)
}

type captureFactory struct{}

func (captureFactory) NewFunctionListener(f api.FunctionDefinition) experimental.FunctionListener {
	if slices.Contains(f.ExportNames(), capturedExport) {
		return captureListener{}
	}
	return nil
}

type captureListener struct{}

func (captureListener) Before(ctx context.Context, module api.Module, _ api.FunctionDefinition, _ []uint64, _ experimental.StackIterator) {
	if c, ok := ctx.Value(captureKey{}).(*captured); ok {
		c.module, c.ctx = module, ctx
	}
}

func (captureListener) After(context.Context, api.Module, api.FunctionDefinition, []uint64) {}
func (captureListener) Abort(context.Context, api.Module, api.FunctionDefinition, error)    {}
