import { z } from 'zod';
import { isPrintable } from '../model/text';
import { parseSelector } from './selector';
import type { RotaterSettingsProps } from './settings-props';

/** A text of a certain form, whose error is always the same sentence. */
const text = (error: string) => z.string({ error }).min(1, { error }).refine(isPrintable, { error });

const issuer = z.union([
  text('the name of a ClusterIssuer. Write issuer: letsencrypt'),
  z.strictObject({
    kind: z.enum(['ClusterIssuer', 'Issuer'], { error: 'the kind of an issuer. Write ClusterIssuer or Issuer' }),
    name: text('the name of an issuer. Write name: letsencrypt'),
    letsEncrypt: z.boolean({ error: "whether Let's Encrypt signs. Write true or false" }).optional(),
  }),
]);

const zone = z.union([
  text('the name of a zone. Write example.com'),
  z.strictObject({
    name: text('the name of a zone. Write name: example.com'),
    private: z
      .boolean({ error: 'whether the zone is seen only inside a private network. Write true or false' })
      .optional(),
  }),
]);

/** An object with its namespace. */
const reference = (what: string, example: string) =>
  z
    .string({ error: `${what}. Write ${example}` })
    .regex(/^[^/]+\/[^/]+$/, { error: `${what} with its namespace. Write ${example}` });

const ttlSeconds = (seconds: number) => z.number({ error: `a time in seconds. Write ttlSeconds: ${seconds}` });

/** A section of settings. */
const section = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: ({ code }) => (code === 'invalid_type' ? 'a section. Write its settings below it, indented' : undefined),
  });

const texts = z.record(z.string(), z.string({ error: 'a text. Write it between quotes' }));

/** What the derivation decides itself, and so a template may not. */
const DERIVED = ['secretName', 'dnsNames', 'issuerRef'];

const template = section({
  labels: texts.optional(),
  annotations: texts.optional(),
  spec: z
    .record(z.string(), z.unknown())
    .refine((spec) => !DERIVED.some((field) => field in spec), {
      error: `fields of a Certificate's spec but ${DERIVED.join(', ')}, which are derived. Leave these out`,
    })
    .optional(),
});

/**
 * What a configuration file may say, and options of a command as well. Each message ends with what to write.
 * It is checked for form only; what names, zones and targets may be, the model's rules say.
 */
export const settingsSchema = z.strictObject(
  {
    ingressClass: text('the class of the routes. Write ingressClass: traefik').optional(),
    namespaces: z
      .array(text('the name of a namespace. Write namespaces: [shop]'), {
        error: 'a list of namespaces. Write namespaces: [shop]',
      })
      .min(1, { error: 'a list of namespaces. Leave it out for all' })
      .optional(),
    selector: text('a label selector. Write selector: team=shop')
      .refine((value) => parseSelector(value) !== undefined, {
        error: 'a label selector. Write it as for kubectl, such as team=shop,tier!=test',
      })
      .optional(),
    zones: z.array(zone, { error: 'a list of zones. Write zones: [example.com]' }).optional(),
    certificates: section({
      issuer,
      strategy: z
        .enum(['per-route', 'wildcard-per-zone'], { error: 'a strategy. Write per-route or wildcard-per-zone' })
        .optional(),
      wildcardNamespace: text('the namespace of the default TLSStore. Write wildcardNamespace: edge').optional(),
      template: template.optional(),
    }).optional(),
    dns: section({
      targets: z
        .array(text('an address or a host name. Write targets: [203.0.113.10]'), {
          error: 'a list of addresses, or of one host name. Write targets: [203.0.113.10]',
        })
        .min(1, { error: 'a list of addresses, or of one host name. Write targets: [203.0.113.10]' })
        .optional(),
      service: reference('a Service', 'service: edge/traefik').optional(),
      clusterAddress: z.boolean({ error: 'whether an address of the cluster will do. Write true or false' }).optional(),
      ttlSeconds: ttlSeconds(300).optional(),
    }).optional(),
    nodes: section({
      endpoint: reference('a DNSEndpoint', 'endpoint: edge/traefik-nodes'),
      hostName: text('the name of the nodes together. Write hostName: edge.example.com'),
      labels: texts.optional(),
      service: reference('a Service', 'service: edge/traefik').optional(),
      addressType: z
        .enum(['ExternalIP', 'InternalIP'], { error: 'a type of addresses. Write ExternalIP or InternalIP' })
        .optional(),
      ttlSeconds: ttlSeconds(60).optional(),
    }).optional(),
  },
  {
    error: ({ code }) =>
      code === 'invalid_type'
        ? 'a map of settings. Write certificates: and dns: sections, as in docs/rotater.md'
        : undefined,
  },
) satisfies z.ZodType<RotaterSettingsProps>;
