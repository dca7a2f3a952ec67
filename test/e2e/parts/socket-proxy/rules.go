package main

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
	http.MethodDelete, http.MethodConnect, http.MethodTrace, http.MethodOptions,
}

// rules are the paths that each method may ask for; a method without any may ask for nothing.
type rules map[string][]*regexp.Regexp

// add takes a pattern of a whole path.
func (r rules) add(method, path string) error {
	compiled, err := regexp.Compile("^(?:" + path + ")$")
	if err != nil {
		return fmt.Errorf("allow%s: %w", method, err)
	}
	r[method] = append(r[method], compiled)
	return nil
}

// fromEnvironment takes SP_ALLOW_GET, SP_ALLOW_GET_2 and so on, for methods that no flag names.
func (r rules) fromEnvironment(environment []string) error {
	for _, method := range methods {
		if len(r[method]) > 0 {
			continue
		}
		for _, variable := range environment {
			name, path, _ := strings.Cut(variable, "=")
			own := "SP_ALLOW_" + method
			if path == "" || (name != own && !strings.HasPrefix(name, own+"_")) {
				continue
			}
			if err := r.add(method, path); err != nil {
				return err
			}
		}
	}
	return nil
}

// pattern is a flag that may stand more than once.
type pattern struct {
	rules  rules
	method string
}

func (p pattern) String() string { return "" }

func (p pattern) Set(path string) error { return p.rules.add(p.method, path) }
