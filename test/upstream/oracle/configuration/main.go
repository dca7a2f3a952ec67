// Command configuration answers how Traefik reads the entries of a key-value store, and which options it knows at all:
// one JSON question a line, one JSON answer a line.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/kvtools/valkeyrie/store"
	"github.com/traefik/traefik/v3/pkg/config/dynamic"
	"github.com/traefik/traefik/v3/pkg/config/kv"
)

type question struct {
	// Op is "decode" or "options".
	Op      string  `json:"op"`
	RootKey string  `json:"rootKey"`
	Entries []entry `json:"entries"`
}

type entry struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

type answer struct {
	OK            bool                   `json:"ok"`
	Error         string                 `json:"error,omitempty"`
	Configuration *dynamic.Configuration `json:"configuration,omitempty"`
	Options       *option                `json:"options,omitempty"`
}

// option is what a key can hold.
type option struct {
	Kind     string             `json:"kind"`
	MayEmpty bool               `json:"mayBeEmpty,omitempty"`
	Fields   map[string]*option `json:"fields,omitempty"`
	Item     *option            `json:"item,omitempty"`
}

func main() {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for in.More() {
		var q question
		if err := in.Decode(&q); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := out.Encode(ask(q)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func ask(q question) (a answer) {
	defer func() {
		if r := recover(); r != nil {
			a = answer{Error: fmt.Sprintf("panic: %v", r)}
		}
	}()

	switch q.Op {
	case "options":
		return answer{OK: true, Options: describe(reflect.TypeOf(dynamic.Configuration{}), "")}
	case "decode":
		pairs := make([]*store.KVPair, 0, len(q.Entries))
		for _, e := range q.Entries {
			pairs = append(pairs, &store.KVPair{Key: e.Key, Value: []byte(e.Value)})
		}
		configuration := &dynamic.Configuration{}
		if err := kv.Decode(pairs, configuration, q.RootKey); err != nil {
			return answer{Error: err.Error()}
		}
		return answer{OK: true, Configuration: configuration}
	default:
		return answer{Error: fmt.Sprintf("unknown operation %q", q.Op)}
	}
}

func describe(t reflect.Type, tag string) *option {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case strings.HasSuffix(t.String(), "Duration"):
		return &option{Kind: "duration"}
	case t.Kind() == reflect.Slice:
		return &option{Kind: "list", Item: describe(t.Elem(), "")}
	case t.Kind() == reflect.Map:
		return &option{Kind: "dictionary", Item: describe(t.Elem(), "")}
	case t.Kind() == reflect.Struct:
		o := &option{Kind: "struct", MayEmpty: tag == "allowEmpty", Fields: map[string]*option{}}
		addFields(t, o.Fields)
		return o
	case t.Kind() == reflect.Bool:
		return &option{Kind: "flag"}
	case t.Kind() == reflect.String:
		return &option{Kind: "text"}
	case t.Kind() == reflect.Interface:
		return &option{Kind: "anything"}
	default:
		return &option{Kind: "whole"}
	}
}

func addFields(t reflect.Type, fields map[string]*option) {
	for i := range t.NumField() {
		field := t.Field(i)
		name := strings.Split(field.Tag.Get("json"), ",")[0]
		switch {
		case !field.IsExported() || field.Tag.Get("kv") == "-" || name == "-":
		case field.Anonymous:
			addFields(field.Type, fields)
		default:
			fields[name] = describe(field.Type, field.Tag.Get("kv"))
		}
	}
}
