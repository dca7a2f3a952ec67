// Package ext stands in for the module of the same name in Traefik's repository, which is published nowhere.
package ext

// HTTP adds nothing to the dynamic configuration.
type HTTP struct{}

// Router adds nothing to a router.
type Router struct{}
