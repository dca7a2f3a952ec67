// Command rules answers what Traefik's own routers make of a rule: one JSON question a line, one JSON answer a line.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/rs/zerolog"
	"github.com/traefik/traefik/v3/pkg/middlewares/requestdecorator"
	httpmuxer "github.com/traefik/traefik/v3/pkg/muxer/http"
	tcpmuxer "github.com/traefik/traefik/v3/pkg/muxer/tcp"
	"github.com/traefik/traefik/v3/pkg/tcp"
)

type question struct {
	// Op is "rule" (is it accepted?) or "match" (which of these does it match?).
	Op     string `json:"op"`
	Kind   string `json:"kind"`
	Syntax string `json:"syntax"`
	Rule   string `json:"rule"`
	// Requests are asked of an "http" rule, Connections of a "tcp" one.
	Requests    []request    `json:"requests"`
	Connections []connection `json:"connections"`
}

type request struct {
	Method     string              `json:"method"`
	URL        string              `json:"url"`
	Headers    map[string][]string `json:"headers"`
	RemoteAddr string              `json:"remoteAddr"`
}

type connection struct {
	ServerName string   `json:"serverName"`
	RemoteAddr string   `json:"remoteAddr"`
	ALPN       []string `json:"alpn"`
}

type answer struct {
	OK      bool   `json:"ok"`
	Error   string `json:"error,omitempty"`
	Matches []bool `json:"matches,omitempty"`
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

		matches, err := ask(q)
		a := answer{OK: err == nil, Matches: matches}
		if err != nil {
			a.Error = err.Error()
		}
		if err := out.Encode(a); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// ask answers q; the matches are nil for the operation "rule".
func ask(q question) (matches []bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()

	if q.Op != "rule" && q.Op != "match" {
		return nil, fmt.Errorf("unknown operation %q", q.Op)
	}

	switch q.Kind {
	case "http":
		return askHTTP(q)
	case "tcp":
		return askTCP(q)
	default:
		return nil, fmt.Errorf("unknown kind %q", q.Kind)
	}
}

func askHTTP(q question) ([]bool, error) {
	parser, err := httpmuxer.NewSyntaxParser()
	if err != nil {
		return nil, err
	}

	muxer := httpmuxer.NewMuxer(parser, nil)
	matched := http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusTeapot) })
	if err := muxer.AddRoute(q.Rule, q.Syntax, 0, "", matched); err != nil {
		return nil, err
	}

	var matches []bool
	for _, r := range q.Requests {
		req, err := http.NewRequest(r.Method, r.URL, nil)
		if err != nil {
			return nil, err
		}
		req.RemoteAddr = r.RemoteAddr
		for name, values := range r.Headers {
			for _, value := range values {
				req.Header.Add(name, value)
			}
		}

		recorder := httptest.NewRecorder()
		requestdecorator.New(nil).ServeHTTP(recorder, req, muxer.ServeHTTP)
		matches = append(matches, recorder.Code == http.StatusTeapot)
	}
	return matches, nil
}

func askTCP(q question) ([]bool, error) {
	muxer, err := tcpmuxer.NewMuxer(nil)
	if err != nil {
		return nil, err
	}

	matched := tcp.HandlerFunc(func(tcp.WriteCloser) {})
	if err := muxer.AddRoute(q.Rule, q.Syntax, 0, "", matched); err != nil {
		return nil, err
	}

	var matches []bool
	for _, c := range q.Connections {
		addr, err := net.ResolveTCPAddr("tcp", c.RemoteAddr)
		if err != nil {
			return nil, err
		}
		data, err := tcpmuxer.NewConnData(c.ServerName, addr, c.ALPN)
		if err != nil {
			return nil, err
		}

		handler, _ := muxer.Match(data)
		matches = append(matches, handler != nil)
	}
	return matches, nil
}
