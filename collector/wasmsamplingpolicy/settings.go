package wasmsamplingpolicy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Settings are a handful of limits; a larger file is a mistaken path.
const maxSettingsSize = mebibyte

// settings returns the policy's settings, inline or from the file, and the file's text; never nil.
func (c *Config) settings() (settings map[string]any, text string, err error) {
	if c.SettingsFile == "" {
		if settings = maps.Clone(c.Settings); settings == nil {
			settings = map[string]any{}
		}
		return settings, "", nil
	}
	if text, err = readSettings(c.SettingsFile); err == nil {
		settings, err = parseSettings(text)
	}
	if err != nil {
		return nil, "", fmt.Errorf("settings_file: %s: %w", c.SettingsFile, err)
	}
	return settings, text, nil
}

func readSettings(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxSettingsSize+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxSettingsSize {
		return "", errors.New("larger than 1 MiB; expected a YAML or JSON object of settings")
	}
	return string(text), nil
}

// errNoSettings refuses a file that was emptied or cut: it would put the policy's defaults in force,
// which nobody who writes a settings file can mean.
var errNoSettings = errors.New("found no setting; expected a YAML or JSON object of settings. The file may be cut or not written yet; " +
	"for the policy's own defaults leave settings_file out")

// parseSettings reads YAML, which JSON is too.
func parseSettings(text string) (map[string]any, error) {
	settings := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &settings); err != nil {
		return nil, fmt.Errorf("expected a YAML or JSON object of settings: %w", err)
	}
	if len(settings) == 0 {
		return nil, errNoSettings
	}
	return settings, nil
}

// errCutSettings refuses a file that is the beginning of the one in force. JSON that is cut can never be
// read, but YAML that is cut at the end of a line can.
var errCutSettings = errors.New("the file is the beginning of the one in force, so it looks cut; " +
	"if the last settings are to be dropped, end the file with a line `...`, the end of a YAML document")

func cutOf(text, inForce string) bool {
	text = strings.TrimSpace(text)
	return len(text) < len(strings.TrimSpace(inForce)) && strings.HasPrefix(strings.TrimSpace(inForce), text) &&
		!strings.HasSuffix(text, "\n...")
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
