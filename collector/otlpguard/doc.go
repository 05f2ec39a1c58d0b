// Package otlpguard provides the extension `otlp_guard`: a middleware of the OTLP receiver that refuses
// a request of traces before it is decoded when it would decode to far more memory than it has bytes,
// or nests deeper than anything that reads it should recurse. An empty span is 2 bytes on the wire and
// some 420 in memory, so a bound on bytes alone is none on memory.
package otlpguard
