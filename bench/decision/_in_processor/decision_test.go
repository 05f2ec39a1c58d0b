package tailsamplingprocessor

import (
	"context"
	"fmt"
	"math"
	"os"
	"runtime"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor/pkg/samplingpolicy"
)

// The most that a decision of ours may cost, as a share of the peer's.
const (
	bar           = 0.5
	everythingBar = 1.5
)

const (
	rounds = 11
	// slice is how long one measurement lasts. Variants take turns within a round, so that a busy
	// machine slows all of them alike.
	slice = 30 * time.Millisecond
)

// measure decides on the whole set again and again for about a slice; CPU ns a decision.
func (v *variant) measure(ids []pcommon.TraceID, set []*samplingpolicy.TraceData) float64 {
	ctx, n, start := context.Background(), 0, cpuTime()
	for {
		for range 16 {
			for i := range set {
				_, _, _ = v.evaluator.EvaluateWithThreshold(ctx, ids[i], set[i])
			}
		}
		n += 16 * len(set)
		if spent := cpuTime() - start; spent >= slice {
			return float64(spent.Nanoseconds()) / float64(n)
		}
	}
}

// allocations of a decision, over the whole set.
func (v *variant) allocations(ids []pcommon.TraceID, set []*samplingpolicy.TraceData) (bytes, allocs float64) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	ctx := context.Background()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range 32 {
		for i := range set {
			_, _, _ = v.evaluator.EvaluateWithThreshold(ctx, ids[i], set[i])
		}
	}
	runtime.ReadMemStats(&after)
	n := float64(32 * len(set))
	// Whole numbers, as `go test -benchmem` prints them: the runtime itself allocates now and then.
	return float64(int64(float64(after.TotalAlloc-before.TotalAlloc) / n)), float64(int64(float64(after.Mallocs-before.Mallocs) / n))
}

func TestDecisionCost(t *testing.T) {
	var entries []entry
	for _, shape := range shapes {
		t.Run(shape.name, func(t *testing.T) { entries = append(entries, decisionCost(t, shape)) })
	}
	if err := merge(os.Getenv("BENCH_JSON"), entries); err != nil {
		t.Fatal(err)
	}
}

// decisionCost measures one shape.
func decisionCost(t *testing.T, shape shape) entry {
	name := shape.name
	ids, set := shape.set()
	all := variants(t, shape)
	byName := map[string]*variant{}
	for _, v := range all {
		byName[v.name] = v
	}
	peer, bar, alike := peer, bar, []string{peer, "hand-written Go", ours}
	if shape.everything {
		peer, bar, alike = everythingPeer, everythingBar, []string{everythingPeer, ours}
	}
	// A comparison is worth something only between policies that say the same. With everything on
	// that is true of slow traces; of the others ours keeps those that its peer has no policy for.
	for i := range set {
		expected := samplingpolicy.NotSampled
		if shape.isSlow(i) {
			expected = samplingpolicy.Sampled
		}
		for _, name := range alike {
			d, _, err := byName[name].evaluator.EvaluateWithThreshold(t.Context(), ids[i], set[i])
			if err != nil || d != expected && (shape.isSlow(i) || !shape.everything) {
				t.Fatalf("%s decides %v (%v) on trace %d; expected %v", name, d, err, i, expected)
			}
		}
	}
	for _, v := range all {
		v.bytes, v.allocs = v.allocations(ids, set)
	}
	for r := range rounds {
		for i := range all {
			v := all[(i+r)%len(all)]
			v.cost = append(v.cost, v.measure(ids, set))
		}
	}
	fmt.Printf("\n%s, CPU time, medians of %d interleaved rounds\n", name, rounds)
	fmt.Printf("  %-28s %12s %30s %8s %10s\n", "policy", "ns/decision", "x "+peer, "B/op", "allocs/op")
	ratio := func(v *variant) float64 {
		ratios := make([]float64, rounds)
		for r := range rounds {
			ratios[r] = v.cost[r] / byName[peer].cost[r]
		}
		return median(ratios)
	}
	for _, v := range all {
		fmt.Printf("  %-28s %12.0f %30.2f %8.0f %10.0f\n", v.name, median(v.cost), ratio(v), v.bytes, v.allocs)
		if err := raw(name, v.name, "ns", v.cost); err != nil {
			t.Fatal(err)
		}
	}
	us := byName[ours]
	if shape.allSlow {
		// Our price includes writing onto the span why it is kept, which the peer does not do.
		bar = math.Inf(1)
	} else if us.bytes != 0 || us.allocs != 0 {
		t.Errorf("%s: %s allocates %.0f B, %.0f times a decision; expected none", name, ours, us.bytes, us.allocs)
	}
	if got := ratio(us); got > bar {
		t.Errorf("%s: %s costs %.2f of %s; the bar is %.2f", name, ours, got, peer, bar)
	}
	return entry{name, "ns", round(median(us.cost), 10), round(median(byName[peer].cost), 10), peer, round(ratio(us), 1000)}
}
