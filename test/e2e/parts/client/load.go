package main

import (
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// load sends requests at a steady rate, each on a connection of its own or on kept ones, and tells how they went.
func load(args []string) (any, error) {
	flags := flag.NewFlagSet("load", flag.ExitOnError)
	address := flags.String("url", "", "what is asked for")
	dns := flags.String("dns", "", "the DNS server, address and port")
	ca := flags.String("ca", "", "the roots that are trusted, a PEM file")
	requests := flags.Int("requests", 1, "how many, at least")
	workers := flags.Int("workers", 8, "how many at a time")
	rate := flags.Float64("rate", 0, "requests a second, 0 for as many as go")
	connections := flags.String("connections", "new", "new or kept")
	timeout := flags.Duration("timeout", 5*time.Second, "for each request, each time that it is sent")
	expect := flags.Int("expect", 200, "the status of an answer that counts")
	untilSignal := flags.Bool("until-signal", false, "go on until SIGTERM")
	caching := flags.Bool("cache", false, "keep answers of the DNS server for as long as they say, each worker its own")
	persistent := flags.Bool("repeat", false, "send a request again that failed, to the next address, for five seconds")
	network := flags.String("sources", "", "a network of this machine's addresses that connections come from")
	maxTime := flags.Duration("max-time", 10*time.Minute, "end in any case")
	var dial many
	flags.Var(&dial, "dial", "connect there, address and port")
	flags.Parse(args)

	parsed, err := url.Parse(*address)
	if err != nil || parsed.Host == "" {
		return nil, fmt.Errorf("--url %q is no address", *address)
	}
	if *connections != "new" && *connections != "kept" {
		return nil, fmt.Errorf("--connections %q is neither new nor kept", *connections)
	}
	pool, err := roots(*ca)
	if err != nil {
		return nil, err
	}
	from, err := parseSources(*network)
	if err != nil {
		return nil, err
	}
	to := &target{
		url: parsed, dial: dial, resolver: resolver(*dns), roots: pool, timeout: *timeout, expect: *expect, sources: from,
	}

	signalled := make(chan os.Signal, 1)
	signal.Notify(signalled, syscall.SIGTERM, syscall.SIGINT)
	var stopping atomic.Bool
	stopping.Store(!*untilSignal)
	go func() { <-signalled; stopping.Store(true) }()

	start := time.Now()
	report := newReport()
	var next atomic.Int64
	var group sync.WaitGroup
	for range *workers {
		group.Add(1)
		go func() {
			defer group.Done()
			own := *to
			if *caching {
				own.cache = &cache{server: *dns}
			}
			worker := &worker{target: &own, report: report, keep: *connections == "kept", persistent: *persistent}
			defer worker.hangUp()
			for {
				n := int(next.Add(1) - 1)
				if (n >= *requests && stopping.Load()) || time.Since(start) > *maxTime {
					return
				}
				if *rate > 0 {
					time.Sleep(time.Until(start.Add(time.Duration(float64(n) / *rate * float64(time.Second)))))
				}
				worker.send(n)
			}
		}()
	}
	group.Wait()
	return report.result(time.Since(start)), nil
}

// patience is how long a request is sent again that failed.
const patience = 5 * time.Second

// worker sends one request after the other.
type worker struct {
	target *target
	report *report
	keep   bool
	kept   *connection
	// persistent: it sends a request again that failed, to the next address where there are several.
	persistent bool
}

// send sends the nth request. One that finds its kept connection closed is sent once more, as HTTP clients do
// (RFC 9110, 9.2.2), and counts as a reset.
func (w *worker) send(n int) {
	start := time.Now()
	kept := w.kept != nil
	failure := w.attempt(n)
	if failure != nil && kept && failure.stale {
		w.report.reset()
		failure = w.attempt(n)
	}
	for again := n + 1; failure != nil && w.persistent && time.Since(start) < patience; again++ {
		w.report.repeat(start)
		time.Sleep(20 * time.Millisecond)
		failure = w.attempt(again)
	}
	w.report.add(start, failure)
}

func (w *worker) attempt(n int) *problem {
	if w.kept == nil {
		fresh, failure := w.target.connect(n)
		if failure != nil {
			return failure
		}
		w.kept = fresh
	}
	_, reusable, failure := w.target.get(w.kept)
	if failure == nil {
		w.report.served(w.kept.serial)
	}
	if failure != nil || !reusable || !w.keep {
		w.hangUp()
	}
	return failure
}

func (w *worker) hangUp() {
	if w.kept != nil {
		w.kept.Close()
		w.kept = nil
	}
}
