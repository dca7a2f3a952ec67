// Command arguments answers whether the traefik binary would start with a command line: one JSON question a line, one
// JSON answer a line. It decodes the arguments into the static configuration and validates it as the binary does, but
// opens no port and reads no file.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/rs/zerolog"
	"github.com/traefik/paerser/flag"
	"github.com/traefik/traefik/v3/cmd"
)

type question struct {
	// Op is always "arguments".
	Op   string   `json:"op"`
	Args []string `json:"args"`
}

type answer struct {
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"`
}

func main() {
	zerolog.SetGlobalLevel(zerolog.Disabled)

	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for in.More() {
		var q question
		if err := in.Decode(&q); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}

		a := answer{OK: true}
		if err := ask(q); err != nil {
			a = answer{Error: err.Error()}
		}
		if err := out.Encode(a); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func ask(q question) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()

	if q.Op != "arguments" {
		return fmt.Errorf("unknown operation %q", q.Op)
	}

	configuration := cmd.NewTraefikConfiguration()
	if err := flag.Decode(q.Args, configuration); err != nil {
		return err
	}

	configuration.SetEffectiveConfiguration()
	if err := configuration.ValidateConfiguration(); err != nil {
		return err
	}

	for name, entryPoint := range configuration.EntryPoints {
		if _, err := entryPoint.GetProtocol(); err != nil {
			return fmt.Errorf("entry point %q: %w", name, err)
		}
	}
	return nil
}
