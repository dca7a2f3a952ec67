import { reasonOf } from '../reasons';

/** Puts metrics in the place of those that were pushed before; why it could not, if so. */
export async function pushMetrics(url: string, metrics: string, timeout: number): Promise<string | undefined> {
  try {
    const headers = { 'content-type': 'text/plain; version=0.0.4' };
    const signal = AbortSignal.timeout(timeout);
    const response = await fetch(url, { method: 'PUT', headers, body: metrics, signal });
    return response.ok ? undefined : `status ${response.status}`;
  } catch (error) {
    const { cause = error, name } = error as Error;
    return name === 'TimeoutError' ? 'no answer' : reasonOf(cause as Error);
  }
}
