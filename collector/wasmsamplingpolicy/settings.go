package wasmsamplingpolicy

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"

	"go.yaml.in/yaml/v3"
)

// Settings are a handful of limits; a larger file is a mistaken path.
const maxSettingsSize = mebibyte

// settings returns the policy's settings, inline or from the file; never nil.
func (c *Config) settings() (map[string]any, error) {
	if c.SettingsFile == "" {
		settings := maps.Clone(c.Settings)
		if settings == nil {
			settings = map[string]any{}
		}
		return settings, nil
	}
	file, err := os.Open(c.SettingsFile)
	if err != nil {
		return nil, fmt.Errorf("settings_file: %w", err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxSettingsSize+1))
	if err != nil {
		return nil, fmt.Errorf("settings_file: %w", err)
	}
	if len(text) > maxSettingsSize {
		return nil, fmt.Errorf("settings_file: %s is larger than 1 MiB; expected a YAML or JSON object of settings", c.SettingsFile)
	}
	settings := map[string]any{}
	// JSON is YAML; an empty file is an empty object.
	if err := yaml.Unmarshal(text, &settings); err != nil {
		return nil, fmt.Errorf("settings_file: %s: expected a YAML or JSON object of settings: %w", c.SettingsFile, err)
	}
	return settings, nil
}

// settingsDocument lays override over base, key by key, and writes the JSON that `configure` reads.
func settingsDocument(base, override map[string]any) ([]byte, error) {
	merged := maps.Clone(base)
	if merged == nil {
		merged = map[string]any{}
	}
	maps.Copy(merged, override)
	document, err := json.Marshal(merged)
	if err != nil {
		return nil, fmt.Errorf("settings: cannot be written as JSON: %w", err)
	}
	return document, nil
}
