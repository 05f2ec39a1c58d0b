package wasmsamplingpolicy

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.uber.org/zap"
)

// Fuel bounds a call in rounds and calls, not in seconds: a slow machine, or code that is slow beyond
// all measure for its size, can still hold a shard. The watchdog bounds it in seconds: it looks at the
// calls from outside, a few times within `timeout`, and takes the fuel of one that lasts longer, which
// the module's next round, call or growth turns into a trap. A call costs nothing more for it: a deadline
// for each would make a decision twenty times as dear.

// looksPerTimeout is how often the watchdog looks at each call.
const looksPerTimeout = 4

// unreadyFor is how long health says not ready after a call was ended, unless another one is: long
// enough for a readiness probe to see it, and short enough not to have a liveness probe kill what
// has recovered.
const unreadyFor = 10 * time.Second

// health tells the collector's health_check extensions whether to say ready.
type health struct {
	watchers []pipelineWatcher // of the host, but this extension
	host     component.Host
	unready  bool
	until    time.Time
}

// pipelineWatcher is extensioncapabilities.PipelineWatcher, which health_check is.
type pipelineWatcher interface {
	Ready() error
	NotReady() error
}

// newHealth finds the extensions that say whether the collector is ready.
func newHealth(host component.Host, self *Extension) health {
	h := health{host: host}
	if host != nil {
		for _, other := range host.GetExtensions() {
			if w, ok := other.(pipelineWatcher); ok && other != component.Component(self) {
				h.watchers = append(h.watchers, w)
			}
		}
	}
	return h
}

// watchCalls looks at all calls until the context ends.
func (e *Extension) watchCalls(ctx context.Context) {
	ticks := time.NewTicker(e.cfg.Timeout / looksPerTimeout)
	defer ticks.Stop()
	seen := map[*evaluator]look{}
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticks.C:
			e.lookAtCalls(seen, now)
		}
	}
}

// look is a call as the watchdog saw it first.
type look struct {
	in    *instance
	call  uint64
	since time.Time
}

func (e *Extension) lookAtCalls(seen map[*evaluator]look, now time.Time) {
	overdue := false
	for _, v := range e.evaluators() {
		in := v.call.instance.Load()
		if in == nil {
			delete(seen, v)
			continue
		}
		call := in.calls.Get()
		if call%2 == 0 { // none is under way
			delete(seen, v)
			continue
		}
		first, known := seen[v]
		if !known || first.in != in || first.call != call {
			seen[v] = look{in, call, now}
			continue
		}
		if lasts := now.Sub(first.since); lasts >= e.cfg.Timeout && v.endCall(in, call) {
			overdue = true
			e.health.fail(e, now, lasts, v.policy)
		}
	}
	if !overdue {
		e.health.recover(e, now)
	}
}

// endCall takes the fuel of a call, and tells whether it was still running. Repeated for as long as it
// is: the module may have been about to write the fuel that it had read before.
func (v *evaluator) endCall(in *instance, call uint64) bool {
	v.call.mu.Lock()
	defer v.call.mu.Unlock()
	if v.call.instance.Load() != in || in.calls.Get() != call {
		return false
	}
	v.call.ended = in
	in.endCall()
	return true
}

func (h *health) fail(e *Extension, now time.Time, lasts time.Duration, policy string) {
	h.until = now.Add(unreadyFor)
	if h.unready {
		return
	}
	h.unready = true
	e.set.Logger.Error("sampling policy: a call lasts longer than timeout and is ended; health says not ready",
		zap.String("policy", policy), zap.Duration("lasts", lasts), zap.Duration("timeout", e.cfg.Timeout),
		zap.String("hint", "counted in otelcol_wasm_sampling_policy_faults, cause timeout"))
	componentstatus.ReportStatus(h.host, componentstatus.NewRecoverableErrorEvent(errors.New("a call of the sampling policy lasts longer than timeout")))
	for _, w := range h.watchers {
		_ = w.NotReady() // only says it
	}
}

func (h *health) recover(e *Extension, now time.Time) {
	if !h.unready || now.Before(h.until) || e.draining.Load() {
		return
	}
	h.unready = false
	e.set.Logger.Info("sampling policy: calls end in time again; health says ready")
	componentstatus.ReportStatus(h.host, componentstatus.NewEvent(componentstatus.StatusOK))
	for _, w := range h.watchers {
		_ = w.Ready()
	}
}
