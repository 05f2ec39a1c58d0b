package wasmsamplingpolicy

import (
	"context"
	"fmt"
	"reflect"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

// pollInterval is how often settings_file is read. Its content is compared, not its place: kubelet
// swaps a symbolic link two directories away, others rename or write in place, and network file
// systems notify of nothing; reading a few hundred bytes sees them all. Kubelet takes up to a minute
// to bring a ConfigMap, so two seconds add nothing.
const pollInterval = 2 * time.Second

// reloads of the settings file.
type reloads struct {
	text       string // what was seen last; or the error in its place
	inForce    string // the text of the settings in force
	generation atomic.Int64
	applied    atomic.Int64
	refused    atomic.Int64
}

// configured is an instance with the settings it was given.
type configured struct {
	in       *instance
	settings []byte
}

// watchSettings polls the file until the context ends.
func (e *Extension) watchSettings(ctx context.Context) {
	ticks := time.NewTicker(e.pollEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			e.pollSettings()
		}
	}
}

// pollSettings applies the file if it changed. A bad file is told once and leaves all as it was.
func (e *Extension) pollSettings() {
	text, err := readSettings(e.cfg.SettingsFile)
	if err != nil {
		text = "error: " + err.Error()
	}
	if text == e.reloads.text {
		return
	}
	e.reloads.text = text
	changed := false
	if err == nil {
		changed, err = e.applySettings(text)
	}
	switch {
	case err != nil:
		e.reloads.refused.Add(1)
		e.set.Logger.Error("sampling policy: the changed settings are refused; those before stay in force",
			zap.String("settings_file", e.cfg.SettingsFile), zap.Error(err),
			zap.Int64("generation", e.reloads.generation.Load()),
			zap.String("hint", "correct the file, which is read again; counted in otelcol_wasm_sampling_policy_settings_reloads"))
	case changed:
		e.reloads.applied.Add(1)
		e.set.Logger.Info("sampling policy: new settings are in force",
			zap.String("settings_file", e.cfg.SettingsFile), zap.Any("settings", e.settings),
			zap.Int64("generation", e.reloads.generation.Add(1)))
	}
}

// applySettings puts the text's settings in force for all evaluators, or for none: a new instance is
// made for each before the first is handed over. A trace is decided on by old settings or by new
// ones, never by both; traces that wait for their decision are not touched.
func (e *Extension) applySettings(text string) (changed bool, err error) {
	settings, err := parseSettings(text)
	if err != nil {
		return false, err
	}
	if cutOf(text, e.reloads.inForce) {
		return false, errCutSettings
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if reflect.DeepEqual(settings, e.settings) {
		e.reloads.inForce = text
		return false, nil // a comment, or back to what is in force
	}
	prepared := make([]*configured, 0, len(e.evaluators()))
	for _, v := range e.evaluators() {
		next, err := e.configure(v, settings)
		if err != nil {
			for _, unused := range prepared {
				e.discard(unused.in)
			}
			return false, fmt.Errorf("policy %q: %w", v.policy, err)
		}
		prepared = append(prepared, next)
	}
	for i, v := range e.evaluators() {
		if unused := v.next.Swap(prepared[i]); unused != nil {
			e.discard(unused.in)
		}
	}
	e.settings, e.reloads.inForce = settings, text
	return true, nil
}

func (e *Extension) configure(v *evaluator, settings map[string]any) (*configured, error) {
	document, err := settingsDocument(settings, v.override)
	if err != nil {
		return nil, err
	}
	in, err := e.module.instantiate(document)
	if err != nil {
		return nil, err
	}
	if !in.description.sameAnswers(e.described) {
		e.discard(in)
		return nil, errOtherAnswers
	}
	return &configured{in: in, settings: document}, nil
}
