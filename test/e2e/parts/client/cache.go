package main

import (
	"context"
	"fmt"
	"time"

	"github.com/miekg/dns"
)

// cache is a resolver that honours the time to live: it asks again when that is over, and not before.
type cache struct {
	server    string
	addresses []string
	until     time.Time
}

// lookup returns the IPv4 addresses of a host, over CNAMEs in the same answer.
func (c *cache) lookup(ctx context.Context, host string) ([]string, error) {
	if time.Now().Before(c.until) {
		return c.addresses, nil
	}
	query := new(dns.Msg)
	query.SetQuestion(dns.Fqdn(host), dns.TypeA)
	asked := time.Now()
	answer, _, err := new(dns.Client).ExchangeContext(ctx, query, c.server)
	if err != nil {
		return nil, err
	}
	var addresses []string
	var ttl uint32
	for _, record := range answer.Answer {
		// What hangs on several records lives as long as the shortest of them: here the addresses.
		if a, isAddress := record.(*dns.A); isAddress {
			addresses, ttl = append(addresses, a.A.String()), a.Hdr.Ttl
		}
	}
	if len(addresses) == 0 {
		return nil, fmt.Errorf("%s has no address (%s)", host, dns.RcodeToString[answer.Rcode])
	}
	c.addresses, c.until = addresses, asked.Add(time.Duration(ttl)*time.Second)
	return addresses, nil
}
