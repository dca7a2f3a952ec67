import { imageFindings } from '../../lib/model/image';

const DIGEST = `sha256:${'0a'.repeat(32)}`;

test.each([
  'traefik:v3.7.13',
  'library/traefik:3',
  'registry.example.com/team/traefik-ha:v3_a.b-c',
  'localhost:5000/traefik:v3',
  'registry.k8s.io/external-dns/external-dns:v0.22.0',
  'a__b/c--d:v1',
  '9.9/9-9/9_9:9',
  '9-9:9',
  `traefik@${DIGEST}`,
  `traefik:latest@${DIGEST}`,
])('%s stays what it is', (image) => {
  expect(imageFindings(image)).toEqual([]);
});

test.each([
  '',
  'traefik',
  'traefik:',
  'traefik:latest',
  'registry.example.com:5000/traefik',
  'Traefik:v3',
  'traefik:v3 ',
  'traefik:v3\n',
  'traefik:-v3',
  `traefik:${'v'.repeat(129)}`,
  'https://registry.example.com/traefik:v3',
  'team//traefik:v3',
  'a..b:v3',
  'a___b:v3',
  'traefik-:v3',
  'traefik@sha256:0a0a',
  `traefik@${DIGEST.toUpperCase()}`,
])('%j is refused', (image) => {
  expect(imageFindings(image)).toEqual([
    {
      code: 'IMAGE-01',
      value: image,
      message: 'not an image with a tag other than latest, or a digest: it would change under the pods that run it',
      fix: 'Write registry.example.com/traefik:v3.7.13, or …@sha256:…',
    },
  ]);
});
