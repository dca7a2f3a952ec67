package main

import (
	"crypto/tls"
	"flag"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// instance is what was seen of one address.
type instance struct {
	First       string `json:"first"`
	Last        string `json:"last"`
	ChangedAtMs int64  `json:"changedAtMs,omitempty"`
	Failures    int    `json:"failures"`
	Polls       int    `json:"polls"`
}

// watch asks each instance for its certificate again and again, until all have served another than at first.
func watch(args []string) (any, error) {
	flags := flag.NewFlagSet("watch", flag.ExitOnError)
	name := flags.String("name", "", "the host that is asked for")
	instances := flags.String("instances", "", "addresses with ports, separated by commas")
	ca := flags.String("ca", "", "the roots that are trusted, a PEM file")
	interval := flags.Duration("interval", 20*time.Millisecond, "between two polls of one instance")
	maxTime := flags.Duration("max-time", time.Minute, "end in any case")
	flags.Parse(args)
	pool, err := roots(*ca)
	if err != nil {
		return nil, err
	}
	end := time.Now().Add(*maxTime)
	seen := map[string]*instance{}
	var group sync.WaitGroup
	for _, address := range strings.Split(*instances, ",") {
		one := &instance{}
		seen[address] = one
		group.Add(1)
		go func() {
			defer group.Done()
			for ; one.ChangedAtMs == 0 && time.Now().Before(end); time.Sleep(*interval) {
				one.Polls++
				dialer := &net.Dialer{Timeout: 2 * time.Second}
				conn, err := tls.DialWithDialer(dialer, "tcp", address, &tls.Config{ServerName: *name, RootCAs: pool})
				if err != nil {
					one.Failures++
					continue
				}
				now := time.Now().UnixMilli()
				one.Last = fmt.Sprintf("%x", conn.ConnectionState().PeerCertificates[0].SerialNumber)
				conn.Close()
				if one.First == "" {
					one.First = one.Last
				}
				if one.Last != one.First {
					one.ChangedAtMs = now
				}
			}
		}()
	}
	group.Wait()
	return map[string]any{"instances": seen}, nil
}
