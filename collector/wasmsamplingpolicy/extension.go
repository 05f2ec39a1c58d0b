package wasmsamplingpolicy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"
	"go.uber.org/zap"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor/pkg/samplingpolicy"
	"github.com/vllm-monitoring/vllm-monitoring/collector/wasmsamplingpolicy/internal/metadata"
)

// Extension holds the compiled module and every evaluator made from it.
type Extension struct {
	cfg       *Config
	set       component.TelemetrySettings
	telemetry *metadata.TelemetryBuilder

	module      *compiled
	described   *description // with the settings of the start
	observables *observables
	models      *models
	started     time.Time
	now         func() time.Time // given to policies
	health      health           // of the watchdog's goroutine
	draining    atomic.Bool      // the pipelines do not take traces

	reloads   reloads
	pollEvery time.Duration
	stopWatch context.CancelFunc
	watching  sync.WaitGroup

	reports reports

	all atomic.Pointer[[]*evaluator] // replaced, not changed: read without a lock

	mu       sync.Mutex                // guards what follows, and the making of instances
	settings map[string]any            // in force
	shards   map[string]*atomic.Uint32 // evaluators of each policy
}

func (e *Extension) evaluators() []*evaluator { return *e.all.Load() }

var (
	_ extension.Extension      = (*Extension)(nil)
	_ samplingpolicy.Extension = (*Extension)(nil)
	_ pipelineWatcher          = (*Extension)(nil)
)

func newExtension(cfg *Config, set component.TelemetrySettings) *Extension {
	e := &Extension{
		cfg: cfg, set: set, shards: map[string]*atomic.Uint32{}, models: &models{names: map[string]bool{}},
		started: time.Now(), now: time.Now, pollEvery: pollInterval, stopWatch: func() {},
	}
	e.all.Store(&[]*evaluator{})
	return e
}

// Start loads, compiles and tries the module: a module or settings that will not do stop the
// collector here, with the module's own words. Extensions start before the pipelines.
func (e *Extension) Start(ctx context.Context, host component.Host) error {
	wasm, err := readModule(e.cfg.Path, e.cfg.SHA256, e.cfg.maxWasmSize())
	if err != nil {
		return err
	}
	if e.settings, e.reloads.text, err = e.cfg.settings(); err != nil {
		return err
	}
	e.reloads.inForce = e.reloads.text
	document, err := settingsDocument(e.settings, nil)
	if err != nil {
		return err
	}
	module, err := compile(ctx, wasm, e.cfg.limits(), e.set.Logger)
	if err != nil {
		return fmt.Errorf("path: %s: %w", e.cfg.Path, err)
	}
	e.module = module // from here on Shutdown closes it
	trial, err := module.instantiate(document)
	if err != nil {
		return errors.Join(fmt.Errorf("path: %s: %w", e.cfg.Path, err), e.Shutdown(ctx))
	}
	e.described = trial.description
	if err := trial.close(); err != nil {
		return errors.Join(err, e.Shutdown(ctx))
	}
	e.observables = newObservables(e.described, e.cfg.SHA256)
	if err := errors.Join(e.startTelemetry(), e.startReports()); err != nil {
		return errors.Join(err, e.Shutdown(ctx))
	}
	described := e.described
	e.set.Logger.Info("sampling policy loaded",
		zap.String("name", described.Name), zap.String("version", described.Version), zap.Int("abi", described.ABI),
		zap.String("sha256", e.cfg.SHA256), zap.Strings("reasons", described.Reasons))
	e.reloads.generation.Store(1)
	watch, cancel := context.WithCancel(context.Background())
	e.stopWatch = cancel
	e.health = newHealth(host, e)
	e.watching.Go(func() { e.watchCalls(watch) })
	if e.cfg.SettingsFile != "" {
		e.watching.Go(func() { e.watchSettings(watch) })
	}
	return nil
}

// Ready is called by the collector when its pipelines take traces.
func (e *Extension) Ready() error {
	e.draining.Store(false)
	return nil
}

// NotReady is called by the collector before its pipelines stop.
func (e *Extension) NotReady() error {
	e.draining.Store(true)
	return nil
}

func (e *Extension) startTelemetry() (err error) {
	if e.telemetry, err = metadata.NewTelemetryBuilder(e.set); err != nil {
		return err
	}
	return errors.Join(
		e.telemetry.RegisterWasmSamplingPolicyDecisionsCallback(e.observeDecisions),
		e.telemetry.RegisterWasmSamplingPolicyFaultsCallback(e.observeFaults),
		e.telemetry.RegisterWasmSamplingPolicyBreakerStateCallback(e.observeBreaker),
		e.telemetry.RegisterWasmSamplingPolicyInfoCallback(e.observeInfo),
		e.telemetry.RegisterWasmSamplingPolicySettingsGenerationCallback(e.observeGeneration),
		e.telemetry.RegisterWasmSamplingPolicySettingsReloadsCallback(e.observeReloads),
	)
}

// Shutdown frees every instance; it runs after the pipelines have stopped.
func (e *Extension) Shutdown(ctx context.Context) error {
	e.stopWatch()
	e.watching.Wait()
	if e.telemetry != nil {
		e.telemetry.Shutdown()
		e.telemetry = nil
	}
	if e.module == nil {
		return nil
	}
	module := e.module
	e.module = nil
	return errors.Join(e.stopReports(), module.close(ctx)) // and with it all its instances
}

// NewEvaluator is called by the processor once for each policy and shard. settings are laid over the
// extension's, key by key.
func (e *Extension) NewEvaluator(policy string, settings map[string]any) (samplingpolicy.Evaluator, error) {
	if e.module == nil {
		return nil, errors.New("wasm_sampling_policy: not started; is it listed in service.extensions?")
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	document, err := settingsDocument(e.settings, settings)
	if err != nil {
		return nil, fmt.Errorf("policy %q: %w", policy, err)
	}
	in, err := e.module.instantiate(document)
	if err != nil {
		return nil, fmt.Errorf("policy %q: %w", policy, err)
	}
	shards := e.shards[policy]
	if shards == nil {
		shards = &atomic.Uint32{}
		e.shards[policy] = shards
	}
	if !in.description.sameAnswers(e.described) {
		e.discard(in)
		return nil, fmt.Errorf("policy %q: %w", policy, errOtherAnswers)
	}
	v := newEvaluator(e, policy, settings, configured{in, document}, shards)
	all := append(slices.Clone(e.evaluators()), v)
	e.all.Store(&all)
	return v, nil
}

// instantiate makes an instance in place of one that was discarded. It may be called from several
// shards at once.
func (e *Extension) instantiate(settings []byte) (*instance, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.module.instantiate(settings)
}

// errOtherAnswers refuses settings with which the policy would count under other names.
var errOtherAnswers = errors.New("describe: name, version, reasons, causes or gauges differ with these settings; they must not depend on settings")

// discard frees an instance that is not used any more.
func (e *Extension) discard(in *instance) {
	if err := in.close(); err != nil {
		e.set.Logger.Warn("sampling policy: an instance could not be closed", zap.Error(err))
	}
}
