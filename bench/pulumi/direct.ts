import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { routeObjects } from './route-objects';
import './work';

class Route extends pulumi.ComponentResource {
  public constructor(name: string) {
    super('traefik-ha:index:IngressRouteWithTls', name);
  }
}

// The registrations that components.ts makes, one by one.
for (let index = 0; index < 1000; index += 1) {
  const component = `route-${index}`;
  const parent = new Route(component);
  for (const { kind, metadata, ...object } of routeObjects(index)) {
    new kubernetes.apiextensions.CustomResource(
      `${component}/${kind}/shop/${metadata.name}`,
      { kind, metadata: { ...metadata, namespace: 'shop' }, ...object },
      { parent },
    );
  }
}
