// Writes the objects of other programs as JSON schema, from the definitions that they install in the API server:
// `generate` runs it with the folders of the definitions. A line is a kind, by its version and its name; of several
// versions only those that are served.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"

	"sigs.k8s.io/yaml"
)

type definition struct {
	Kind string
	Spec struct {
		Group    string
		Names    struct{ Kind string }
		Versions []struct {
			Name   string
			Served bool
			Schema struct{ OpenAPIV3Schema map[string]any }
		}
	}
}

// What only people, or only servers, read.
var left = []string{
	"description", "default", "format", "title", "example", "x-kubernetes-validations", "x-kubernetes-list-type",
	"x-kubernetes-list-map-keys", "x-kubernetes-map-type", "x-kubernetes-preserve-unknown-fields", "nullable", "maxProperties",
	"x-kubernetes-int-or-string", "x-kubernetes-embedded-resource",
}

// Groups whose objects programs write, or hardly anybody.
var rare = map[string]bool{
	"acme.cert-manager.io": true, "eventing.keda.sh": true, "generators.external-secrets.io": true,
}

// closed leaves out what is not read, and closes objects that name their keys.
func closed(schema map[string]any) {
	open := schema["x-kubernetes-preserve-unknown-fields"] == true
	if schema["x-kubernetes-int-or-string"] == true {
		delete(schema, "anyOf")
		schema["type"] = []string{"integer", "string"}
	}
	for _, key := range left {
		delete(schema, key)
	}
	properties, named := schema["properties"].(map[string]any)
	for _, of := range properties {
		closed(of.(map[string]any))
	}
	for _, key := range []string{"items", "additionalProperties"} {
		if of, ok := schema[key].(map[string]any); ok {
			closed(of)
		}
	}
	// Alternatives of CRDs repeat keys that stand above them, and do not close what they name.
	for _, key := range []string{"anyOf", "oneOf", "allOf", "not"} {
		delete(schema, key)
	}
	if _, given := schema["additionalProperties"]; named && !given && !open {
		schema["additionalProperties"] = false
	}
}

func main() {
	kinds := map[string]string{}
	for _, folder := range os.Args[1:] {
		files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
		if err != nil || len(files) == 0 {
			panic("no definitions in " + folder)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				panic(err)
			}
			var one definition
			if err := yaml.Unmarshal(text, &one); err != nil {
				panic(file + ": " + err.Error())
			}
			if one.Kind != "CustomResourceDefinition" {
				continue
			}
			for _, version := range one.Spec.Versions {
				schema := version.Schema.OpenAPIV3Schema
				if !version.Served || schema == nil || rare[one.Spec.Group] {
					continue
				}
				closed(schema)
				properties := schema["properties"].(map[string]any)
				properties["metadata"] = map[string]any{"$ref": "#/$defs/ObjectMeta"}
				properties["status"] = map[string]any{"type": "object"}
				out, err := json.Marshal(schema)
				if err != nil {
					panic(err)
				}
				kinds[one.Spec.Group+"/"+version.Name+"/"+one.Spec.Names.Kind] = string(out)
			}
		}
	}
	names := make([]string, 0, len(kinds))
	for name := range kinds {
		names = append(names, name)
	}
	sort.Strings(names)
	start := "{\n"
	for _, name := range names {
		fmt.Printf("%s%q: %s", start, name, kinds[name])
		start = ",\n"
	}
	fmt.Println("\n}")
}
