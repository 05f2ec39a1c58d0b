// Package wasmsamplingpolicy is a collector extension that lets the tail_sampling processor take
// its decisions from a WebAssembly module.
//
// The module is an Extism plugin that speaks the sampling policy ABI, version 1
// (plugins/sampling-policy/ABI.md). Extism loads, limits and configures it; each trace then costs
// one call of a cached function on a record in the module's own memory, without allocations.
//
// The way of a trace: evaluator.go asks record.go to write what projection.go compiled from the
// module's description, calls the instance of instance.go and maps the answer; telemetry.go counts.
package wasmsamplingpolicy

//go:generate mdatagen metadata.yaml
