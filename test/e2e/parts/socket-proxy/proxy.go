package main

import (
	"log/slog"
	"net"
	"net/http"
)

// proxy passes on what its rules allow to clients that it knows.
type proxy struct {
	rules rules
	from  []string
	next  http.Handler
}

func (p *proxy) ServeHTTP(answer http.ResponseWriter, request *http.Request) {
	status := p.judge(request)
	if status == http.StatusOK {
		slog.Debug("allowed", "method", request.Method, "url", request.URL, "client", request.RemoteAddr)
		p.next.ServeHTTP(answer, request)
		return
	}
	slog.Warn("blocked", "method", request.Method, "url", request.URL, "client", request.RemoteAddr, "status", status)
	http.Error(answer, http.StatusText(status), status)
}

func (p *proxy) judge(request *http.Request) int {
	if !p.knows(request.RemoteAddr) {
		return http.StatusForbidden
	}
	paths := p.rules[request.Method]
	if len(paths) == 0 {
		return http.StatusMethodNotAllowed
	}
	for _, path := range paths {
		if path.MatchString(request.URL.Path) {
			return http.StatusOK
		}
	}
	return http.StatusForbidden
}

// knows looks names up each time: tasks come and go.
func (p *proxy) knows(client string) bool {
	host, _, _ := net.SplitHostPort(client)
	address := net.ParseIP(host)
	for _, allowed := range p.from {
		if _, network, err := net.ParseCIDR(allowed); err == nil {
			if network.Contains(address) {
				return true
			}
			continue
		}
		found, err := net.LookupIP(allowed)
		if err != nil {
			slog.Warn("no such client", "name", allowed, "error", err)
		}
		for _, each := range found {
			if each.Equal(address) {
				return true
			}
		}
	}
	return false
}
