// Command controller runs cert-manager's controllers. Upstream's own command is a module that cannot be fetched, so
// this one puts the same packages together.
//
// It differs from upstream's command in that it runs the controllers of Certificates and of the issuers ACME, CA and
// self-signed only (those of Vault and Venafi, of CertificateSigningRequests and of Ingresses are left out), elects no
// leader, and serves neither metrics, health nor profiles. Its flags are a part of upstream's, with upstream's
// defaults. Where --kubeconfig is absent, KUBECONFIG counts before the pod's own account.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/klog/v2"

	"github.com/cert-manager/cert-manager/pkg/controller"
	dns "github.com/cert-manager/cert-manager/pkg/issuer/acme/dns/util"

	// Each kind of issuer registers itself.
	_ "github.com/cert-manager/cert-manager/pkg/issuer/acme"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/ca"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/selfsigned"

	// So does each controller.
	_ "github.com/cert-manager/cert-manager/pkg/controller/acmechallenges"
	_ "github.com/cert-manager/cert-manager/pkg/controller/acmeorders"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/acme"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/approver"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/ca"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/selfsigned"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/issuing"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/keymanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/readiness"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/requestmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/revisionmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/trigger"
	_ "github.com/cert-manager/cert-manager/pkg/controller/clusterissuers"
	_ "github.com/cert-manager/cert-manager/pkg/controller/issuers"
)

// workers is how many objects each controller works on at a time.
const workers = 5

func main() {
	defer klog.Flush()
	options, err := parse()
	if errors.Is(err, pflag.ErrHelp) {
		return
	}
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
		defer stop()
		err = run(ctx, options)
	}
	if err != nil {
		klog.ErrorS(err, "the controllers ended")
		klog.Flush()
		os.Exit(1)
	}
}

func parse() (controller.ContextOptions, error) {
	options := controller.ContextOptions{
		KubernetesAPIQPS:   20,
		KubernetesAPIBurst: 50,
		IssuerOptions:      controller.IssuerOptions{ClusterIssuerAmbientCredentials: true},
		ACMEOptions: controller.ACMEOptions{
			HTTP01SolverResourceRequestCPU:    resource.MustParse("10m"),
			HTTP01SolverResourceRequestMemory: resource.MustParse("64Mi"),
			HTTP01SolverResourceLimitsCPU:     resource.MustParse("100m"),
			HTTP01SolverResourceLimitsMemory:  resource.MustParse("64Mi"),
			ACMEHTTP01SolverRunAsNonRoot:      true,
		},
		CertificateOptions: controller.CertificateOptions{
			CopiedAnnotationPrefixes: []string{"*", "-kubectl.kubernetes.io/", "-fluxcd.io/", "-argocd.argoproj.io/"},
		},
		SchedulerOptions: controller.SchedulerOptions{MaxConcurrentChallenges: 60},
	}
	flags := pflag.NewFlagSet("controller", pflag.ContinueOnError)
	flags.StringVar(&options.Kubeconfig, "kubeconfig", os.Getenv("KUBECONFIG"), "how the API server is reached")
	flags.StringVar(&options.ClusterResourceNamespace, "cluster-resource-namespace", "kube-system",
		"where Secrets of ClusterIssuers lie")
	flags.DurationVar(&options.CertificateRequestMinimumBackoffDuration, "certificate-request-minimum-backoff-duration",
		time.Hour, "how long it waits after a first request that failed")
	flags.DurationVar(&options.CertificateRequestMaximumBackoffDuration, "certificate-request-maximum-backoff-duration",
		32*time.Hour, "how long it waits at most after requests that failed")
	acme := &options.ACMEOptions
	flags.StringSliceVar(&acme.DNS01Nameservers, "dns01-recursive-nameservers", dns.RecursiveNameservers,
		"asked in self-checks of DNS-01 (host:port), those of resolv.conf where absent")
	recursiveOnly := flags.Bool("dns01-recursive-nameservers-only", false,
		"asks no authoritative server in self-checks of DNS-01")
	flags.DurationVar(&acme.DNS01CheckRetryPeriod, "dns01-check-retry-period", 10*time.Second,
		"between two self-checks, of HTTP-01 as well")
	flags.StringVar(&acme.HTTP01SolverImage, "acme-http01-solver-image", "", "answers HTTP-01 challenges")
	flags.StringSliceVar(&acme.HTTP01SolverNameservers, "acme-http01-solver-nameservers", nil,
		"asked in self-checks of HTTP-01 (host:port), those of resolv.conf where absent")
	if err := flags.Parse(os.Args[1:]); err != nil {
		return options, err
	}
	if flags.NArg() > 0 {
		return options, fmt.Errorf("takes flags only, not %q", flags.Args())
	}
	acme.DNS01CheckAuthoritative = !*recursiveOnly
	return options, nil
}

// run starts the controllers and what they watch by, and waits until they have ended.
func run(ctx context.Context, options controller.ContextOptions) error {
	group, running := errgroup.WithContext(ctx)
	factory, err := controller.NewContextFactory(running, options)
	if err != nil {
		return err
	}
	shared, err := factory.Build()
	if err != nil {
		return err
	}
	for name, construct := range controller.Known() {
		one, err := construct(factory)
		if err != nil {
			return fmt.Errorf("controller %s: %w", name, err)
		}
		group.Go(func() error {
			if err := one.Run(workers, running); err != nil {
				return fmt.Errorf("controller %s: %w", name, err)
			}
			return nil
		})
	}
	shared.SharedInformerFactory.Start(running.Done())
	shared.KubeSharedInformerFactory.Start(running.Done())
	shared.HTTP01ResourceMetadataInformersFactory.Start(running.Done())
	klog.InfoS("Started controllers", "count", len(controller.Known()))
	err = group.Wait()
	if ctx.Err() != nil {
		return nil // It was told to stop; those that still waited for their caches call that an error.
	}
	return err
}
