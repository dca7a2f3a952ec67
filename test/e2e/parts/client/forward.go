package main

import (
	"flag"
	"io"
	"net"
	"strings"
)

// forward carries connections from one address to another, each a TCP address or unix:path: through a socket in the
// file system, which two network namespaces share, the API server is reached without a route between them.
func forward(args []string) (any, error) {
	flags := flag.NewFlagSet("forward", flag.ExitOnError)
	listen := flags.String("listen", "", "where connections come in")
	to := flags.String("to", "", "where they go")
	flags.Parse(args)
	fromNetwork, from := network(*listen)
	toNetwork, target := network(*to)
	listener, err := net.Listen(fromNetwork, from)
	if err != nil {
		return nil, err
	}
	for {
		in, err := listener.Accept()
		if err != nil {
			return nil, err
		}
		go func() {
			defer in.Close()
			out, err := net.Dial(toNetwork, target)
			if err != nil {
				return
			}
			defer out.Close()
			go func() { io.Copy(out, in); out.Close() }()
			io.Copy(in, out)
		}()
	}
}

func network(address string) (string, string) {
	if path, ok := strings.CutPrefix(address, "unix:"); ok {
		return "unix", path
	}
	return "tcp", address
}
