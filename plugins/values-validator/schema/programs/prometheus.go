package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"sort"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery/consul"
	"github.com/prometheus/prometheus/discovery/dns"
	"github.com/prometheus/prometheus/discovery/file"
	"github.com/prometheus/prometheus/discovery/http"
	"github.com/prometheus/prometheus/discovery/kubernetes"
)

// The discoveries whose fields are looked at. Those of clouds would bring their clients along.
var discoveries = map[string]reflect.Type{
	"consul":     reflect.TypeFor[consul.SDConfig](),
	"dns":        reflect.TypeFor[dns.SDConfig](),
	"file":       reflect.TypeFor[file.SDConfig](),
	"http":       reflect.TypeFor[http.SDConfig](),
	"kubernetes": reflect.TypeFor[kubernetes.SDConfig](),
}

func init() {
	protocols := make([]string, 0, len(config.ScrapeProtocolsHeaders))
	for protocol := range config.ScrapeProtocolsHeaders {
		protocols = append(protocols, string(protocol))
	}
	sort.Strings(protocols)
	for t, text := range map[string]schema{
		"units.Base2Bytes": {"pattern": "^[-+]?(0|([0-9.]+([KMGTPE]i?)?B)+)$", "type": "string"},
		"kubernetes.Role":  {"enum": []kubernetes.Role{kubernetes.RolePod, kubernetes.RoleService, kubernetes.RoleEndpoint, kubernetes.RoleEndpointSlice, kubernetes.RoleNode, kubernetes.RoleIngress}},
		// The chart's own schema says what they are.
		"relabel.Config":         {"type": "object"},
		"model.ValidationScheme": {"enum": []string{"", "legacy", "utf8"}},
		"config.ScrapeProtocol":  {"enum": protocols},
	} {
		texts[t] = text
	}
	words = map[string][]string{
		"ScrapeConfig.fallback_scrape_protocol":    append([]string{""}, protocols...),
		"ScrapeConfig.metric_name_escaping_scheme": {"", model.AllowUTF8, model.EscapeUnderscores, model.EscapeDots, model.EscapeValues},
	}
	for t, keys := range map[string][]string{
		"dns.SDConfig":              {"names"},
		"file.SDConfig":             {"files"},
		"http.SDConfig":             {"url"},
		"kubernetes.SDConfig":       {"role"},
		"kubernetes.SelectorConfig": {"role"},
	} {
		required[t] = keys
	}
	names = map[string]string{
		"config.ScrapeConfig":             "prScrape",
		"kubernetes.NamespaceDiscovery":   "prNamespaces",
		"kubernetes.SelectorConfig":       "prSelector",
		"kubernetes.AttachMetadataConfig": "prAttach",
	}
	for key, t := range discoveries {
		names[t.String()] = "pr" + title(key)
	}
	roots = []reflect.Type{reflect.TypeFor[config.ScrapeConfig]()}
	complete = func() {
		job := definitions["prScrape"].(schema)["properties"].(schema)
		for _, key := range registered() {
			items := schema{"type": "object"}
			if t, ok := discoveries[key]; ok {
				items = define(t)
			}
			suffix := "_sd_configs"
			if key == "static" {
				suffix = "_configs"
			}
			job[key+suffix] = schema{"items": items, "type": "array"}
		}
		shared()
	}
}

func title(word string) string {
	return string(word[0]-'a'+'A') + word[1:]
}

// registered are the names of all discoveries, as their files give them.
func registered() []string {
	name := regexp.MustCompile(`\) Name\(\) string +\{\s*return "(\w+)"`)
	var keys []string
	for _, pattern := range []string{"discovery/*.go", "discovery/*/*.go"} {
		files, _ := filepath.Glob(pattern)
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			text, err := os.ReadFile(path)
			if err != nil {
				panic(err)
			}
			for _, found := range name.FindAllStringSubmatch(string(text), -1) {
				keys = append(keys, found[1])
			}
		}
	}
	return keys
}

// shared leaves out what Alertmanager reads in the same way, and stops where a definition of that name is another.
func shared() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	var theirs map[string]json.RawMessage
	if err := json.Unmarshal(text, &theirs); err != nil {
		panic(err)
	}
	for key := range definitions {
		their, ok := theirs[key]
		if !ok {
			continue
		}
		ours, _ := json.Marshal(definitions[key])
		if string(ours) != string(their) {
			panic(key + " is another in Alertmanager: name it in prometheus.go")
		}
		delete(definitions, key)
	}
}
