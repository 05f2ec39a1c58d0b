package wasmsamplingpolicy

import (
	"context"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"

	"github.com/vllm-monitoring/vllm-monitoring/collector/wasmsamplingpolicy/internal/metadata"
)

// NewFactory returns the factory of the extension `wasm_sampling_policy`.
func NewFactory() extension.Factory { return NewFactoryWithClock(time.Now) }

// NewFactoryWithClock is NewFactory with another clock for policies: the time that a policy is given with a trace.
// Durations, such as timeout, are measured by the process's own clock.
func NewFactoryWithClock(now func() time.Time) extension.Factory {
	create := func(_ context.Context, set extension.Settings, cfg component.Config) (extension.Extension, error) {
		e := newExtension(cfg.(*Config), set.TelemetrySettings)
		e.now = now
		return e, nil
	}
	return extension.NewFactory(metadata.Type, createDefaultConfig, create, metadata.ExtensionStability)
}
