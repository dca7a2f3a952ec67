import type { Finding } from './problem';

/** Registry and path, then tag and digest. */
const IMAGE =
  /^(?:[a-zA-Z0-9][\w.-]*(?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::(\w[\w.-]{0,127}))?(?:@sha256:([0-9a-f]{64}))?$/;

/** IMAGE-01 where `image` is no reference to an image, or one that changes under the pods that run it. */
export function imageFindings(image: string): Finding[] {
  const [, tag, digest] = IMAGE.exec(image) ?? [];
  if (digest !== undefined || (tag !== undefined && tag !== 'latest')) return [];
  return [
    {
      code: 'IMAGE-01',
      value: image,
      message: 'not an image with a tag other than latest, or a digest: it would change under the pods that run it',
      fix: 'Write registry.example.com/traefik:v3.7.13, or …@sha256:…',
    },
  ];
}
