// Writes lists of names that only sources have, which are read and not built: labels of Prometheus' discoveries, and
// fields of the operator's objects. `generate` runs it within the program's module.
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

func main() {
	switch os.Args[1] {
	case "labels":
		labels()
	case "operator":
		operator()
	}
}

func files(pattern string) []*ast.File {
	paths, _ := filepath.Glob(pattern)
	var all []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			panic(err)
		}
		all = append(all, file)
	}
	if len(all) == 0 {
		panic("no file " + pattern)
	}
	return all
}

// labels writes one name a line, without `__meta_`; what ends in `_` goes on as the user's names do.
func labels() {
	found := map[string]bool{}
	for _, pattern := range []string{
		"discovery/kubernetes/*.go", "discovery/consul/*.go", "discovery/dns/*.go", "discovery/aws/ec2.go",
	} {
		discovery := discovery{constants: map[string]ast.Expr{}}
		all := files(pattern)
		for _, file := range all {
			discovery.collect(file)
		}
		for name := range discovery.constants {
			for _, label := range discovery.values(ast.NewIdent(name)) {
				// Beginnings count where something is put behind them.
				if !strings.HasSuffix(label, "_") {
					found[label] = true
				}
			}
		}
		for _, file := range all {
			for _, declared := range file.Decls {
				body, ok := declared.(*ast.FuncDecl)
				if !ok {
					continue
				}
				ast.Inspect(body, func(node ast.Node) bool {
					sum, ok := node.(*ast.BinaryExpr)
					if !ok {
						return true
					}
					for _, label := range discovery.values(sum) {
						found[label] = true
					}
					return false
				})
			}
		}
	}
	var names []string
	for label := range found {
		if name, ok := strings.CutPrefix(label, "__meta_"); ok && name != "" {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	fmt.Println(strings.Join(names, "\n"))
}

type discovery struct {
	constants map[string]ast.Expr
	// What has labels and annotations.
	roles []string
}

func (d *discovery) collect(file *ast.File) {
	for _, declared := range file.Decls {
		group, ok := declared.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			values := spec.(*ast.ValueSpec)
			for i, name := range values.Names {
				if i >= len(values.Values) {
					continue
				}
				d.constants[name.Name] = values.Values[i]
				if t, ok := values.Type.(*ast.Ident); ok && t.Name == "Role" {
					d.roles = append(d.roles, d.values(values.Values[i])...)
				}
			}
		}
	}
}

// values are the texts that an expression may be; what is not known ends them.
func (d *discovery) values(expression ast.Expr) []string {
	switch e := expression.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil {
			return []string{text}
		}
	case *ast.Ident:
		switch e.Name {
		case "resource":
			return append(d.roles, "namespace")
		case "role":
			return d.roles
		}
		if value, ok := d.constants[e.Name]; ok {
			return d.values(value)
		}
	case *ast.SelectorExpr:
		if e.Sel.Name == "MetaLabelPrefix" {
			return []string{"__meta_"}
		}
	case *ast.CallExpr:
		if len(e.Args) == 1 {
			return d.values(e.Args[0])
		}
	case *ast.BinaryExpr:
		var all []string
		for _, left := range d.values(e.X) {
			right := d.values(e.Y)
			if len(right) == 0 {
				right = []string{""}
			}
			for _, text := range right {
				all = append(all, left+text)
			}
		}
		return all
	}
	return nil
}

// operator writes one key a line, `spec` with the kind behind it, and the fields below it.
func operator() {
	structs := map[string]*ast.StructType{}
	for _, file := range files("v1/*.go") {
		ast.Inspect(file, func(node ast.Node) bool {
			if t, ok := node.(*ast.TypeSpec); ok {
				if s, ok := t.Type.(*ast.StructType); ok {
					structs[t.Name.Name] = s
				}
			}
			return true
		})
	}
	for _, line := range [][2]string{
		{"specServiceMonitor", "ServiceMonitorSpec"},
		{"specPodMonitor", "PodMonitorSpec"},
		{"specProbe", "ProbeSpec"},
		{"specPrometheusRule", "PrometheusRuleSpec"},
		{"endpoints", "Endpoint"},
		{"podMetricsEndpoints", "PodMetricsEndpoint"},
		{"relabelings", "RelabelConfig"},
		{"metricRelabelings", "RelabelConfig"},
		{"namespaceSelector", "NamespaceSelector"},
		{"selector", ""},
		{"groups", "RuleGroup"},
		{"rules", "Rule"},
	} {
		if line[1] == "" {
			// Kubernetes' own.
			fmt.Println(line[0], "matchLabels matchExpressions")
			continue
		}
		fmt.Println(line[0], strings.Join(fields(structs, line[1]), " "))
	}
}

func fields(structs map[string]*ast.StructType, name string) []string {
	definition, ok := structs[name]
	if !ok {
		panic("no struct " + name)
	}
	var all []string
	for _, field := range definition.Fields.List {
		tag := ""
		if field.Tag != nil {
			text, _ := strconv.Unquote(field.Tag.Value)
			_, text, _ = strings.Cut(text, `json:"`)
			tag, _, _ = strings.Cut(text, `"`)
		}
		key, _, _ := strings.Cut(tag, ",")
		switch {
		case key == "-":
		case key != "":
			all = append(all, key)
		default:
			all = append(all, fields(structs, embedded(field.Type))...)
		}
	}
	return all
}

func embedded(t ast.Expr) string {
	switch e := t.(type) {
	case *ast.StarExpr:
		return embedded(e.X)
	case *ast.Ident:
		return e.Name
	}
	panic("an embedded field of another package")
}
