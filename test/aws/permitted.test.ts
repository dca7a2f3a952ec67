import { dnsChallengePolicy, externalDnsPolicy } from '../../lib/aws/policies';
import type { PolicyDocument } from '../../lib/model/iam';
import { HostedZone } from '../../lib/model/zone';
import { changeRequest, type IamRequest, isPermitted, narrower, plainRequest, wider } from '../support/iam';

/*
 * Policies by what they permit, evaluated as IAM does. What each program asks for was seen from it (test/e2e/aws.e2e.ts
 * holds it against the running ones); every statement, resource, action and value of a policy is needed by some of it,
 * and every condition keeps something out.
 */

const zones = [HostedZone.of('example.com', { id: 'ZA' }), HostedZone.of('eu.example.com', { id: 'ZB' })];
const arn = (id: string) => `arn:aws:route53:::hostedzone/${id}`;
const change = (zone: string, action: string, type: string, name: string) =>
  changeRequest(zone, [{ action, type, name }]);

const challenge = {
  policy: dnsChallengePolicy(zones, 'aws'),
  needed: [
    plainRequest('route53:GetChange', 'arn:aws:route53:::change/C1'),
    change('ZA', 'UPSERT', 'TXT', '_acme-challenge.shop.example.com.'),
    change('ZA', 'DELETE', 'TXT', '_acme-challenge.example.com.'),
    change('ZB', 'UPSERT', 'TXT', '_acme-challenge.shop.eu.example.com.'),
  ],
  forbidden: [
    change('ZA', 'CREATE', 'TXT', '_acme-challenge.shop.example.com.'),
    change('ZA', 'UPSERT', 'CNAME', '_acme-challenge.shop.example.com.'),
    change('ZA', 'UPSERT', 'TXT', 'shop.example.com.'),
    change('ZA', 'UPSERT', 'TXT', 'shop._acme-challenge.example.com.'),
    change('ZC', 'UPSERT', 'TXT', '_acme-challenge.shop.example.com.'),
    changeRequest('ZA', [
      { action: 'UPSERT', type: 'TXT', name: '_acme-challenge.shop.example.com.' },
      { action: 'UPSERT', type: 'A', name: 'shop.example.com.' },
    ]),
    plainRequest('route53:ListHostedZones', '*'),
    plainRequest('route53:ListHostedZonesByName', '*'),
    plainRequest('route53:ListResourceRecordSets', arn('ZA')),
    plainRequest('route53:DeleteHostedZone', arn('ZA')),
  ],
};

const records = {
  policy: externalDnsPolicy(zones, 'aws'),
  needed: [
    plainRequest('route53:ListHostedZones', '*'),
    plainRequest('route53:ListResourceRecordSets', arn('ZA')),
    plainRequest('route53:ListResourceRecordSets', arn('ZB')),
    ...['A', 'AAAA', 'CNAME', 'TXT'].map((type) => change('ZA', 'CREATE', type, 'shop.example.com.')),
    change('ZB', 'UPSERT', 'A', '*.eu.example.com.'),
    change('ZA', 'DELETE', 'A', 'shop.example.com.'),
  ],
  forbidden: [
    change('ZA', 'UPSERT', 'MX', 'example.com.'),
    change('ZA', 'UPSERT', 'NS', 'example.com.'),
    change('ZC', 'UPSERT', 'A', 'shop.example.com.'),
    plainRequest('route53:ListResourceRecordSets', arn('ZC')),
    plainRequest('route53:ListTagsForResources', arn('ZA')),
    plainRequest('route53:GetChange', 'arn:aws:route53:::change/C1'),
    plainRequest('route53:CreateHostedZone', '*'),
    plainRequest('route53:DeleteHostedZone', arn('ZA')),
  ],
};

describe.each([
  ['cert-manager', challenge],
  ['external-dns', records],
])('%s', (_, { policy, needed, forbidden }) => {
  const permitted = (document: PolicyDocument, requests: readonly IamRequest[]) =>
    Promise.all(requests.map((request) => isPermitted([document], request)));

  test('may do what it does', async () => {
    expect(await permitted(policy, needed)).toEqual(needed.map(() => true));
  });

  test('and nothing beside', async () => {
    expect(await permitted(policy, forbidden)).toEqual(forbidden.map(() => false));
  });

  test.each(narrower(policy))('needs %s', async (_part, document) => {
    expect(await permitted(document, needed)).toContain(false);
  });

  test.each(wider(policy))('is kept out of something by %s', async (_part, document) => {
    expect(await permitted(document, forbidden)).toContain(true);
  });
});
