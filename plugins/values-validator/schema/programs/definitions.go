// Writes what a program reads as definitions of JSON schema, from its own types: `generate` runs it within the
// program's module, with the file of the program's tables beside this one.
//
// A definition is a struct; keys, types and lists are those of its fields. What the methods that read them add
// (words, forms, keys that must be there) is in the tables.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"
)

type schema map[string]any

// What the program reads, from the top.
var roots []reflect.Type

// What there is to do with the definitions before they are written.
var complete func()

// Names of definitions that are not those of their types.
var names map[string]string

// Types that read themselves from one text.
var texts = map[string]schema{
	"model.Duration":    {"$ref": "#/$defs/amDuration"},
	"time.Duration":     {"$ref": "#/$defs/amGoDuration"},
	"config.TLSVersion": {"$ref": "#/$defs/amTLSVersion"},
	"config.URL":        {"type": "string"},
}

// Fields that take some words only.
var words map[string][]string

// Keys without which the reading fails. What another key or the global part can stand for, a rule looks at.
var required = map[string][]string{
	"OAuth2": {"client_id", "token_url"},
}

var definitions = schema{
	"amDuration": schema{
		"minLength": 1,
		"pattern":   "^(0|([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?)$",
		"type":      "string",
	},
	"amGoDuration": schema{
		"pattern": "^(0|[-+]?([0-9]*[.]?[0-9]+(h|m|s|ms|us|µs|ns))+)$",
		"type":    "string",
	},
	"amTLSVersion": schema{"enum": []string{"TLS10", "TLS11", "TLS12", "TLS13"}},
}

func of(t reflect.Type) schema {
	if text, ok := texts[t.String()]; ok {
		if _, ok := text["anyOf"]; ok {
			define(t)
		}
		return text
	}
	switch t.Kind() {
	case reflect.Pointer:
		return of(t.Elem())
	case reflect.Interface:
		return schema{}
	case reflect.Bool:
		return schema{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return schema{"type": "integer"}
	case reflect.Uint, reflect.Uint64:
		return schema{"minimum": 0, "type": "integer"}
	case reflect.Float64:
		return schema{"type": "number"}
	case reflect.String:
		return schema{"type": "string"}
	case reflect.Slice:
		return schema{"items": of(t.Elem()), "type": "array"}
	case reflect.Map:
		values := of(t.Elem())
		if len(values) == 0 {
			return schema{"type": "object"}
		}
		return schema{"additionalProperties": values, "type": "object"}
	case reflect.Struct:
		if t.String() == "config.Headers" {
			return schema{"additionalProperties": of(t.Field(0).Type.Elem()), "type": "object"}
		}
		return define(t)
	}
	panic("no schema for " + t.String())
}

// name is that of a definition.
func name(t reflect.Type) string {
	if name, ok := names[t.String()]; ok {
		return name
	}
	return "am" + t.Name()
}

func define(t reflect.Type) schema {
	if t.Name() == "" {
		panic("no name for " + t.String())
	}
	key := name(t)
	ref := schema{"$ref": "#/$defs/" + key}
	if _, ok := definitions[key]; ok {
		return ref
	}
	properties := schema{}
	definition := schema{"additionalProperties": false, "properties": properties, "type": "object"}
	definitions[key] = definition
	fields(t, t.Name(), properties)
	keys, ok := required[t.String()]
	if !ok {
		keys, ok = required[t.Name()]
	}
	if ok {
		definition["required"] = keys
		for _, key := range keys {
			if property := properties[key].(schema); property["type"] == "string" {
				properties[key] = schema{"minLength": 1, "type": "string"}
			}
		}
	}
	return ref
}

func fields(t reflect.Type, owner string, properties schema) {
	for i := range t.NumField() {
		field := t.Field(i)
		tag := strings.Split(field.Tag.Get("yaml"), ",")
		switch {
		case !field.IsExported() || tag[0] == "-":
		case len(tag) > 1 && tag[1] == "inline":
			fields(field.Type, owner, properties)
		default:
			key := tag[0]
			if key == "" {
				key = strings.ToLower(field.Name)
			}
			properties[key] = of(field.Type)
			if words, ok := words[owner+"."+key]; ok {
				properties[key] = schema{"enum": words}
			}
		}
	}
}

func main() {
	for _, root := range roots {
		define(root)
	}
	if complete != nil {
		complete()
	}
	keys := make([]string, 0, len(definitions))
	for key := range definitions {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for i, key := range keys {
		text, err := json.Marshal(definitions[key])
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		start := ",\n"
		if i == 0 {
			start = "{\n"
		}
		fmt.Printf("%s%q: %s", start, key, text)
	}
	fmt.Println("\n}")
}
