package wasmsamplingpolicy

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"

	"github.com/vllm-monitoring/vllm-monitoring/collector/wasmsamplingpolicy/internal/metadata"
)

const exampleHash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestTheExampleConfigurationReadsAsItSays(t *testing.T) {
	for name, expected := range map[string]*Config{
		"": {
			Path: "/etc/vllm-monitoring/policy/sampling-policy.wasm.gz", SHA256: exampleHash,
			OnError: OnErrorKeep, MemoryLimitMiB: 4, MaxWasmSizeMiB: 8,
			Timeout: 2 * time.Second, SamplingStrategy: TraceComplete, Instances: 1, Stamp: true,
		},
		"all": {
			Path: "/etc/vllm-monitoring/policy/sampling-policy.wasm", SHA256: exampleHash,
			Settings: map[string]any{"e2e_latency": "90s", "time_to_first_token": "5s", "decode_time": "off"},
			OnError:  OnErrorDrop, MemoryLimitMiB: 16, MaxWasmSizeMiB: 2, AllowDrop: true,
			Timeout: 500 * time.Millisecond, SamplingStrategy: SpanIngest, Instances: 3, Stamp: false,
		},
		"file": {
			Path: "/etc/vllm-monitoring/policy/sampling-policy.wasm.gz", SHA256: exampleHash,
			SettingsFile: "/etc/vllm-monitoring/settings/settings.json",
			OnError:      OnErrorKeep, MemoryLimitMiB: 4, MaxWasmSizeMiB: 8,
			Timeout: 2 * time.Second, SamplingStrategy: TraceComplete, Instances: 1, Stamp: true,
		},
	} {
		cfg := createDefaultConfig().(*Config)
		require.NoError(t, example(t, name).Unmarshal(cfg))
		assert.Equal(t, expected, cfg, name)
	}
}

func example(t *testing.T, name string) *confmap.Conf {
	all, err := confmaptest.LoadConf(filepath.Join("testdata", "config.yaml"))
	require.NoError(t, err)
	sub, err := all.Sub(component.NewIDWithName(metadata.Type, name).String())
	require.NoError(t, err)
	return sub
}

func TestTheExampleConfigurationAndTheReadmeShowEverySetting(t *testing.T) {
	shown := map[string]bool{}
	for _, name := range []string{"all", "file"} {
		for key := range example(t, name).ToStringMap() {
			shown[key] = true
		}
	}
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	fields := reflect.TypeFor[Config]()
	for i := range fields.NumField() {
		key := fields.Field(i).Tag.Get("mapstructure")
		assert.True(t, shown[key], "testdata/config.yaml does not show %s", key)
		assert.Contains(t, string(readme), "| `"+key+"` |")
	}
}

func TestAnUnknownKeyIsRefusedWhateverItsValue(t *testing.T) {
	for _, value := range []any{"keep", map[string]any{"e2e_latency": "2m"}} {
		conf := confmap.NewFromStringMap(map[string]any{"path": "p", "sha256": exampleHash, "seting": value})
		err := conf.Unmarshal(createDefaultConfig().(*Config))
		require.ErrorContains(t, err, "seting")
	}
}

func TestEveryMistakeIsNamedWithWhatWasFoundAndExpected(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	list := filepath.Join(t.TempDir(), "list.yaml")
	require.NoError(t, os.WriteFile(list, []byte("[1, 2]"), 0o600))
	empty := filepath.Join(t.TempDir(), "empty.json")
	require.NoError(t, os.WriteFile(empty, []byte("{}\n"), 0o600))
	long := filepath.Join(t.TempDir(), "long.yaml")
	require.NoError(t, os.WriteFile(long, []byte("#"+strings.Repeat("x", maxSettingsSize)), 0o600))
	for name, c := range map[string]struct {
		spoil    func(*Config)
		expected []string
	}{
		"no path":            {func(c *Config) { c.Path = "" }, []string{"path: missing"}},
		"no hash":            {func(c *Config) { c.SHA256 = "" }, []string{"sha256: missing"}},
		"short hash":         {func(c *Config) { c.SHA256 = "abcd" }, []string{`found "abcd"`, "64 hex digits"}},
		"no hex":             {func(c *Config) { c.SHA256 = strings.Repeat("x", 64) }, []string{"64 hex digits"}},
		"wrong hash":         {func(c *Config) { c.SHA256 = strings.Repeat("0", 64) }, []string{"sha256: ", "found " + "", "expected 0000"}},
		"missing file":       {func(c *Config) { c.Path = missing }, []string{missing, "no such file"}},
		"directory":          {func(c *Config) { c.Path = filepath.Dir(c.Path) }, []string{"path: ", "is a directory"}},
		"both settings":      {func(c *Config) { c.Settings, c.SettingsFile = map[string]any{}, list }, []string{"found both"}},
		"no settings file":   {func(c *Config) { c.SettingsFile = missing }, []string{"settings_file: ", "no such file"}},
		"settings no object": {func(c *Config) { c.SettingsFile = list }, []string{list, "expected a YAML or JSON object"}},
		"settings too large": {func(c *Config) { c.SettingsFile = long }, []string{long, "larger than 1 MiB"}},
		"on_error":           {func(c *Config) { c.OnError = "ignore" }, []string{`on_error: found "ignore"; expected "keep" or "drop"`}},
		"no memory":          {func(c *Config) { c.MemoryLimitMiB = 0 }, []string{"memory_limit_mib: found 0; expected 1 to 4096"}},
		"too much memory":    {func(c *Config) { c.MemoryLimitMiB = 4097 }, []string{"found 4097"}},
		"no size":            {func(c *Config) { c.MaxWasmSizeMiB = 0 }, []string{"max_wasm_size_mib: found 0; expected 1 to 256"}},
		"too large":          {func(c *Config) { c.MaxWasmSizeMiB = 257 }, []string{"found 257"}},
		"short timeout":      {func(c *Config) { c.Timeout = 1 }, []string{"timeout: found 1ns; expected 100ms to 30s"}},
		"long timeout":       {func(c *Config) { c.Timeout = time.Hour }, []string{"timeout: found 1h0m0s"}},
		"negative timeout":   {func(c *Config) { c.Timeout = -time.Second }, []string{"timeout: found -1s"}},
		"no timeout":         {func(c *Config) { c.Timeout = 0 }, []string{"timeout: found 0s"}},
		"strategy":           {func(c *Config) { c.SamplingStrategy = "immediate" }, []string{`sampling_strategy: found "immediate"; expected "trace-complete" or "span-ingest"`}},
		"drop at arrival": {
			func(c *Config) { c.AllowDrop, c.SamplingStrategy = true, SpanIngest },
			[]string{`allow_drop: found true with sampling_strategy "span-ingest"`, `expected allow_drop: false, or sampling_strategy: "trace-complete"`},
		},
		"no instance":    {func(c *Config) { c.Instances = 0 }, []string{"instances: found 0; expected the number of collectors"}},
		"empty settings": {func(c *Config) { c.SettingsFile = empty }, []string{empty, "found no setting", "cut"}},
		"two at once":    {func(c *Config) { c.OnError, c.Path = "x", "" }, []string{"on_error", "path"}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := newGuest(answer(0, 0)).install(t)
			require.NoError(t, confmap.Validate(cfg))
			c.spoil(cfg)
			err := confmap.Validate(cfg)
			require.Error(t, err)
			for _, text := range c.expected {
				assert.ErrorContains(t, err, text)
			}
		})
	}
}

