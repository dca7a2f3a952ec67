package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

// serve is the backend of the examples' routes: it answers with who it is and what reached it.
func serve(args []string) (any, error) {
	flags := flag.NewFlagSet("serve", flag.ExitOnError)
	address := flags.String("address", ":8080", "where it listens")
	name := flags.String("name", "", "what it calls itself")
	flags.Parse(args)
	host, _ := os.Hostname()
	server := &http.Server{Addr: *address, Handler: http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		if seconds, err := strconv.ParseFloat(request.URL.Query().Get("seconds"), 64); err == nil {
			time.Sleep(time.Duration(min(seconds, 60) * float64(time.Second)))
		}
		answer.Header().Set("X-Served-By", host)
		fmt.Fprintf(answer, "%s\nhost %s\npath %s\nfor %s\n", *name, request.Host, request.URL.Path, request.Header.Get("X-Forwarded-For"))
	})}
	ended := ending()
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		return nil, err
	case <-ended:
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return nil, server.Shutdown(ctx)
}

// pause holds the namespaces of a pod, until it is told to end.
func pause([]string) (any, error) {
	<-ending()
	return nil, nil
}

func ending() <-chan os.Signal {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	return ended
}
