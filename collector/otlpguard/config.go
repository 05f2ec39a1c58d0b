package otlpguard

import (
	"fmt"

	"go.opentelemetry.io/collector/component"
)

// Config bounds one request. All numbers are at least 1.
type Config struct {
	// MaxSpans is the largest number of spans of a request. SDKs send 512 at most by default.
	MaxSpans int `mapstructure:"max_spans"`

	// MaxItems is the largest number of messages in a request: resources, scopes, spans, events, links,
	// attributes and their values, each element of a list and entry of a map.
	MaxItems int `mapstructure:"max_items"`

	// MaxDepth is how deep attributes may nest: 1 for a text, 2 for a list of texts.
	MaxDepth int `mapstructure:"max_depth"`

	// prevent unkeyed literal initialization
	_ struct{}
}

func createDefaultConfig() component.Config {
	return &Config{MaxSpans: 10_000, MaxItems: 200_000, MaxDepth: 32}
}

// Validate implements xconfmap.Validator.
func (cfg *Config) Validate() error {
	for _, bound := range []struct {
		name  string
		value int
	}{{"max_spans", cfg.MaxSpans}, {"max_items", cfg.MaxItems}, {"max_depth", cfg.MaxDepth}} {
		if bound.value < 1 {
			return fmt.Errorf("%s: found %d, expected 1 or more", bound.name, bound.value)
		}
	}
	return nil
}
