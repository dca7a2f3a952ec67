module traefik-ha/proof/socket-proxy

go 1.24.0
