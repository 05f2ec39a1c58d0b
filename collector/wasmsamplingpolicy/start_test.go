package wasmsamplingpolicy

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
)

func TestAModuleThatIsNoPolicyOfThisABIIsRefusedAtStart(t *testing.T) {
	for name, c := range map[string]struct {
		guest    guest
		expected string // empty: it is loaded all the same
	}{
		"ABI of tsp_abi":       {with(func(g *guest) { g.abi = 3 }), "tsp_abi: found version 3; this collector speaks versions 1 to 2"},
		"ABI of describe":      {with(func(g *guest) { g.describe = `{"abi":2,"groups":[{}]}` }), "abi: found 2; expected 1, as tsp_abi says"},
		"unknown wish":         {with(func(g *guest) { g.describe = strings.Replace(g.describe, `"trace":[]`, `"trace":["size"]`, 1) }), `found "size"`},
		"settings refused":     {with(func(g *guest) { g.refuse = "e2e_latency: found 5; expected a duration" }), "configure: e2e_latency: found 5; expected a duration"},
		"buffer not aligned":   {with(func(g *guest) { g.buffer = 8196 }), "expected a multiple of 8"},
		"buffer outside":       {with(func(g *guest) { g.buffer = 65536 - 8 }), "within the 65536 bytes of memory"},
		"buffer too small":     {with(func(g *guest) { g.capacity = 88 }), "expected 96 or more"},
		"capacity negative":    {with(func(g *guest) { g.capacity = -8 }), "within the 65536 bytes of memory"},
		"signature":            {with(func(g *guest) { g.signature = typeToI32; g.evaluate = i32const(0) }), "tsp_evaluate: found another signature"},
		"no describe":          {with(func(g *guest) { g.omit = "describe" }), `no export "describe"`},
		"no configure":         {with(func(g *guest) { g.omit = "configure" }), `no export "configure"`},
		"no tsp_abi":           {with(func(g *guest) { g.omit = "tsp_abi" }), `no export "tsp_abi"`},
		"no tsp_buffer":        {with(func(g *guest) { g.omit = "tsp_buffer" }), `no export "tsp_buffer"`},
		"no tsp_capacity":      {with(func(g *guest) { g.omit = "tsp_capacity" }), `no export "tsp_capacity"`},
		"no tsp_evaluate":      {with(func(g *guest) { g.omit = "tsp_evaluate" }), `no export "tsp_evaluate"`},
		"no memory":            {with(func(g *guest) { g.omit = "memory" }), ""},
		"memory a function":    {with(func(g *guest) { g.exported = map[string]byte{"memory": funcBuffer} }), ""},
		"describe takes one":   {with(func(g *guest) { g.exported = map[string]byte{"describe": funcEvaluate} }), "describe"},
		"configure is void":    {with(func(g *guest) { g.exported = map[string]byte{"configure": funcNothing} }), ""},
		"tsp_abi takes one":    {with(func(g *guest) { g.exported = map[string]byte{"tsp_abi": funcEvaluate} }), "tsp_abi"},
		"tsp_abi is a host's":  {with(func(g *guest) { g.exported = map[string]byte{"tsp_abi": funcAlloc} }), "tsp_abi"},
		"tsp_buffer is void":   {with(func(g *guest) { g.exported = map[string]byte{"tsp_buffer": funcNothing} }), "tsp_buffer: found another signature"},
		"evaluate is a host's": {with(func(g *guest) { g.exported = map[string]byte{"tsp_evaluate": funcLogWarn} }), "tsp_evaluate"},
		"tsp_fuel a function":  {with(func(g *guest) { g.exported = map[string]byte{"tsp_fuel": funcNothing} }), ""},
		"description no JSON":  {with(func(g *guest) { g.describe = "llm_request" }), "describe: "},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := c.guest.install(t)
			e := newExtension(cfg, componenttest.NewNopTelemetrySettings())
			err := e.Start(t.Context(), componenttest.NewNopHost())
			if c.expected == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, c.expected)
				assert.ErrorContains(t, err, cfg.Path)
			}
			require.NoError(t, e.Shutdown(t.Context()))
		})
	}
	t.Run("no module at all", func(t *testing.T) {
		cfg := installed(t, slices.Concat(wasmMagic, []byte("\x01\x00\x00\x00\xff")))
		require.ErrorContains(t, newExtension(cfg, componenttest.NewNopTelemetrySettings()).Start(t.Context(), nil), "cannot be loaded")
	})
	t.Run("not in service.extensions", func(t *testing.T) {
		_, err := newExtension(shipped(t), componenttest.NewNopTelemetrySettings()).NewEvaluator("p", nil)
		require.ErrorContains(t, err, "service.extensions")
	})
}

func TestTheShippedPolicyRefusesSettingsInItsOwnWords(t *testing.T) {
	cfg := shipped(t)
	cfg.Settings = map[string]any{"e2e_latencies": "2m"}
	err := newExtension(cfg, componenttest.NewNopTelemetrySettings()).Start(t.Context(), nil)
	require.ErrorContains(t, err, "e2e_latencies")

	_, err = started(t, shipped(t), componenttest.NewNopTelemetrySettings()).NewEvaluator("slow", map[string]any{"decode_time": "soon"})
	require.ErrorContains(t, err, `policy "slow"`)
	require.ErrorContains(t, err, "decode_time")
	require.ErrorContains(t, err, "soon")
}
