import { IMAGES, VERSIONS } from '../../../lib/versions';
import { runNow } from './command';
import type { ImageRecipe } from './images';
import { BACKEND_IMAGE } from './lab-images';
import { librariesOf } from './libraries';
import { pathOf } from './requirements';

/** Images of the swarm, under names as stack files have them. What runs is of this machine and of the pinned modules. */
export const SWARM_IMAGES = {
  traefik: IMAGES.traefik(VERSIONS.traefik),
  socketProxy: 'docker.io/wollomatic/socket-proxy:1.12.2',
  lego: 'docker.io/goacme/lego:v4.9.1',
  curl: 'docker.io/curlimages/curl:7.88.1',
  etcd: 'quay.io/coreos/etcd:v3.6.7',
  redis: 'docker.io/library/redis:7.0.15',
  busybox: 'docker.io/library/busybox:1.35.0',
  backend: BACKEND_IMAGE,
} as const;

/** How each of them is made. Entrypoints, paths and users are those of the images that users pull. */
export function swarmImageRecipes(program: (name: string) => string): ImageRecipe[] {
  const { traefik, socketProxy, lego, curl, etcd, redis, busybox, backend } = SWARM_IMAGES;
  return [
    withShell(traefik, { '/usr/local/bin/traefik': program('traefik') }, ['/entrypoint.sh'], {
      texts: { '/entrypoint.sh': TRAEFIK_ENTRYPOINT },
      command: ['traefik'],
    }),
    {
      name: socketProxy,
      files: { '/socket-proxy': program('socket-proxy'), '/healthcheck': program('socket-proxy-healthcheck') },
      entrypoint: ['/socket-proxy'],
      user: '65534:65534',
    },
    withShell(lego, { '/lego': pathOf('lego') }, ['/lego']),
    withShell(curl, { '/usr/bin/curl': pathOf('curl') }, ['/entrypoint.sh'], {
      texts: { '/entrypoint.sh': CURL_ENTRYPOINT },
      command: ['curl'],
      user: '100:101',
    }),
    {
      name: etcd,
      files: { '/usr/local/bin/etcd': program('etcd'), '/usr/local/bin/etcdctl': program('etcdctl') },
      folders: { '/tmp': 0o1777 },
      entrypoint: [],
      command: ['/usr/local/bin/etcd'],
      path: PATH,
    },
    withShell(
      redis,
      { '/usr/local/bin/redis-server': pathOf('redis-server'), '/usr/local/bin/redis-cli': pathOf('redis-cli') },
      ['/usr/local/bin/docker-entrypoint.sh'],
      { texts: { '/usr/local/bin/docker-entrypoint.sh': REDIS_ENTRYPOINT }, command: ['redis-server'] },
    ),
    withShell(busybox, {}, [], { command: ['sh'] }),
    { name: backend, files: { '/client': program('client') }, entrypoint: ['/client', 'serve'] },
  ];
}

/** Those of them that a cluster runs beside a store. */
export function storeImageRecipes(program: (name: string) => string): ImageRecipe[] {
  const wanted: readonly string[] = [SWARM_IMAGES.curl, SWARM_IMAGES.etcd];
  return swarmImageRecipes(program).filter(({ name }) => wanted.includes(name));
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/** Programs over what Alpine has: busybox under the names of its tools, the public authorities, users. */
function withShell(
  name: string,
  programs: Readonly<Record<string, string>>,
  entrypoint: readonly string[],
  { texts = {}, ...more }: Pick<ImageRecipe, 'texts' | 'command' | 'user'> = {},
): ImageRecipe {
  const busybox = pathOf('busybox');
  const flock = pathOf('flock');
  const tools = runNow([busybox, '--list-full']).stdout.split('\n').filter(Boolean);
  const replaced = ['/usr/bin/wget', '/bin/busybox', ...Object.keys(programs)];
  const links = tools.map((tool) => `/${tool}`).filter((tool) => !replaced.includes(tool));
  return {
    name,
    files: {
      '/bin/busybox': busybox,
      // Alpine's busybox has one, Debian's has not.
      '/usr/bin/flock': flock,
      [CERTIFICATES]: CERTIFICATES,
      ...programs,
      ...Object.assign({}, ...[busybox, flock, ...Object.values(programs)].map(librariesOf)),
    },
    texts: {
      '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n',
      '/etc/group': 'root:x:0:\nnobody:x:65534:\n',
      '/usr/bin/wget': WGET,
      ...texts,
    },
    links: Object.fromEntries(links.map((link) => [link, '/bin/busybox'])),
    folders: { '/tmp': 0o1777, '/root': 0o700, '/data': 0o755 },
    path: PATH,
    entrypoint,
    ...more,
  };
}

/** Debian's busybox crashes at `wget -T`, which Alpine's has. */
const WGET = `#!/bin/sh
seconds=900
left=$#
while [ "$left" -gt 0 ]; do
  argument=$1
  shift
  left=$((left - 1))
  if [ "$argument" = -T ]; then
    seconds=$1
    shift
    left=$((left - 1))
  else
    set -- "$@" "$argument"
  fi
done
exec timeout "$seconds" busybox wget "$@"
`;

/** Arguments alone are Traefik's, and so is the name of one of its commands; all else is run as it is. */
const TRAEFIK_ENTRYPOINT = `#!/bin/sh
set -e
case "$1" in
  -*) set -- traefik "$@" ;;
  *) if traefik "$1" --help >/dev/null 2>&1; then set -- traefik "$@"; fi ;;
esac
exec "$@"
`;

const CURL_ENTRYPOINT = `#!/bin/sh
set -e
case "$1" in
  -*|http*) set -- curl "$@" ;;
esac
exec "$@"
`;

const REDIS_ENTRYPOINT = `#!/bin/sh
set -e
case "$1" in
  -*|*.conf) set -- redis-server "$@" ;;
esac
exec "$@"
`;
