import { perCluster } from './cluster';

/** A Service whose load balancer external-dns gives a name, since its address is not known before it exists. */
export interface Announcement {
  readonly namespace: string;
  readonly service: string;
  readonly hostName: string;
}

/** The announcements of a cluster: `TraefikHA` adds them, `ExternalDns` reads Services only where there are any. */
export const announcementsOf = perCluster((): Announcement[] => []);
