package main

import (
	"encoding/binary"
	"fmt"
	"net"
)

// sources are the addresses that connections come from, each from the next: many clients, none of which comes again
// from the same port while anybody on the way still remembers its last connection.
type sources struct {
	first uint32
	count uint32
}

func parseSources(network string) (sources, error) {
	if network == "" {
		return sources{}, nil
	}
	_, parsed, err := net.ParseCIDR(network)
	if err != nil || parsed.IP.To4() == nil {
		return sources{}, fmt.Errorf("--sources %q is no IPv4 network", network)
	}
	ones, bits := parsed.Mask.Size()
	return sources{first: binary.BigEndian.Uint32(parsed.IP.To4()) + 1, count: 1<<(bits-ones) - 2}, nil
}

// address is that of the nth connection; nil where the system chooses.
func (s sources) address(n int) net.Addr {
	if s.count == 0 {
		return nil
	}
	return &net.TCPAddr{IP: binary.BigEndian.AppendUint32(nil, s.first+uint32(n)%s.count)}
}
