package tailsamplingprocessor

import (
	"fmt"
	"os"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor/pkg/samplingpolicy"
)

const (
	// The most CPU time that a collector may spend before it can decide, in milliseconds.
	loadBar     = 100 // load, check and compile the module, once
	instanceBar = 2   // an instance, described and configured: one for each shard, and after a trap

	starts             = 11
	instancesPerStart  = 8
	nanosInMillisecond = 1e6
)

// TestStartCost measures what is paid before the first decision, and again after a trap.
func TestStartCost(t *testing.T) {
	var loads, instances []float64
	for range starts {
		_, ext := newExtension(t, nil)
		before := cpuTime()
		if err := ext.Start(t.Context(), extensionHost{}); err != nil {
			t.Fatal(err)
		}
		loads = append(loads, float64(cpuTime()-before)/nanosInMillisecond)
		before = cpuTime()
		for range instancesPerStart {
			if _, err := ext.(samplingpolicy.Extension).NewEvaluator("bench", nil); err != nil {
				t.Fatal(err)
			}
		}
		instances = append(instances, float64(cpuTime()-before)/nanosInMillisecond/instancesPerStart)
		if err := ext.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Printf("\nstart, CPU time, medians of %d\n", starts)
	var entries []entry
	for _, m := range []struct {
		name   string
		values []float64
		bar    float64
	}{{"start/load-and-compile", loads, loadBar}, {"start/instance", instances, instanceBar}} {
		got := median(m.values)
		fmt.Printf("  %-24s %8.2f ms, at most %.0f\n", m.name, got, m.bar)
		entries = append(entries, entry{m.name, "ms", round(got, 100), m.bar, "bar", round(got/m.bar, 1000)})
		if err := raw(m.name, ours, "ms", m.values); err != nil {
			t.Fatal(err)
		}
		if got > m.bar {
			t.Errorf("%s takes %.2f ms; the bar is %.0f", m.name, got, m.bar)
		}
	}
	if err := merge(os.Getenv("BENCH_JSON"), entries); err != nil {
		t.Fatal(err)
	}
}
