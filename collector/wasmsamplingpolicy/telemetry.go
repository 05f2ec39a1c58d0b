package wasmsamplingpolicy

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// observables are the prepared attributes of all series of a module.
type observables struct {
	faults [causes]metric.ObserveOption
	info   metric.ObserveOption
}

func newObservables(d *description, hash string) *observables {
	o := &observables{}
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
	models := map[string]*row{"": nil}
	for _, v := range e.evaluators() {
		v.tally.rows(func(model string, r *row) {
			sum := models[model]
			if sum == nil {
				sum = v.tally.newRow()
				models[model] = sum
			}
			for i := range r.decisions {
				sum.decisions[i].Add(r.decisions[i].Load())
			}
		})
	}
	for model, counts := range models {
		for reason, name := range append([]string{"none"}, e.described.Reasons...) {
			for o := range outcomes {
				n := uint64(0)
				if counts != nil {
					n = counts.count(o, reason)
				}
				if n == 0 && !e.expected(model, o, reason) {
					continue
				}
				labels := []attribute.KeyValue{attribute.String("outcome", outcomeNames[o]), attribute.String("reason", name)}
				if model != "" {
					labels = append(labels, attribute.String("model", model))
				}
				observer.Observe(int64(n), attributes(labels...))
			}
		}
	}
	return nil
}

// expected tells which series are there at 0. Of a model, of which there can be 64, those that its
// decisions can be expected to count in: an alert's or a panel's rate misses nothing, and a fleet of
// five models does not bring a thousand series.
func (e *Extension) expected(model string, o outcome, reason int) bool {
	switch o {
	case outcomeSampled:
		return true
	case outcomeNotSampled:
		return reason == 0 || model == "" && e.described.ABI == 1
	case outcomeDropped:
		return model == "" && (reason == 0 || e.described.ABI == 1)
	default:
		return reason > 0 && e.described.ABI > 1
	}
}

func (e *Extension) observeFaults(_ context.Context, observer metric.Int64Observer) error {
	for i, series := range e.observables.faults {
		sum := uint64(0)
		for _, v := range e.evaluators() {
			sum += v.tally.faults[i].Load()
		}
		observer.Observe(int64(sum), series)
	}
	return nil
}

// observeBreaker gives the worst state of each policy's shards.
func (e *Extension) observeBreaker(_ context.Context, observer metric.Int64Observer) error {
	worst := map[string]breakerState{}
	for _, v := range e.evaluators() {
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
