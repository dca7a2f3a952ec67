// Command healthcheck ends with 0 when the proxy beside it reaches the engine.
package main

import (
	"net/http"
	"os"
	"time"
)

func main() {
	client := &http.Client{Timeout: 5 * time.Second}
	answer, err := client.Head("http://127.0.0.1:55555/health")
	if err != nil || answer.StatusCode != http.StatusOK {
		os.Exit(1)
	}
}
