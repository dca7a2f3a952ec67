/**
 * The kinds of `traefik.io` by their plural names. With `--providers.kubernetescrd` Traefik waits for every one of them at
 * the start, used or not: without one of them it serves no route at all.
 *
 * @see https://doc.traefik.io/traefik/v3.7/reference/install-configuration/providers/kubernetes/kubernetes-crd/
 */
export const TRAEFIK_PLURALS = [
  'ingressroutes',
  'ingressroutetcps',
  'ingressrouteudps',
  'middlewares',
  'middlewaretcps',
  'serverstransports',
  'serverstransporttcps',
  'tlsoptions',
  'tlsstores',
  'traefikservices',
] as const;
