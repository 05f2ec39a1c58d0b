package wasmsamplingpolicy

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor/pkg/samplingpolicy"
)

// withFile returns the shipped policy with a settings file of this text, and a way to change it.
func withFile(t *testing.T, text string) (cfg *Config, write func(text string)) {
	t.Helper()
	cfg = shipped(t)
	cfg.SettingsFile = filepath.Join(t.TempDir(), "settings.json")
	write = func(text string) { require.NoError(t, os.WriteFile(cfg.SettingsFile, []byte(text), 0o600)) }
	write(text)
	return cfg, write
}

func TestChangedSettingsDecideFromTheNextTraceOn(t *testing.T) {
	cfg, write := withFile(t, `{"e2e_latency": "10s"}`)
	e := started(t, cfg, componenttest.NewNopTelemetrySettings())
	all := []*evaluator{}
	for _, override := range []map[string]any{nil, {"e2e_latency": "5s"}} {
		v, err := e.NewEvaluator("p", override)
		require.NoError(t, err)
		all = append(all, v.(*evaluator))
	}
	kept := func(seconds float64) (kept []bool) {
		for _, v := range all {
			decision, err := v.Evaluate(t.Context(), traceID(1), vllmTrace(traceID(1), map[string]any{"gen_ai.latency.e2e": seconds}))
			require.NoError(t, err)
			kept = append(kept, decision == samplingpolicy.Sampled)
		}
		return kept
	}
	assert.Equal(t, []bool{false, true}, kept(8))
	write(`{"e2e_latency": "7s"}`)
	e.pollSettings()
	assert.Equal(t, []bool{true, true}, kept(8))
	assert.Equal(t, []bool{false, true}, kept(6), "a policy's own settings stay over the file's")
	write(`{"e2e_latency": "20s"}`)
	e.pollSettings()
	write(`{"e2e_latency": "30s"}`) // before a trace came: the instances in between are given back
	e.pollSettings()
	assert.Equal(t, []bool{false, true}, kept(25))
	assert.Equal(t, int64(4), e.reloads.generation.Load())
	later, err := e.NewEvaluator("late", nil)
	require.NoError(t, err)
	assert.JSONEq(t, `{"e2e_latency": "30s"}`, string(later.(*evaluator).settings))
}

func TestABadFileKeepsTheSettingsIsLoggedOnceAndCounted(t *testing.T) {
	cfg, write := withFile(t, `{"e2e_latency": "10s"}`)
	core, logs := observer.New(zapcore.ErrorLevel)
	set := componenttest.NewNopTelemetrySettings()
	set.Logger = zap.New(core)
	e := started(t, cfg, set)
	v, err := e.NewEvaluator("p", nil)
	require.NoError(t, err)
	for i, bad := range []struct{ text, said string }{
		{`{"e2e_latncy": "2m"}`, "e2e_latncy"},
		{`{"e2e_latency": "soon"}`, "soon"},
		{`[1, 2]`, "expected a YAML or JSON object"},
		{`{"e2e_latency": `, "expected a YAML or JSON object"},
		{string(make([]byte, maxSettingsSize+1)), "larger than 1 MiB"},
		{"{}\n", "found no setting"},
		{" ", "found no setting"},
		{"# e2e_latency: 10s", "found no setting"},
		{"", "no such file"}, // stands for: removed
	} {
		write(bad.text)
		if bad.text == "" {
			require.NoError(t, os.Remove(cfg.SettingsFile))
		}
		for range 3 {
			e.pollSettings()
		}
		require.Equal(t, int64(i+1), e.reloads.refused.Load(), "once for each content")
		entry := logs.All()[i].ContextMap()
		assert.Contains(t, entry["error"], bad.said)
		assert.Equal(t, cfg.SettingsFile, entry["settings_file"])
		assert.Nil(t, v.(*evaluator).next.Load())
	}
	write("e2e_latency: 10s # the settings in force, mended")
	e.pollSettings()
	assert.Equal(t, int64(1), e.reloads.generation.Load())
	assert.Zero(t, e.reloads.applied.Load())
}

func TestAFileThatIsCutAtALineIsRefused(t *testing.T) {
	const whole = "e2e_latency: 10s\ndecode_time: 5s\n"
	for name, c := range map[string]struct {
		text    string
		refused int64
	}{
		"cut behind a line":      {whole[:17], 1},
		"cut within a line":      {whole[:len(whole)-2], 1},
		"cut to nothing":         {"", 1},
		"the end of line is cut": {whole[:len(whole)-1], 0},
		"ended on purpose":       {"e2e_latency: 10s\n...\n", 0},
		"another value":          {"e2e_latency: 10s\ndecode_time: 4s\n", 0},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, write := withFile(t, whole)
			e := started(t, cfg, componenttest.NewNopTelemetrySettings())
			write(c.text)
			e.pollSettings()
			assert.Equal(t, c.refused, e.reloads.refused.Load())
			if c.refused > 0 {
				assert.Len(t, e.settings, 2, "those before stay in force")
			}
		})
	}
}

