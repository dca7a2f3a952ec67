package main

import (
	"slices"
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
	// repeated are the times at which requests began that were sent again, once for each time.
	repeated []int64
	failures map[string]*failures
	serials  map[string]*seen
	// lost are the times at which requests began that failed.
	lost []int64
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

// outage is a time in which requests failed: from the beginning of the first to that of the last.
type outage struct {
	FromMs int64 `json:"fromMs"`
	ToMs   int64 `json:"toMs"`
	Failed int   `json:"failed"`
}

func newReport() *report {
	return &report{failures: map[string]*failures{}, serials: map[string]*seen{}}
}

func (r *report) add(start time.Time, failure *problem) {
	r.lock.Lock()
	defer r.lock.Unlock()
	now := time.Now()
	r.latencies = append(r.latencies, float64(now.Sub(start).Microseconds())/1000)
	if failure == nil {
		return
	}
	r.failed++
	r.lost = append(r.lost, start.UnixMilli())
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

func (r *report) repeat(start time.Time) {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.repeated = append(r.repeated, start.UnixMilli())
}

// gap is how long requests must have gone well, in milliseconds, for an outage to be over.
const gap = 2000

func (r *report) outages() []outage {
	sort.Slice(r.lost, func(i, j int) bool { return r.lost[i] < r.lost[j] })
	all := []outage{}
	for _, at := range r.lost {
		if last := len(all) - 1; last >= 0 && at-all[last].ToMs < gap {
			all[last].ToMs = at
			all[last].Failed++
		} else {
			all = append(all, outage{FromMs: at, ToMs: at, Failed: 1})
		}
	}
	return all
}

// spread is the time between the first and the last, in milliseconds.
func spread(times []int64) int64 {
	if len(times) == 0 {
		return 0
	}
	return slices.Max(times) - slices.Min(times)
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
		"repeats":       len(r.repeated),
		"repeatedMs":    spread(r.repeated),
		"seconds":       took.Seconds(),
		"ratePerSecond": float64(len(r.latencies)) / took.Seconds(),
		"latencyMs":     map[string]float64{"p50": at(0.5), "p99": at(0.99), "max": at(1)},
		"failures":      kinds,
		"serials":       r.serials,
		"outages":       r.outages(),
	}
}
