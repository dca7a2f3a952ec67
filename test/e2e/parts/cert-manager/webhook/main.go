// Command webhook checks issuers, certificates, orders and challenges before the API server takes them (/validate), and
// writes into certificate requests who made them (/mutate), with cert-manager's own code and its defaults.
//
// It differs from upstream's command in where its certificate comes from: files, which it reads again as they change,
// and never a CA of its own in a Secret, so that nobody has to inject one; whoever wrote the files writes the caBundle.
// It serves neither metrics nor profiles, takes no configuration file, and has a part of the flags only. Where
// --kubeconfig is absent, KUBECONFIG counts before the pod's own account.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/pflag"
	"k8s.io/klog/v2"

	config "github.com/cert-manager/cert-manager/internal/apis/config/webhook"
	"github.com/cert-manager/cert-manager/internal/apis/config/webhook/scheme"
	"github.com/cert-manager/cert-manager/internal/apis/config/webhook/validation"
	"github.com/cert-manager/cert-manager/internal/webhook"
	"github.com/cert-manager/cert-manager/pkg/apis/config/webhook/v1alpha1"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
)

func main() {
	logf.InitLogs()
	err := command()
	if err != nil {
		klog.ErrorS(err, "the webhook ended")
	}
	logf.FlushLogs()
	if err != nil {
		os.Exit(1)
	}
}

func command() error {
	settings, err := upstreamDefaults()
	if err != nil {
		return err
	}
	if err := parse(settings); errors.Is(err, pflag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	ctx = logf.NewContext(ctx, logf.Log, "webhook")
	server, err := webhook.NewCertManagerWebhookServer(logf.FromContext(ctx), *settings)
	if err != nil {
		return err
	}
	return server.Run(ctx)
}

func upstreamDefaults() (*config.WebhookConfiguration, error) {
	known, _, err := scheme.NewSchemeAndCodecs()
	if err != nil {
		return nil, err
	}
	versioned, settings := &v1alpha1.WebhookConfiguration{}, &config.WebhookConfiguration{}
	known.Default(versioned)
	return settings, known.Convert(versioned, settings, nil)
}

// parse reads the flags, which are called as upstream's are, over the defaults.
func parse(settings *config.WebhookConfiguration) error {
	settings.MetricsListenAddress = "0" // Not served.
	flags := pflag.NewFlagSet("webhook", pflag.ContinueOnError)
	flags.StringVar(&settings.KubeConfig, "kubeconfig", os.Getenv("KUBECONFIG"), "how the API server is reached")
	flags.Int32Var(&settings.SecurePort, "secure-port", settings.SecurePort, "where the API server asks")
	flags.Int32Var(&settings.HealthzPort, "healthz-port", settings.HealthzPort, "serves /livez and /healthz, without TLS")
	files := &settings.TLSConfig.Filesystem
	flags.StringVar(&files.CertFile, "tls-cert-file", "", "its certificate, PEM")
	flags.StringVar(&files.KeyFile, "tls-private-key-file", "", "the key of the certificate, PEM")
	logf.AddFlagsNonDeprecated(&settings.Logging, flags)
	if err := flags.Parse(os.Args[1:]); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("takes flags only, not %q", flags.Args())
	}
	if !settings.TLSConfig.FilesystemConfigProvided() {
		return errors.New("--tls-cert-file and --tls-private-key-file are needed")
	}
	if err := validation.ValidateWebhookConfiguration(settings, nil).ToAggregate(); err != nil {
		return err
	}
	return logf.ValidateAndApply(&settings.Logging)
}
