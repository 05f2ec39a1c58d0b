package wasmsamplingpolicy

import (
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/component"
)

// Config of the extension. Unknown keys are refused by the collector's own decoding.
type Config struct {
	// Path of the module: WebAssembly, or gzip of it (told by the first bytes, not by the name).
	Path string `mapstructure:"path"`
	// SHA256 of the uncompressed module, in hex.
	SHA256 string `mapstructure:"sha256"`
	// Settings are the policy's own, given to its `configure`.
	Settings map[string]any `mapstructure:"settings"`
	// SettingsFile holds the settings as a YAML or JSON object; followed while the collector runs.
	SettingsFile string `mapstructure:"settings_file"`
	// OnError says what becomes of a trace that the policy fails on.
	OnError OnError `mapstructure:"on_error"`
	// MemoryLimitMiB bounds the memory of one instance of the module, in MiB.
	MemoryLimitMiB uint32 `mapstructure:"memory_limit_mib"`
	// MaxWasmSizeMiB bounds the size of the module, compressed and uncompressed, in MiB.
	MaxWasmSizeMiB uint32 `mapstructure:"max_wasm_size_mib"`
	// AllowDrop lets the policy drop a trace against the votes of all other policies.
	AllowDrop bool `mapstructure:"allow_drop"`
	// Timeout ends a call by the clock.
	Timeout time.Duration `mapstructure:"timeout"`
	// SamplingStrategy is that of the tail_sampling processors which use the policy.
	SamplingStrategy SamplingStrategy `mapstructure:"sampling_strategy"`
	// Instances is the number of collectors that share the traces; a policy divides its budget by it.
	Instances uint32 `mapstructure:"instances"`
	// Stamp writes onto a kept span why it is kept.
	Stamp bool `mapstructure:"stamp"`
}

// SamplingStrategy is the processor's setting of that name.
type SamplingStrategy string

const (
	// TraceComplete decides once a trace has waited for decision_wait.
	TraceComplete SamplingStrategy = "trace-complete"
	// SpanIngest decides on each batch of a trace as it comes.
	SpanIngest SamplingStrategy = "span-ingest"
)

// OnError says what becomes of a trace that the policy fails on.
type OnError string

const (
	// OnErrorKeep samples the trace: a broken policy costs storage, not evidence.
	OnErrorKeep OnError = "keep"
	// OnErrorDrop does not sample the trace; other policies still can.
	OnErrorDrop OnError = "drop"
)

const (
	mebibyte       = 1 << 20
	maxMemoryMiB   = 4096 // 65,536 pages: all that 32-bit addresses reach
	maxWasmSizeMiB = 256

	minTimeout = 100 * time.Millisecond // below it a healthy call could run into the machine's pauses
	maxTimeout = 30 * time.Second       // a shard takes no spans meanwhile

	maxInstances = 10_000
)

func createDefaultConfig() component.Config {
	return &Config{
		OnError: OnErrorKeep, MemoryLimitMiB: 4, MaxWasmSizeMiB: 8,
		Timeout: 2 * time.Second, SamplingStrategy: TraceComplete, Instances: 1, Stamp: true,
	}
}

// Validate finds every mistake that shows without running the module; the module itself refuses its
// settings at start. Reading it here makes `otelcol validate` find a missing file and a wrong hash.
func (c *Config) Validate() error {
	var mistakes []error
	refuse := func(format string, args ...any) { mistakes = append(mistakes, fmt.Errorf(format, args...)) }

	if c.Path == "" {
		refuse("path: missing; expected the path of a .wasm file, or of a gzipped one")
	}
	hash, err := hex.DecodeString(c.SHA256)
	switch {
	case c.SHA256 == "":
		refuse("sha256: missing; expected the SHA-256 of the uncompressed module, 64 hex digits")
	case err != nil || len(hash) != 32:
		refuse("sha256: found %q; expected 64 hex digits, the SHA-256 of the uncompressed module", c.SHA256)
	}
	if c.Settings != nil && c.SettingsFile != "" {
		refuse("settings and settings_file: found both; expected one of them at most")
	}
	if c.OnError != OnErrorKeep && c.OnError != OnErrorDrop {
		refuse("on_error: found %q; expected %q or %q", c.OnError, OnErrorKeep, OnErrorDrop)
	}
	if c.MemoryLimitMiB < 1 || c.MemoryLimitMiB > maxMemoryMiB {
		refuse("memory_limit_mib: found %d; expected 1 to %d", c.MemoryLimitMiB, maxMemoryMiB)
	}
	if c.MaxWasmSizeMiB < 1 || c.MaxWasmSizeMiB > maxWasmSizeMiB {
		refuse("max_wasm_size_mib: found %d; expected 1 to %d", c.MaxWasmSizeMiB, maxWasmSizeMiB)
	}
	if c.Timeout < minTimeout || c.Timeout > maxTimeout {
		refuse("timeout: found %v; expected %v to %v", c.Timeout, minTimeout, maxTimeout)
	}
	if c.SamplingStrategy != TraceComplete && c.SamplingStrategy != SpanIngest {
		refuse("sampling_strategy: found %q; expected %q or %q, as the tail_sampling processor has it", c.SamplingStrategy, TraceComplete, SpanIngest)
	}
	// The processor never decides again on a trace that was dropped at its arrival, and holds its spans in
	// memory until num_traces is reached.
	if c.AllowDrop && c.SamplingStrategy == SpanIngest {
		refuse("allow_drop: found true with sampling_strategy %q, with which a dropped trace stays in the processor's memory until num_traces lets it go; expected allow_drop: false, or sampling_strategy: %q", SpanIngest, TraceComplete)
	}
	if c.Instances < 1 || c.Instances > maxInstances {
		refuse("instances: found %d; expected the number of collectors, 1 to %d", c.Instances, maxInstances)
	}
	if len(mistakes) == 0 {
		_, err := readModule(c.Path, c.SHA256, c.maxWasmSize())
		_, _, settingsErr := c.settings()
		mistakes = append(mistakes, err, settingsErr)
	}
	return errors.Join(mistakes...)
}

func (c *Config) maxWasmSize() int64 { return int64(c.MaxWasmSizeMiB) * mebibyte }

func (c *Config) limits() limits { return limits{pages: c.MemoryLimitMiB * (mebibyte >> 16)} }

func (c *Config) spanIngest() bool { return c.SamplingStrategy == SpanIngest }
