package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

var versions = map[string]uint16{"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}

// handshake makes one connection, and one request on it, and tells everything about both.
func handshake(args []string) (any, error) {
	flags := flag.NewFlagSet("tls", flag.ExitOnError)
	name := flags.String("name", "", "the host that is asked for; empty for none")
	address := flags.String("address", "", "where to connect, address and port")
	ca := flags.String("ca", "", "the roots that are trusted, a PEM file")
	minVersion := flags.String("min-version", "1.0", "of TLS")
	maxVersion := flags.String("max-version", "1.3", "of TLS")
	insecure := flags.Bool("insecure", false, "go on with a certificate that is not trusted")
	plain := flags.Bool("plain", false, "without TLS")
	path := flags.String("path", "", "what is asked for; empty for nothing")
	flags.Parse(args)
	pool, err := roots(*ca)
	if err != nil {
		return nil, err
	}
	result := map[string]any{"ok": false}
	raw, err := net.DialTimeout("tcp", *address, 5*time.Second)
	if err != nil {
		result["error"] = err.Error()
		return result, nil
	}
	defer raw.Close()
	raw.SetDeadline(time.Now().Add(10 * time.Second))
	conn := raw
	if !*plain {
		// The certificate is looked at below, so that one that is not trusted is told of as well.
		secure := tls.Client(raw, &tls.Config{
			ServerName: *name, InsecureSkipVerify: true, MinVersion: versions[*minVersion], MaxVersion: versions[*maxVersion],
		})
		if err := secure.Handshake(); err != nil {
			result["error"] = err.Error()
			return result, nil
		}
		state := secure.ConnectionState()
		verified := describe(result, state, *name, pool)
		if verified != nil && !*insecure {
			result["error"] = verified.Error()
			return result, nil
		}
		conn = secure
	}
	if *path != "" {
		if err := ask(result, conn, *name, *path); err != nil {
			result["error"] = err.Error()
			return result, nil
		}
	}
	result["ok"] = true
	return result, nil
}

// describe writes down what was negotiated, and returns why the chain is not trusted for the name.
func describe(result map[string]any, state tls.ConnectionState, name string, pool *x509.CertPool) error {
	leaf := state.PeerCertificates[0]
	intermediates := x509.NewCertPool()
	for _, certificate := range state.PeerCertificates[1:] {
		intermediates.AddCert(certificate)
	}
	_, err := leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: pool, Intermediates: intermediates})
	result["version"] = tls.VersionName(state.Version)
	result["cipher"] = tls.CipherSuiteName(state.CipherSuite)
	result["serial"] = fmt.Sprintf("%x", leaf.SerialNumber)
	result["subject"] = leaf.Subject.String()
	result["issuer"] = leaf.Issuer.String()
	result["dnsNames"] = leaf.DNSNames
	result["notAfter"] = leaf.NotAfter
	result["chainLength"] = len(state.PeerCertificates)
	result["verified"] = err == nil
	return err
}

func ask(result map[string]any, conn net.Conn, name, path string) error {
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path, name); err != nil {
		return err
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	result["status"] = response.StatusCode
	result["headers"] = response.Header
	result["body"] = string(body)
	return err
}
