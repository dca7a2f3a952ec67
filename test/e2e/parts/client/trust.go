package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"os"
)

// roots reads the certificates of a PEM file: the only ones that are trusted.
func roots(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate", path)
	}
	return pool, nil
}

// resolver asks one DNS server, never those of the machine.
func resolver(server string) *net.Resolver {
	return &net.Resolver{
		PreferGo: true,
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, server)
		},
	}
}

// many is a flag that can be given several times.
type many []string

func (m *many) String() string         { return fmt.Sprint(*m) }
func (m *many) Set(value string) error { *m = append(*m, value); return nil }
