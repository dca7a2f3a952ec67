package main

import (
	"flag"
	"fmt"

	"github.com/miekg/dns"
)

// lookup asks one DNS server one question.
func lookup(args []string) (any, error) {
	flags := flag.NewFlagSet("dns", flag.ExitOnError)
	server := flags.String("server", "", "address and port")
	name := flags.String("name", "", "what is asked for")
	kind := flags.String("type", "A", "which records")
	flags.Parse(args)
	question, known := dns.StringToType[*kind]
	if !known {
		return nil, fmt.Errorf("--type %q is none", *kind)
	}
	query := new(dns.Msg)
	query.SetQuestion(dns.Fqdn(*name), question)
	answer, _, err := new(dns.Client).Exchange(query, *server)
	if err != nil {
		return map[string]any{"rcode": err.Error(), "answers": []string{}}, nil
	}
	answers, ttls := []string{}, []uint32{}
	for _, record := range answer.Answer {
		answers = append(answers, record.String()[len(record.Header().String()):])
		ttls = append(ttls, record.Header().Ttl)
	}
	return map[string]any{"rcode": dns.RcodeToString[answer.Rcode], "answers": answers, "ttl": ttls}, nil
}
