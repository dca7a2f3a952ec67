import { Gauge, Registry } from 'prom-client';
import { EXIT_CODES, type Status } from '../findings';
import { printNode } from '../node';
import { counts, type Report } from '../report';

/** What Prometheus reads, in its text format; ends with how all of it came out, and when. */
export async function printPrometheus(report: Report): Promise<string> {
  const registry = new Registry();
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge({ name: `traefik_ha_verify_${name}`, help, labelNames, registers: [registry] });

  const status = gauge('status', 'What a check came to: 0 ok, 1 warning, 2 critical, 3 unknown.', 'host', 'node');
  const reachable = gauge('reachable', 'Whether the node served a certificate for the host.', 'host', 'node');
  const notAfter = gauge('not_after_seconds', 'When the served certificate expires.', 'host', 'node');
  const notBefore = gauge('not_before_seconds', 'When the served certificate begins to be valid.', 'host', 'node');
  const certificate = gauge(
    'certificate_info',
    'The served certificate.',
    'host',
    'node',
    'sha256',
    'serial',
    'issuer',
  );
  const http = gauge('http_status', 'What HTTP answered.', 'host', 'node');
  const finding = gauge('finding', 'What is wrong, by the name of the check.', 'host', 'node', 'check', 'severity');
  const checks = gauge('checks', 'How many checks, and remarks on hosts and the cluster, came to what.', 'status');
  const overall = gauge('overall_status', 'The worst of all: 0 ok, 1 warning, 2 critical, 3 unknown.');
  const duration = gauge('duration_seconds', 'How long all checks took.');
  const completed = gauge('completed_timestamp_seconds', 'When the checks were done.');

  for (const { check, status: own, findings, certificate: seen, httpStatus } of report.results) {
    const labels = { host: check.host, node: printNode(check.node) };
    status.set(labels, EXIT_CODES[own]);
    reachable.set(labels, seen ? 1 : 0);
    if (seen) {
      notAfter.set(labels, seen.notAfter.getTime() / 1000);
      notBefore.set(labels, seen.notBefore.getTime() / 1000);
      certificate.set({ ...labels, sha256: seen.fingerprint, serial: seen.serial, issuer: seen.issuer }, 1);
    }
    if (httpStatus !== undefined) http.set(labels, httpStatus);
    for (const { check: name, severity } of findings) finding.set({ ...labels, check: name, severity }, 1);
  }
  for (const { host = '', findings } of report.remarks) {
    for (const { check: name, severity } of findings) finding.set({ host, node: '', check: name, severity }, 1);
  }
  for (const [name, count] of Object.entries(counts(report)) as [Status, number][]) checks.set({ status: name }, count);
  overall.set(EXIT_CODES[report.status]);
  duration.set(report.seconds);
  completed.set(report.checkedAt.getTime() / 1000);
  return registry.metrics();
}
