package wasmsamplingpolicy

import (
	"context"
	"strings"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// outcome of a decision that the policy made.
type outcome uint8

const (
	outcomeSampled outcome = iota
	outcomeNotSampled
	outcomeDropped
	outcomes
)

var outcomeNames = [outcomes]string{"sampled", "not_sampled", "dropped"}

// cause of a fault.
type cause uint8

const (
	causeTrap cause = iota
	causeFuel
	causeTimeout
	causeStatus
	causeBadDecision
	causeDropNotAllowed
	causeBadReason
	causeTooBig
	causeNoInstance
	causeBreakerOpen
	causes
)

var causeNames = [causes]string{"trap", "fuel", "timeout", "status", "bad_decision", "drop_not_allowed", "bad_reason", "too_big", "no_instance", "breaker_open"}

// tally counts for one evaluator. Synchronous OpenTelemetry counters cost several times a decision;
// these are added to in place and read by the observable counters.
type tally struct {
	decisions []atomic.Uint64 // by outcome and reason, see decided
	faults    [causes]atomic.Uint64
}

func newTally(reasons int) *tally {
	return &tally{decisions: make([]atomic.Uint64, int(outcomes)*(reasons+1))}
}

// decided counts a decision; reason 0 is none.
func (t *tally) decided(o outcome, reason uint32) {
	t.decisions[int(reason)*int(outcomes)+int(o)].Add(1)
}

func (t *tally) failed(c cause) uint64 { return t.faults[c].Add(1) }

// observables are the prepared attributes of all series of a module.
type observables struct {
	decisions []metric.ObserveOption
	faults    [causes]metric.ObserveOption
	info      metric.ObserveOption
}

func newObservables(d *description, hash string) *observables {
	o := &observables{}
	for _, reason := range append([]string{"none"}, d.Reasons...) {
		for _, name := range outcomeNames {
			o.decisions = append(o.decisions, attributes(attribute.String("outcome", name), attribute.String("reason", reason)))
		}
	}
	for i, name := range causeNames {
		o.faults[i] = attributes(attribute.String("cause", name))
	}
	o.info = attributes(
		attribute.String("sha256", strings.ToLower(hash)), attribute.String("name", d.Name),
		attribute.String("version", d.Version), attribute.Int("abi", d.ABI))
	return o
}

func attributes(values ...attribute.KeyValue) metric.ObserveOption {
	return metric.WithAttributeSet(attribute.NewSet(values...))
}

// observe* add up all evaluators. Every series is there from the start, at 0: a rate over a counter
// that begins with its first event would miss that event.

func (e *Extension) observeDecisions(_ context.Context, observer metric.Int64Observer) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, series := range e.observables.decisions {
		sum := uint64(0)
		for _, v := range e.evaluators {
			sum += v.tally.decisions[i].Load()
		}
		observer.Observe(int64(sum), series)
	}
	return nil
}

func (e *Extension) observeFaults(_ context.Context, observer metric.Int64Observer) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, series := range e.observables.faults {
		sum := uint64(0)
		for _, v := range e.evaluators {
			sum += v.tally.faults[i].Load()
		}
		observer.Observe(int64(sum), series)
	}
	return nil
}

// observeBreaker gives the worst state of each policy's shards.
func (e *Extension) observeBreaker(_ context.Context, observer metric.Int64Observer) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	worst := map[string]breakerState{}
	for _, v := range e.evaluators {
		worst[v.policy] = max(worst[v.policy], v.breaker.state(v.clock()))
	}
	for policy, state := range worst {
		observer.Observe(int64(state), attributes(attribute.String("policy", policy)))
	}
	return nil
}

func (e *Extension) observeInfo(_ context.Context, observer metric.Int64Observer) error {
	observer.Observe(1, e.observables.info)
	return nil
}

func (e *Extension) observeGeneration(_ context.Context, observer metric.Int64Observer) error {
	observer.Observe(e.reloads.generation.Load())
	return nil
}

var reloadApplied, reloadRefused = attributes(attribute.String("outcome", "applied")), attributes(attribute.String("outcome", "refused"))

func (e *Extension) observeReloads(_ context.Context, observer metric.Int64Observer) error {
	observer.Observe(e.reloads.applied.Load(), reloadApplied)
	observer.Observe(e.reloads.refused.Load(), reloadRefused)
	return nil
}