func TestSettingsThatOnePolicyRefusesAreAppliedToNone(t *testing.T) {
	cfg, write := withFile(t, `{"decode_time": "60s"}`)
	e := started(t, cfg, componenttest.NewNopTelemetrySettings())
	good, err := e.NewEvaluator("good", map[string]any{"decode_time": "1s"})
	require.NoError(t, err)
	_, err = e.NewEvaluator("bad", nil)
	require.NoError(t, err)
	write(`{"decode_time": "never"}`) // the first policy lays its own over it, the second takes it
	e.pollSettings()
	assert.Nil(t, good.(*evaluator).next.Load())
	assert.Equal(t, int64(1), e.reloads.refused.Load())
}

func TestNewSettingsCloseTheBreaker(t *testing.T) {
	cfg := newGuest(onlyFirstCall(), answer(0, 0)).install(t)
	cfg.SettingsFile = filepath.Join(t.TempDir(), "settings.json")
	require.NoError(t, os.WriteFile(cfg.SettingsFile, []byte(`{"a": 0}`), 0o600))
	v := evaluatorOf(t, cfg)
	v.clock = func() time.Duration { return 0 }
	for range openAt / faultWeight {
		v.breaker.failed(0)
	}
	decisions(t, v, 1, samplingpolicy.Sampled)
	require.NoError(t, os.WriteFile(cfg.SettingsFile, []byte(`{"a": 1}`), 0o600))
	v.ext.pollSettings()
	decisions(t, v, 1, samplingpolicy.NotSampled)
	assert.True(t, v.breaker.closed())
}

// configMap lays a directory out as kubelet does: settings.json → ..data/settings.json, ..data → the
// directory of the current version; a change swaps ..data by a rename.
func configMap(t *testing.T) (path string, publish func(version, text string)) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Symlink("..data/settings.json", filepath.Join(dir, "settings.json")))
	return filepath.Join(dir, "settings.json"), func(version, text string) {
		require.NoError(t, os.Mkdir(filepath.Join(dir, ".."+version), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, ".."+version, "settings.json"), []byte(text), 0o600))
		require.NoError(t, os.Symlink(".."+version, filepath.Join(dir, "..data_tmp")))
		require.NoError(t, os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")))
	}
}

func TestAConfigMapIsFollowedThroughItsSymbolicLinks(t *testing.T) {
	cfg := shipped(t)
	file, publish := configMap(t)
	cfg.SettingsFile = file
	publish("1", `{"e2e_latency": "2s"}`)
	e := newExtension(cfg, componenttest.NewNopTelemetrySettings())
	e.pollEvery = time.Millisecond
	require.NoError(t, e.Start(t.Context(), nil))
	publish("2", `{"e2e_latency": "1s"}`)
	require.Eventually(t, func() bool { return e.reloads.generation.Load() == 2 }, 10*time.Second, time.Millisecond)
	require.NoError(t, e.Shutdown(t.Context()))
}

// Settings change all the time while traces come in: none is lost or kept by anything but one of the
// two versions, and those that waited when the last change came are decided on by it.
func TestAReloadUnderLoadTouchesNoPendingTrace(t *testing.T) {
	cfg, write := withFile(t, `{"e2e_latency": "10s"}`)
	p, e, sink := processorWith(t, cfg, 4, nil)
	changing, done := sync.WaitGroup{}, make(chan struct{})
	stop := sync.OnceFunc(func() { close(done); changing.Wait() })
	defer stop()
	changing.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
				write([]string{`{"e2e_latency": "20s"}`, `{"e2e_latency": "10s"}`, `{"e2e_latency": "soon"}`}[i%3])
				e.pollSettings()
			}
		}
	})
	batch := func(from, to int) (ptrace.Traces, map[pcommon.TraceID]bool) {
		traces, slow := ptrace.NewTraces(), map[pcommon.TraceID]bool{}
		for n := from; n < to; n++ {
			seconds := []float64{5, 25}[n%2]
			addSpan(traces, traceID(uint64(n)), "vllm.tracing.otel", "llm_request", map[string]any{"gen_ai.latency.e2e": seconds})
			if seconds > 20 {
				slow[traceID(uint64(n))] = true
			}
		}
		return traces, slow
	}
	first, slow := batch(0, 4000)
	send(t, p, first)
	require.Eventually(t, func() bool { return sink.SpanCount() == len(slow) }, 30*time.Second, 10*time.Millisecond)
	stop()

	pending, _ := batch(4000, 4100)
	send(t, p, pending)
	write(`{"e2e_latency": "1s"}`)
	e.pollSettings()
	require.NoError(t, p.Shutdown(t.Context()))
	for n := range uint64(100) {
		slow[traceID(4000+n)] = true
	}
	requireExactly(t, slow, []ptrace.Traces{first, pending}, sink.AllTraces())
	for _, v := range e.evaluators() {
		for i := range v.tally.faults {
			assert.Zero(t, v.tally.faults[i].Load(), causeNames[i])
		}
	}
	assert.Positive(t, e.reloads.refused.Load())
	assert.Greater(t, e.reloads.applied.Load(), int64(2))
}
