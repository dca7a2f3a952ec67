// Command socket-proxy lets some requests to the Docker engine's socket through. It stands for wollomatic/socket-proxy,
// which no module proxy has: the same flags, the same rules and the same answers, as far as stack files use them. What
// it does not know it refuses, as the original does what is misspelt.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// healthAddress is where the health check of the image asks.
const healthAddress = "127.0.0.1:55555"

func main() {
	rules := rules{}
	listen := flag.String("listenip", setting("LISTENIP", "127.0.0.1"), "the address to listen on")
	port := flag.String("proxyport", setting("PROXYPORT", "2375"), "the port to listen on")
	socket := flag.String("socketpath", setting("SOCKETPATH", "/var/run/docker.sock"), "the engine's socket")
	from := flag.String("allowfrom", setting("ALLOWFROM", "127.0.0.1/32"), "networks and host names of clients")
	healthy := flag.Bool("allowhealthcheck", truth("ALLOWHEALTHCHECK"), "answer the health check")
	level := flag.String("loglevel", setting("LOGLEVEL", "INFO"), "DEBUG, INFO, WARN or ERROR")
	json := flag.Bool("logjson", truth("LOGJSON"), "log in JSON")
	grace := flag.Int("shutdowngracetime", number("SHUTDOWNGRACETIME", 10), "seconds to end in")
	watch := flag.Int("watchdoginterval", number("WATCHDOGINTERVAL", 0), "seconds between looks at the socket, 0 for none")
	stop := flag.Bool("stoponwatchdog", truth("STOPONWATCHDOG"), "end when the socket is gone")
	for _, method := range methods {
		flag.Var(pattern{rules, method}, "allow"+method, "paths that "+method+" may ask for")
	}
	flag.Parse()
	check(rules.fromEnvironment(os.Environ()))
	check(logTo(*level, *json))

	proxy := &proxy{rules: rules, from: strings.Split(*from, ","), next: forwardTo(*socket)}
	server := &http.Server{Addr: net.JoinHostPort(*listen, *port), Handler: proxy, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 3)
	go func() { failed <- server.ListenAndServe() }()
	if *healthy {
		go func() { failed <- http.ListenAndServe(healthAddress, health(*socket)) }()
	}
	if *watch > 0 {
		go func() { failed <- watchdog(*socket, time.Duration(*watch)*time.Second, *stop) }()
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	select {
	case err := <-failed:
		check(err)
	case <-ended:
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(*grace)*time.Second)
	defer cancel()
	server.Shutdown(ctx)
}

func forwardTo(socket string) http.Handler {
	forward := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: "docker"})
	forward.Transport = &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}
	return forward
}

func health(socket string) http.Handler {
	return http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		switch {
		case request.Method != http.MethodHead:
			answer.WriteHeader(http.StatusMethodNotAllowed)
		case reach(socket) != nil:
			answer.WriteHeader(http.StatusServiceUnavailable)
		}
	})
}

func watchdog(socket string, interval time.Duration, stop bool) error {
	for range time.Tick(interval) {
		err := reach(socket)
		if err == nil {
			continue
		}
		slog.Error("the socket is gone", "error", err)
		if stop {
			return errors.New("the socket is gone")
		}
	}
	return nil
}

func reach(socket string) error {
	connection, err := net.DialTimeout("unix", socket, 5*time.Second)
	if err == nil {
		connection.Close()
	}
	return err
}

func logTo(level string, json bool) error {
	var threshold slog.Level
	if err := threshold.UnmarshalText([]byte(level)); err != nil {
		return err
	}
	options := &slog.HandlerOptions{Level: threshold}
	var handler slog.Handler = slog.NewTextHandler(os.Stdout, options)
	if json {
		handler = slog.NewJSONHandler(os.Stdout, options)
	}
	slog.SetDefault(slog.New(handler))
	return nil
}

func setting(name, otherwise string) string {
	if value := os.Getenv("SP_" + name); value != "" {
		return value
	}
	return otherwise
}

func truth(name string) bool {
	value, _ := strconv.ParseBool(os.Getenv("SP_" + name))
	return value
}

func number(name string, otherwise int) int {
	if value, err := strconv.Atoi(os.Getenv("SP_" + name)); err == nil {
		return value
	}
	return otherwise
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
