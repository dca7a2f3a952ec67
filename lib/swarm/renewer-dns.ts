import { imageFindings } from '../model/image';
import type { Finding } from '../model/problem';
import { IMAGES } from '../versions';
import { SECRETS_DIR } from './kv-access';

/** How lego reaches a DNS provider. */
export interface LegoProps {
  /**
   * The secrets of the swarm that hold its credentials, by lego's variables, such as `CLOUDFLARE_DNS_API_TOKEN`. lego
   * reads each from a file.
   * @default - none
   */
  readonly secrets?: Readonly<Record<string, string>>;
  /**
   * What is not secret, such as `AWS_REGION`. Some providers answer one challenge after the other, and a minute lies
   * between two names of a certificate unless `<PROVIDER>_SEQUENCE_INTERVAL` says so many seconds.
   * @default - nothing
   */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * More options for the client, such as `--dns.resolvers 9.9.9.9:53` where the system's resolver answers a zone
   * otherwise than the world's do, or `--key-type rsa2048`.
   * @default - none
   * @see https://go-acme.github.io/lego/usage/cli/options/
   */
  readonly options?: readonly string[];
  /**
   * The image, pinned: lego 4, a shell with the tools of busybox, and for a store with TLS curl.
   * @default - goacme/lego
   */
  readonly image?: string;
}

/** How certbot reaches a DNS provider. */
export interface CertbotProps {
  /**
   * The secret of the swarm that holds the plugin's file of credentials.
   * @default - none
   */
  readonly credentials?: string;
  /**
   * What is not secret.
   * @default - nothing
   */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * More options for the client, such as `--dns-rfc2136-propagation-seconds 30`.
   * @default - none
   */
  readonly options?: readonly string[];
  /**
   * The image, pinned: certbot 2 or later with the plugin, and a shell with the tools of busybox.
   * @default - certbot's image for the plugin
   */
  readonly image?: string;
}

/**
 * How challenges of DNS-01 are answered: by which client, at which provider, with which credentials.
 *
 * Reported by the renewer: SWARM-19 a provider or a variable that is none, IMAGE-01 an image that is not pinned.
 *
 * @example
 * RenewerDns.lego('cloudflare', { secrets: { CLOUDFLARE_DNS_API_TOKEN: 'cloudflare-token' } });
 */
export class RenewerDns {
  /**
   * By lego, which knows most providers.
   * @see https://go-acme.github.io/lego/dns/
   */
  public static lego(provider: string, props: LegoProps = {}): RenewerDns {
    const { secrets = {}, environment = {}, options } = props;
    const files = Object.entries(secrets).map(([name, secret]) => [`${name}_FILE`, `${SECRETS_DIR}/${secret}`]);
    return new RenewerDns(
      props.image ?? IMAGES.lego,
      props.image !== undefined,
      {
        ...{ ACME_CLIENT: 'lego', DNS_PROVIDER: provider, ...clientArguments(options) },
        ...{ ...environment, ...Object.fromEntries(files) },
      },
      Object.values(secrets),
      [...providerFindings(provider), ...variableFindings([...Object.keys(secrets), ...Object.keys(environment)])],
    );
  }

  /**
   * By certbot and one of its plugins, such as `cloudflare` or `rfc2136`.
   * @see https://eff-certbot.readthedocs.io/en/stable/using.html#dns-plugins
   */
  public static certbot(provider: string, props: CertbotProps = {}): RenewerDns {
    const { credentials, environment = {}, options } = props;
    // That plugin leaves its credentials to the library of AWS.
    const variable = provider === 'route53' ? 'AWS_SHARED_CREDENTIALS_FILE' : 'CREDENTIALS_FILE';
    return new RenewerDns(
      props.image ?? IMAGES.certbot(provider),
      props.image !== undefined,
      {
        ACME_CLIENT: 'certbot',
        DNS_PROVIDER: provider,
        ...clientArguments(options),
        ...environment,
        ...(credentials === undefined ? {} : { [variable]: `${SECRETS_DIR}/${credentials}` }),
      },
      credentials === undefined ? [] : [credentials],
      [...providerFindings(provider), ...variableFindings(Object.keys(environment))],
    );
  }

  /** What is wrong with it, for the renewer that uses it. */
  public readonly findings: readonly Finding[];

  private constructor(
    public readonly image: string,
    /** Whether the image is not the default one, so that what it holds is not known. */
    public readonly isOwnImage: boolean,
    /** What the script is told. */
    public readonly environment: Readonly<Record<string, string>>,
    /** The secrets that it names. */
    public readonly secrets: readonly string[],
    findings: readonly Finding[],
  ) {
    this.findings = [...findings, ...imageFindings(image)];
  }
}

function clientArguments(options: readonly string[] = []): Record<string, string> {
  return options.length > 0 ? { ACME_ARGUMENTS: options.join(' ') } : {};
}

function providerFindings(provider: string): Finding[] {
  if (/^[a-z0-9][a-z0-9-]*$/.test(provider)) return [];
  return [
    {
      code: 'SWARM-19',
      value: provider,
      message: 'not the name of a DNS provider as the client writes it',
      fix: 'Write it as the list of its providers does, such as route53 or cloudflare',
    },
  ];
}

/** What the script is told by, and finds its tools by. */
const OF_SCRIPT =
  /^((ACME|KV|RENEW|STATE|SHARED|PUBLISH|PUBLISHER|RECONCILE|RETRY|ORDER|KEEP|UNUSED)_.*|DNS_PROVIDER|(CERTIFICATES|CREDENTIALS)_FILE|TRAEFIK_API|ZONES|PATH)$/;

/** Names that the script is told something else by would be written over. */
function variableFindings(names: readonly string[]): Finding[] {
  return names
    .filter((name) => !/^[A-Z][A-Z0-9_]*$/.test(name) || OF_SCRIPT.test(name))
    .map((name) => ({
      code: 'SWARM-19',
      value: name,
      message: 'not a variable of a DNS provider',
      fix: 'Write it as the documentation of the provider does, such as AWS_REGION',
    }));
}
