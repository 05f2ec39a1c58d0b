// Package wasmsamplingpolicy is a collector extension that lets the tail_sampling processor take
// its decisions from a WebAssembly module (an Extism plugin, see the ABI of plugins/sampling-policy).
package wasmsamplingpolicy

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"
)

// NewFactory returns the factory of the extension `wasm_sampling_policy`.
func NewFactory() extension.Factory {
	return extension.NewFactory(component.MustNewType("wasm_sampling_policy"), func() component.Config { return &struct{}{} },
		func(context.Context, extension.Settings, component.Config) (extension.Extension, error) {
			return nil, nil
		}, component.StabilityLevelDevelopment)
}
