package wasmsamplingpolicy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/vllm-monitoring/vllm-monitoring/collector/wasmsamplingpolicy/internal/metadata"
)

// What a policy has learnt is shown as gauges, whose values its `report` computes. An instance belongs
// to its shard's goroutine, and metrics are read on another one. So a reading asks each shard for a
// copy of its state, which the shard makes before its next trace, and lets an instance apart report on
// the copies that are there: those of the reading before, at the oldest. A shard without traces learns
// nothing, so that its copy does not age.

const (
	maxReport      = mebibyte // of JSON
	maxValues      = 2048
	maxLabels      = 8
	maxLabelLength = 128
)

// snapshots are copies of one shard's state.
type snapshots struct {
	wanted atomic.Bool // the shard is to make one before its next trace

	mu       sync.Mutex // guards what follows
	state    []byte
	settings []byte
}

// snapshot copies the state, about 0.1 ms for a megabyte, once for each reading of the metrics.
func (v *evaluator) snapshot() {
	s := &v.snapshots
	s.wanted.Store(false)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = append(s.state[:0], v.in.learnt()...)
	s.settings = v.settings
}

// take gives the last copy and asks for the next one.
func (s *snapshots) take() (state, settings []byte) {
	s.mu.Lock()
	state, settings = bytes.Clone(s.state), s.settings
	s.mu.Unlock()
	s.wanted.Store(true)
	return state, settings
}

// reporter reports for all evaluators with the same settings.
type reporter struct {
	in   *instance
	used bool // since the last reading
}

// reports makes the policy's own gauges.
type reports struct {
	registration metric.Registration

	mu        sync.Mutex // guards what follows: readings may overlap
	reporters map[string]*reporter
	failed    uint64
}

// report is what the module's `report` says.
type report struct {
	Gauges []struct {
		Name   string            `json:"name"`
		Labels map[string]string `json:"labels"`
		Value  float64           `json:"value"`
	} `json:"gauges"`
}

// startReports registers a metric for each gauge of the description.
func (e *Extension) startReports() error {
	if len(e.described.Gauges) == 0 {
		return nil
	}
	meter := metadata.Meter(e.set)
	instruments, observables := map[string]metric.Float64ObservableGauge{}, []metric.Observable{}
	for _, wish := range e.described.Gauges {
		gauge, err := meter.Float64ObservableGauge("otelcol_wasm_sampling_policy_"+wish.Name,
			metric.WithUnit(wish.Unit), metric.WithDescription(printable([]byte(wish.Description), maxModuleError)))
		if err != nil {
			return fmt.Errorf("describe: gauges: %s: %w", wish.Name, err)
		}
		instruments[wish.Name] = gauge
		observables = append(observables, gauge)
	}
	e.reports.reporters = map[string]*reporter{}
	registration, err := meter.RegisterCallback(func(_ context.Context, observer metric.Observer) error {
		for key, value := range e.gauges() {
			observer.ObserveFloat64(instruments[key.name], value, metric.WithAttributeSet(key.labels.set()))
		}
		return nil
	}, observables...)
	e.reports.registration = registration
	return err
}

// series is a gauge with its labels, comparable.
type series struct {
	name   string
	labels labels
}

// labels are sorted and written out, since a slice could be no key.
type labels [maxLabels + 1]struct{ key, value string }

func (l labels) set() attribute.Set {
	var values []attribute.KeyValue
	for _, label := range l {
		if label.key != "" {
			values = append(values, attribute.String(label.key, label.value))
		}
	}
	return attribute.NewSet(values...)
}

// gauges puts the reports of all shards together.
func (e *Extension) gauges() map[series]float64 {
	r := &e.reports
	r.mu.Lock()
	defer r.mu.Unlock()
	together := map[string]string{}
	for _, wish := range e.described.Gauges {
		together[wish.Name] = wish.Shards
	}
	all := map[series]float64{}
	for _, v := range e.evaluators() {
		state, settings := v.snapshots.take()
		if len(state) == 0 {
			continue // no trace since the last reading but one
		}
		values, err := e.report(state, settings)
		if err != nil {
			if r.failed++; r.failed&(r.failed-1) == 0 {
				e.set.Logger.Warn("sampling policy: report failed; what the policy has learnt is not shown",
					zap.String("policy", v.policy), zap.Error(err), zap.Uint64("failures", r.failed))
			}
			continue
		}
		for _, value := range values.Gauges[:min(len(values.Gauges), maxValues)] {
			how, known := together[value.Name]
			if !known || math.IsNaN(value.Value) || math.IsInf(value.Value, 0) || len(value.Labels) > maxLabels {
				continue
			}
			key := series{value.Name, labelsOf(value.Labels, v.policy)}
			before, there := all[key]
			switch {
			case !there:
				all[key] = value.Value
			case how == "sum":
				all[key] = before + value.Value
			case how == "min":
				all[key] = min(before, value.Value)
			default:
				all[key] = max(before, value.Value)
			}
		}
	}
	e.dropReporters()
	return all
}

func labelsOf(of map[string]string, policy string) (l labels) {
	keys := make([]string, 0, len(of))
	for key := range of {
		if key != "policy" {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for i, key := range keys {
		l[i].key, l[i].value = printable([]byte(key), maxLabelLength), printable([]byte(of[key]), maxLabelLength)
	}
	l[len(keys)].key, l[len(keys)].value = "policy", policy
	return l
}

// report lets an instance with these settings report on a state.
func (e *Extension) report(state, settings []byte) (*report, error) {
	r := e.reports.reporters[string(settings)]
	if r == nil {
		in, err := e.instantiate(settings)
		if err != nil {
			return nil, err
		}
		r = &reporter{in: in}
		e.reports.reporters[string(settings)] = r
	}
	r.used = true
	values, err := r.in.report(state)
	if err != nil { // its memory is in no known state
		e.discard(r.in)
		delete(e.reports.reporters, string(settings))
	}
	return values, err
}

// dropReporters frees those whose settings are not in force any more.
func (e *Extension) dropReporters() {
	for settings, r := range e.reports.reporters {
		if !r.used {
			e.discard(r.in)
			delete(e.reports.reporters, settings)
		}
		r.used = false
	}
}

func (in *instance) report(state []byte) (*report, error) {
	if err := in.learn(state); err != nil {
		return nil, err
	}
	text, err := in.call(context.Background(), "report", nil)
	if err != nil {
		return nil, err
	}
	if len(text) > maxReport {
		return nil, errors.New("report: larger than 1 MiB")
	}
	values := &report{}
	if err := json.Unmarshal(text, values); err != nil {
		return nil, fmt.Errorf("report: expected {\"gauges\": [{\"name\", \"labels\", \"value\"}]}: %w", err)
	}
	return values, nil
}

// stopReports waits for a reading that is under way.
func (e *Extension) stopReports() error {
	if e.reports.registration == nil {
		return nil
	}
	err := e.reports.registration.Unregister()
	e.reports.registration = nil
	e.reports.mu.Lock()
	defer e.reports.mu.Unlock()
	e.reports.reporters = nil
	return err
}
