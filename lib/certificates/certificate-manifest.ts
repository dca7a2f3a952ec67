import { recommendedLabels } from '../labels';
import type { CertificateRequest } from '../model/certificate';

/** What a Certificate says beside its names, its Secret and its issuer. */
export interface CertificateExtras {
  /** How long it is asked to live, in seconds. */
  readonly durationSeconds?: number;
  /** When it is renewed, in percent of the lifetime that is left. */
  readonly renewBeforePercentage?: number;
  /** What it is part of, where its own name may be too long for a label. */
  readonly instance?: string;
}

/** A Certificate as Kubernetes takes it. */
export type CertificateManifest = ReturnType<typeof certificateManifest>;

/**
 * The Certificate for `request`: the one place that knows its shape, for constructs, filter and controller alike.
 * The key is ECDSA P-256 and new at each renewal; of former requests one is kept.
 *
 * @see https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.Certificate
 */
export function certificateManifest(request: CertificateRequest, extras: CertificateExtras = {}) {
  const { durationSeconds, renewBeforePercentage, instance = request.name } = extras;
  const { kind, name } = request.issuer;
  return {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: {
      name: request.name,
      namespace: request.namespace,
      labels: recommendedLabels({ instance, component: 'certificate' }),
      ...(request.reason === undefined ? {} : { annotations: { 'traefik-ha/reason': request.reason } }),
    },
    spec: {
      secretName: request.secretName,
      dnsNames: request.dnsNames,
      issuerRef: { group: 'cert-manager.io', kind, name },
      duration: durationSeconds === undefined ? undefined : `${durationSeconds}s`,
      renewBeforePercentage,
      privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
      revisionHistoryLimit: 1,
    },
  };
}
