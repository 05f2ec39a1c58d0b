package wasmsamplingpolicy

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor/pkg/samplingpolicy"
)

func TestFiveFaultsInARowOpenTheBreakerAndFourDoNot(t *testing.T) {
	var b breaker
	for range 4 {
		assert.Zero(t, b.failed(0))
	}
	assert.Equal(t, breakerClosed, b.state(0))
	assert.Equal(t, firstBackOff, b.failed(0))
	assert.Equal(t, breakerOpen, b.state(firstBackOff-1))
	assert.Equal(t, breakerHalfOpen, b.state(firstBackOff))
}

func TestOneFaultInAHundredNeverOpensTheBreakerAndOneInFiftyDoes(t *testing.T) {
	opens := func(every int) bool {
		var b breaker
		for i := range 10_000 {
			if i%every != 0 {
				b.succeeded()
			} else if b.failed(0) > 0 {
				return true
			}
		}
		return false
	}
	assert.False(t, opens(faultWeight+1))
	assert.True(t, opens(faultWeight/2))
}

func TestTheBackOffDoublesToAMinuteAndIsShortAgainOnlyAfterManyDecisions(t *testing.T) {
	var b breaker
	for range 4 {
		b.failed(0)
	}
	var all []time.Duration
	for range 8 {
		all = append(all, b.failed(0)/time.Second)
	}
	assert.Equal(t, []time.Duration{1, 2, 4, 8, 16, 32, 60, 60}, all)
	assert.True(t, b.succeeded(), "a try that succeeds closes it")
	assert.Equal(t, breakerClosed, b.state(0))
	assert.Equal(t, maxBackOff, b.failed(0), "and one fault right after opens it again")

	assert.True(t, b.succeeded())
	for range openAt {
		assert.False(t, b.succeeded())
	}
	for range 4 {
		assert.Zero(t, b.failed(0))
	}
	assert.Equal(t, firstBackOff, b.failed(0))
}

// evaluatorWithClock gives an evaluator whose breaker reads the clock that is returned.
func evaluatorWithClock(t *testing.T, g guest) (*evaluator, *time.Duration) {
	t.Helper()
	v, now := evaluatorOf(t, g.install(t)), new(time.Duration)
	v.clock = func() time.Duration { return *now }
	return v, now
}

func decisions(t *testing.T, v *evaluator, n int, expected samplingpolicy.Decision) {
	t.Helper()
	trace := vllmTrace(traceID(1), healthy...)
	for range n {
		decision, err := v.Evaluate(t.Context(), traceID(1), trace)
		require.NoError(t, err)
		require.Equal(t, expected, decision)
	}
}

func TestAStormOfFaultsCostsAFewCallsAndInstances(t *testing.T) {
	v, now := evaluatorWithClock(t, newGuest([]byte{opUnreachable}))
	before := v.ext.module.instances.Load()
	for range 3600 { // an hour, a thousand traces a second
		decisions(t, v, 1000, samplingpolicy.Sampled)
		*now += time.Second
	}
	// Five calls until it opens, tries at 1, 3, 7, 15, 31, 63 s and each minute.
	assert.Equal(t, uint64(5+6+58), v.tally.faults[causeTrap].Load())
	assert.Equal(t, uint64(3_600_000-69), v.tally.faults[causeBreakerOpen].Load(), "all others are counted")
	assert.Equal(t, uint64(5+6+58-1), v.ext.module.instances.Load()-before, "one for each call but the first")
}

func TestAModuleThatRecoversDecidesAgain(t *testing.T) {
	v, now := evaluatorWithClock(t, newGuest([]byte{opUnreachable}))
	core, logs := observer.New(zapcore.InfoLevel)
	v.log = zap.New(core)
	decisions(t, v, 100, samplingpolicy.Sampled)
	require.Equal(t, breakerOpen, v.breaker.state(*now))
	v.ext.module = compiledGuest(t, newGuest(answer(0, 0)))
	decisions(t, v, 100, samplingpolicy.Sampled)
	*now += firstBackOff
	require.Equal(t, breakerHalfOpen, v.breaker.state(*now))
	decisions(t, v, 100, samplingpolicy.NotSampled)
	assert.Equal(t, breakerClosed, v.breaker.state(*now))
	assert.Len(t, logs.FilterMessageSnippet("breaker opens").All(), 1)
	assert.Len(t, logs.FilterMessageSnippet("breaker closes").All(), 1)
}

func TestFaultsThatCostNoInstanceLeaveTheBreakerClosed(t *testing.T) {
	for _, g := range []guest{newGuest(i32const(1)), newGuest(answer(99, 0)), newGuest(answer(2, 0)), newGuest(answer(1, 2))} {
		v, _ := evaluatorWithClock(t, g)
		decisions(t, v, 100, samplingpolicy.Sampled)
		assert.Equal(t, breakerClosed, v.breaker.state(0))
	}
}

func TestAnOpenBreakerAllocatesNothing(t *testing.T) {
	v := evaluatorOf(t, newGuest([]byte{opUnreachable}).install(t))
	decisions(t, v, 5, samplingpolicy.Sampled)
	v.clock = func() time.Duration { return 0 }
	trace, ctx := vllmTrace(traceID(1), healthy...), t.Context()
	assert.Zero(t, testing.AllocsPerRun(1000, func() { _, _ = v.Evaluate(ctx, traceID(1), trace) }))
}

// BenchmarkEvaluate holds a healthy decision beside one of a storm, in which every call traps or
// loops until its fuel is gone: go test -bench Evaluate
func BenchmarkEvaluate(b *testing.B) {
	for name, cfg := range map[string]*Config{
		"healthy": shipped(b), "trap": newGuest([]byte{opUnreachable}).install(b), "loop": newGuest(forever()).install(b),
	} {
		b.Run(name, func(b *testing.B) {
			e := newExtension(cfg, componenttest.NewNopTelemetrySettings())
			require.NoError(b, e.Start(b.Context(), nil))
			defer func() { require.NoError(b, e.Shutdown(b.Context())) }()
			v, err := e.NewEvaluator("p", nil)
			require.NoError(b, err)
			trace := vllmTrace(traceID(1), healthy...)
			b.ReportAllocs()
			for b.Loop() {
				_, _ = v.Evaluate(b.Context(), traceID(1), trace)
			}
		})
	}
}
