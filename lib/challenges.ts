import { perCluster } from './cluster';

/**
 * The ingress classes whose Traefik must let HTTP-01 through, because certificates of the cluster that are no route's
 * are asked for by it. A route tells its Traefik itself.
 */
export const http01ClassesOf = perCluster(() => new Set<string>());
