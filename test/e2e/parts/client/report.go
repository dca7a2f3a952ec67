package main

import (
	"sort"
	"sync"
	"time"
)

// report gathers how requests went; times are milliseconds since 1970.
type report struct {
	lock      sync.Mutex
	latencies []float64
	failed    int
	resets    int
	failures  map[string]*failures
	serials   map[string]*seen
	outages   []outage
	open      *outage
	lastGood  int64
}

type failures struct {
	Kind      string `json:"kind"`
	Message   string `json:"message"`
	Count     int    `json:"count"`
	FirstAtMs int64  `json:"firstAtMs"`
	LastAtMs  int64  `json:"lastAtMs"`
}

type seen struct {
	Count     int   `json:"count"`
	FirstAtMs int64 `json:"firstAtMs"`
	LastAtMs  int64 `json:"lastAtMs"`
}

// outage is a time in which requests failed: from the last good answer before it to the first after it.
type outage struct {
	FromMs int64 `json:"fromMs"`
	ToMs   int64 `json:"toMs"`
	Failed int   `json:"failed"`
}

func newReport() *report {
	return &report{failures: map[string]*failures{}, serials: map[string]*seen{}, lastGood: time.Now().UnixMilli()}
}

func (r *report) add(start time.Time, failure *problem) {
	r.lock.Lock()
	defer r.lock.Unlock()
	now := time.Now()
	r.latencies = append(r.latencies, float64(now.Sub(start).Microseconds())/1000)
	if failure == nil {
		r.lastGood = now.UnixMilli()
		if r.open != nil {
			r.open.ToMs = r.lastGood
			r.outages = append(r.outages, *r.open)
			r.open = nil
		}
		return
	}
	r.failed++
	if r.open == nil {
		r.open = &outage{FromMs: r.lastGood}
	}
	r.open.Failed++
	key := failure.kind + " " + failure.err.Error()
	if len(r.failures) >= 20 && r.failures[key] == nil {
		key = failure.kind
	}
	if r.failures[key] == nil {
		r.failures[key] = &failures{Kind: failure.kind, Message: failure.err.Error(), FirstAtMs: now.UnixMilli()}
	}
	r.failures[key].Count++
	r.failures[key].LastAtMs = now.UnixMilli()
}

func (r *report) reset() {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.resets++
}

func (r *report) served(serial string) {
	r.lock.Lock()
	defer r.lock.Unlock()
	now := time.Now().UnixMilli()
	if r.serials[serial] == nil {
		r.serials[serial] = &seen{FirstAtMs: now}
	}
	r.serials[serial].Count++
	r.serials[serial].LastAtMs = now
}

func (r *report) result(took time.Duration) any {
	if r.open != nil {
		r.open.ToMs = time.Now().UnixMilli()
		r.outages = append(r.outages, *r.open)
	}
	sort.Float64s(r.latencies)
	at := func(share float64) float64 {
		if len(r.latencies) == 0 {
			return 0
		}
		return r.latencies[int(share*float64(len(r.latencies)-1))]
	}
	kinds := []*failures{}
	for _, kind := range r.failures {
		kinds = append(kinds, kind)
	}
	sort.Slice(kinds, func(i, j int) bool { return kinds[i].FirstAtMs < kinds[j].FirstAtMs })
	return map[string]any{
		"requests":      len(r.latencies),
		"failed":        r.failed,
		"resets":        r.resets,
		"seconds":       took.Seconds(),
		"ratePerSecond": float64(len(r.latencies)) / took.Seconds(),
		"latencyMs":     map[string]float64{"p50": at(0.5), "p99": at(0.99), "max": at(1)},
		"failures":      kinds,
		"serials":       r.serials,
		"outages":       append([]outage{}, r.outages...),
	}
}
