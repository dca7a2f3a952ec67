import * as pulumi from '@pulumi/pulumi';
import { canonicalHost, hostFindings } from '../model/host';
import { accepted } from './run-error';

/** What each Output was made of, so that it is one host wherever it is used. */
const lateHosts = new WeakMap<object, pulumi.Output<string>>();

/** `host` as certificates and resolvers write it; HOST-01 or HOST-02 where it turns out to be none, at `at`. */
export function lateHost(host: pulumi.Input<string>, at: string): pulumi.Input<string> {
  if (typeof host === 'string') return host;
  const known = lateHosts.get(host);
  if (known !== undefined) return known;
  const checked = pulumi.output(host).apply((value) => {
    const name = canonicalHost(value);
    return accepted(name, hostFindings(name), at);
  });
  lateHosts.set(host, checked);
  return checked;
}
