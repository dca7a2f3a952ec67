import type { SeenCertificate } from '../check';
import { EXIT_CODES } from '../findings';
import { counts, type Report } from '../report';

/** What programs read; fields are only ever added. */
export function printJson(report: Report): string {
  const { status, checkedAt, seconds, results, remarks } = report;
  const document = {
    status,
    exitCode: EXIT_CODES[status],
    checkedAt: checkedAt.toISOString(),
    seconds: Number(seconds.toFixed(3)),
    counts: counts(report),
    checks: results.map(({ check, status: own, findings, certificate, httpStatus }) => ({
      host: check.host,
      node: { address: check.node.address ?? null, port: check.node.port, name: check.node.name ?? null },
      status: own,
      findings,
      certificate: certificate ? certificateOf(certificate) : null,
      httpStatus: httpStatus ?? null,
    })),
    remarks: remarks.map(({ host, findings }) => ({ host: host ?? null, findings })),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function certificateOf({ notBefore, notAfter, issuedAt, fingerprint, ...others }: SeenCertificate) {
  return {
    ...others,
    sha256: fingerprint,
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
    issuedAt: issuedAt.toISOString(),
  };
}
