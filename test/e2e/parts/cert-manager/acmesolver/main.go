// Command acmesolver answers one HTTP-01 challenge, as the pod that cert-manager starts for it. The flags are
// upstream's. It differs from upstream's command in that it logs with Go's own logger.
package main

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-logr/logr"

	"github.com/cert-manager/cert-manager/pkg/issuer/acme/http/solver"
)

func main() {
	challenge := &solver.HTTP01Solver{}
	flag.IntVar(&challenge.ListenPort, "listen-port", 8089, "where it listens")
	flag.StringVar(&challenge.Domain, "domain", "", "the name that is proven")
	flag.StringVar(&challenge.Token, "token", "", "the name of the file that is asked for")
	flag.StringVar(&challenge.Key, "key", "", "what the file holds")
	flag.Parse()
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- challenge.Listen(logr.FromSlogHandler(logger.Handler())) }()
	select {
	case err := <-ended:
		if !errors.Is(err, http.ErrServerClosed) {
			logger.Error("no longer answers", "error", err)
			os.Exit(1)
		}
	case <-ctx.Done():
		soon, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if err := challenge.Shutdown(soon); err != nil {
			logger.Error("requests were cut off", "error", err)
		}
	}
}
