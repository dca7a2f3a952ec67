// Pins the releases whose schemas test/support/schemas.ts reads; there is no Go code here.
//
// A new version: change its line, then write both of its lines in go.sum anew, from the Sum and GoModSum of
// `go mod download -json <module>@<version>`. The checksum database does not know iam-controller:
// its sums come with GONOSUMDB='github.com/aws-controllers-k8s/*' and are trusted as they are at first.
module traefik-ha/test/upstream/schemas

go 1.26.6

require (
	github.com/aws-controllers-k8s/iam-controller v1.5.0
	github.com/cert-manager/cert-manager v1.21.2
	github.com/traefik/traefik/v3 v3.7.13
	github.com/prometheus-operator/prometheus-operator v0.85.0
	k8s.io/kubernetes v1.36.3
	sigs.k8s.io/external-dns v0.22.0
)
