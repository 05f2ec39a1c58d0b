// Package decision pins what the decision bench is built from. The bench itself lies in
// _in_processor: it belongs to the processor's package, and ../run copies it there.
package decision

import (
	_ "github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor"
	_ "github.com/vllm-monitoring/vllm-monitoring/collector/wasmsamplingpolicy"
)
