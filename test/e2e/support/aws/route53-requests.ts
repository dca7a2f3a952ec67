import { changeRequest, type IamRequest, plainRequest } from '../../../support/iam';

/** A record in a change, as far as it is carried to DNS. */
export interface WrittenRecord {
  readonly action: string;
  readonly name: string;
  readonly type: string;
  readonly values: readonly string[];
}

/** What a request to Route 53 asks of IAM: action, resource, and what conditions know of a change. */
export function route53Request(method: string, path: string, body: string): IamRequest {
  const [, kind = '', id, sub] = /^\/2013-04-01\/(\w+)(?:\/([^/]+))?(?:\/(\w+))?\/?$/.exec(path) ?? [];
  const zone = `arn:aws:route53:::hostedzone/${id}`;
  switch (`${method} ${kind}${id === undefined ? '' : '/…'}${sub === undefined ? '' : `/${sub}`}`) {
    case 'GET hostedzone':
      return plainRequest('route53:ListHostedZones', '*');
    case 'POST hostedzone':
      return plainRequest('route53:CreateHostedZone', '*');
    case 'GET hostedzonesbyname':
      return plainRequest('route53:ListHostedZonesByName', '*');
    case 'GET hostedzone/…':
      return plainRequest('route53:GetHostedZone', zone);
    case 'DELETE hostedzone/…':
      return plainRequest('route53:DeleteHostedZone', zone);
    case 'GET hostedzone/…/rrset':
      return plainRequest('route53:ListResourceRecordSets', zone);
    case 'POST hostedzone/…/rrset':
      return changeRequest(id ?? '', changesOf(body));
    case 'GET change/…':
      return plainRequest('route53:GetChange', `arn:aws:route53:::change/${id}`);
    default:
      throw new Error(`nothing is known of ${method} ${path}`);
  }
}

/** The changes of a batch. */
export function changesOf(body: string): WrittenRecord[] {
  return [...body.matchAll(/<Change>(.*?)<\/Change>/gs)].map(([, change = '']) => {
    const first = (tag: string) => plainText(new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(change)?.[1] ?? '');
    return {
      action: first('Action'),
      name: first('Name'),
      type: first('Type'),
      values: [...change.matchAll(/<Value>([^<]*)<\/Value>/g)].map(([, value = '']) => plainText(value)),
    };
  });
}

function plainText(xml: string): string {
  const named: Record<string, string> = { quot: '"', amp: '&', lt: '<', gt: '>', apos: "'" };
  return xml.replace(/&(?:#(\d+)|(\w+));/g, (whole, code, name) =>
    code === undefined ? (named[name] ?? whole) : String.fromCharCode(Number(code)),
  );
}
