package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// target says where requests go and what is expected of the answers.
type target struct {
	url      *url.URL
	dial     []string // addresses with ports; empty to ask DNS each time
	resolver *net.Resolver
	cache    *cache // nil to ask DNS each time
	roots    *x509.CertPool
	timeout  time.Duration
	expect   int
	sources  sources
}

// problem is why a request failed, with a word for where.
type problem struct {
	kind string
	err  error
	// stale: the connection was closed before anything of the answer came, so that the request may be repeated.
	stale bool
}

// connection is one to an instance, with its requests in HTTP/1.1 one after the other.
type connection struct {
	net.Conn
	reader *bufio.Reader
	serial string
	raw    *net.TCPConn
}

// Close says that nothing follows, and reads until the other side says so too. To close at once would answer what the
// other side still says by a reset, which a node that masquerades may not be able to place and drops; the pod would then
// wait for the end of that connection for minutes, and refuse the next one from the same port of the node.
func (c *connection) Close() error {
	c.raw.SetDeadline(time.Now().Add(time.Second))
	if secure, ok := c.Conn.(*tls.Conn); ok {
		secure.CloseWrite()
	}
	c.raw.CloseWrite()
	io.Copy(io.Discard, c.raw)
	return c.raw.Close()
}

// connect makes the nth connection: TCP, and TLS with no session taken up again.
func (t *target) connect(n int) (*connection, *problem) {
	ctx, cancel := context.WithTimeout(context.Background(), t.timeout)
	defer cancel()
	address, err := t.address(ctx, n)
	if err != nil {
		return nil, &problem{kind: "dns", err: err}
	}
	dialled, err := (&net.Dialer{LocalAddr: t.sources.address(n)}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, &problem{kind: "dial", err: err}
	}
	raw := dialled.(*net.TCPConn)
	if t.url.Scheme == "http" {
		return &connection{Conn: raw, reader: bufio.NewReader(raw), raw: raw}, nil
	}
	secure := tls.Client(raw, &tls.Config{ServerName: t.url.Hostname(), RootCAs: t.roots, NextProtos: []string{"http/1.1"}})
	if err := secure.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, &problem{kind: "tls", err: err}
	}
	serial := fmt.Sprintf("%x", secure.ConnectionState().PeerCertificates[0].SerialNumber)
	return &connection{Conn: secure, reader: bufio.NewReader(secure), serial: serial, raw: raw}, nil
}

func (t *target) address(ctx context.Context, n int) (string, error) {
	if len(t.dial) > 0 {
		return t.dial[n%len(t.dial)], nil
	}
	addresses, err := t.lookup(ctx)
	if err != nil {
		return "", err
	}
	port := t.url.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[t.url.Scheme]
	}
	return net.JoinHostPort(addresses[n%len(addresses)], port), nil
}

func (t *target) lookup(ctx context.Context) ([]string, error) {
	if t.cache != nil {
		return t.cache.lookup(ctx, t.url.Hostname())
	}
	return t.resolver.LookupHost(ctx, t.url.Hostname())
}

// get sends one request and reads the whole answer. The second result tells whether the connection can be used again.
func (t *target) get(c *connection) (*http.Response, bool, *problem) {
	c.SetDeadline(time.Now().Add(t.timeout))
	request := &http.Request{Method: http.MethodGet, URL: t.url, Host: t.url.Host, Header: http.Header{}}
	if err := request.Write(c); err != nil {
		return nil, false, &problem{kind: "write", err: err, stale: !isTimeout(err)}
	}
	if _, err := c.reader.Peek(1); err != nil {
		return nil, false, &problem{kind: "read", err: err, stale: !isTimeout(err)}
	}
	response, err := http.ReadResponse(c.reader, request)
	if err != nil {
		return nil, false, &problem{kind: "read", err: err}
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return nil, false, &problem{kind: "read", err: err}
	}
	if response.StatusCode != t.expect {
		return response, false, &problem{kind: "status", err: errors.New(response.Status)}
	}
	return response, !response.Close, nil
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}
