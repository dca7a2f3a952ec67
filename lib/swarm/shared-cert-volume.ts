import { hostFindings } from '../model/host';
import { familyOf } from '../model/network';
import type { Finding } from '../model/problem';
import type { StackVolume } from './stack-file';

/** An export of an NFS server. */
export interface NfsProps {
  /** The server's host name or address. */
  readonly address: string;
  /** The path that it exports, from `/`. It belongs to user and group 65532, which the containers run as. */
  readonly path: string;
}

/** A GlusterFS that is mounted on every node. */
export interface GlusterProps {
  /** Where it is mounted, from `/`, or a folder in it, which is there on every node and belongs to 65532. */
  readonly path: string;
}

/**
 * A volume that every node sees alike, through which the renewer hands certificates to all instances of Traefik.
 *
 * Reported by who uses it: SWARM-16 an address or a path that is none.
 *
 * @example
 * const shared = SharedCertVolume.nfs({ address: '10.0.0.5', path: '/export/certs' });
 */
export class SharedCertVolume {
  /**
   * On an NFS server. Writes are sent until they are through, and attributes are looked at again after 10 s, so that a
   * new certificate is seen by then.
   */
  public static nfs({ address, path }: NfsProps): SharedCertVolume {
    const host = familyOf(address) === 6 ? `[${address}]` : address;
    return new SharedCertVolume(
      {
        driver: 'local',
        driver_opts: { type: 'nfs', o: `addr=${host},nfsvers=4.2,hard,noatime,actimeo=10`, device: `:${path}` },
      },
      [...addressFindings(address), ...pathFindings(path)],
    );
  }

  /** On a GlusterFS, or anything else that is mounted at one path on every node. */
  public static gluster({ path }: GlusterProps): SharedCertVolume {
    return new SharedCertVolume(
      { driver: 'local', driver_opts: { type: 'none', o: 'bind', device: path } },
      pathFindings(path),
    );
  }

  /** A volume that is there on every node, made by a plugin or by hand. */
  public static external(name: string): SharedCertVolume {
    const isName = /^[a-zA-Z0-9][\w.-]*$/.test(name);
    return new SharedCertVolume(
      { external: true, name },
      isName ? [] : [wrong(name, 'not the name of a volume', 'Take it from docker volume ls')],
    );
  }

  private constructor(
    /** As the stack file declares it. */
    public readonly volume: StackVolume,
    /** What is wrong with it, for whoever uses it. */
    public readonly findings: readonly Finding[],
  ) {}
}

function addressFindings(address: string): Finding[] {
  if (familyOf(address) !== 0 || /^[a-z0-9-]+$/.test(address) || hostFindings(address).length === 0) return [];
  return [wrong(address, 'not the address of an NFS server', 'Write a host name, or an address such as 10.0.0.5')];
}

/** Options of a mount are divided by commas; a part `..` would lead elsewhere. */
function pathFindings(path: string): Finding[] {
  if (/^\/[\w./-]+$/.test(path) && !path.split('/').includes('..')) return [];
  return [wrong(path, 'not a path that a volume can be mounted from', 'Write it from the root, such as /export/certs')];
}

function wrong(value: string, message: string, fix: string): Finding {
  return { code: 'SWARM-16', value, message, fix };
}
