// Command client is what the proving ground's clients, backends and sandboxes run: one static program, no files.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

var commands = map[string]func(args []string) (result any, err error){
	"load":    load,
	"watch":   watch,
	"tls":     handshake,
	"dns":     lookup,
	"serve":   serve,
	"pause":   pause,
	"forward": forward,
}

// A result goes to standard output as JSON; what was asked for wrongly ends with 2.
func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: client load|watch|tls|dns|serve|pause|forward [flags]")
		os.Exit(2)
	}
	result, err := commands[os.Args[1]](os.Args[2:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if result != nil {
		json.NewEncoder(os.Stdout).Encode(result)
	}
}