func TestSettingsComeFromAFileOfEitherForm(t *testing.T) {
	for _, text := range []string{`{"e2e_latency": "2m", "decode_time": "off"}`, "e2e_latency: 2m\ndecode_time: off\n"} {
		file := filepath.Join(t.TempDir(), "settings")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		settings, _, err := (&Config{SettingsFile: file}).settings()
		require.NoError(t, err)
		assert.Equal(t, map[string]any{"e2e_latency": "2m", "decode_time": "off"}, settings)
	}
}

func TestThePolicysOwnSettingsGoOverTheExtensionsKeyByKey(t *testing.T) {
	base := map[string]any{"a": "1m", "b": false}
	document, err := settingsDocument(base, map[string]any{"b": "2m", "c": 3})
	require.NoError(t, err)
	assert.JSONEq(t, `{"a":"1m","b":"2m","c":3}`, string(document))
	assert.Equal(t, map[string]any{"a": "1m", "b": false}, base, "the extension's own settings stay as they are")
	document, err = settingsDocument(nil, nil)
	require.NoError(t, err)
	assert.JSONEq(t, `{}`, string(document))
	_, err = settingsDocument(map[string]any{"a": func() {}}, nil)
	require.ErrorContains(t, err, "settings")
}

func zipped(t *testing.T, data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(data)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func TestAModuleIsReadPlainOrGzippedWhateverItsName(t *testing.T) {
	wasm := newGuest(answer(0, 0)).wasm()
	for _, data := range [][]byte{wasm, zipped(t, wasm)} {
		path := filepath.Join(t.TempDir(), "module")
		require.NoError(t, os.WriteFile(path, data, 0o600))
		read, err := readModule(path, strings.ToUpper(hashOf(wasm)), mebibyte)
		require.NoError(t, err)
		assert.Equal(t, wasm, read)
	}
}

func TestABadModuleFileIsRefusedInWords(t *testing.T) {
	wasm := newGuest(answer(0, 0)).wasm()
	gz := zipped(t, wasm)
	corrupt := bytes.Clone(gz)
	corrupt[len(corrupt)/2] ^= 0xff
	bomb := zipped(t, make([]byte, 4*mebibyte))
	require.Less(t, len(bomb), 8192)
	for name, c := range map[string]struct {
		data     []byte
		expected string
	}{
		"corrupt gzip":   {corrupt, "gzip: "},
		"truncated gzip": {gz[:len(gz)-9], "gzip: unexpected EOF"},
		"gzip bomb":      {bomb, "gzip: larger than max_wasm_size_mib allows (1048576 bytes)"},
		"too large":      {make([]byte, mebibyte+1), "larger than max_wasm_size_mib allows"},
		"wrong hash":     {append(wasm, 0), "expected " + hashOf(wasm)},
		"empty":          {nil, "expected " + hashOf(wasm)},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "module.wasm")
			require.NoError(t, os.WriteFile(path, c.data, 0o600))
			_, err := readModule(path, hashOf(wasm), mebibyte)
			require.ErrorContains(t, err, c.expected)
			assert.ErrorContains(t, err, path)
		})
	}
	text := []byte("#!/bin/sh\n")
	path := filepath.Join(t.TempDir(), "module.wasm")
	require.NoError(t, os.WriteFile(path, text, 0o600))
	_, err := readModule(path, hashOf(text), mebibyte)
	require.ErrorContains(t, err, "found no WebAssembly")
}
