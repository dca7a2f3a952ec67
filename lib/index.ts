export type { IamEmission } from './aws/grant';
export { AwsIdentity, type AwsPartition, type IrsaProps, type RoleProps, type StaticKeysProps } from './aws/identity';
export { Route53DnsChallengeIam, type Route53DnsChallengeIamProps } from './aws/route53-dns-challenge-iam';
export type { Route53ProviderProps } from './aws/route53-provider';
export { AcmeServer } from './certificates/acme-server';
export {
  type CertManagerInstallation,
  CertManagerIssuer,
  type CertManagerIssuerProps,
} from './certificates/cert-manager-issuer';
export { Certificate, type CertificateProps } from './certificates/certificate';
export {
  AcmeSolver,
  type CloudflareProps,
  type Http01Props,
  type Rfc2136Props,
  type SolverProps,
} from './certificates/solvers';
export { Cluster } from './cluster';
export { DnsEndpoint, type DnsEndpointProps } from './dns/dns-endpoint';
export { ExternalDns, type ExternalDnsProps } from './dns/external-dns';
export type { ProviderConfiguration } from './dns/provider';
export type { Rfc2136ProviderProps } from './dns/rfc2136-provider';
export type { Backend, ServiceLike, ServicePort } from './edge/backend';
export { DnsProvider } from './edge/dns-provider';
export {
  IngressRouteWithTls,
  type IngressRouteWithTlsProps,
  type RouteDnsProps,
  type RouteProps,
} from './edge/ingress-route-with-tls';
export type { MiddlewareRef } from './edge/middleware';
export type { HostRoute, MatchRoute, RouteMatch, TextRoute } from './edge/route-rule';
export { EdgeApp } from './edge-app';
export { EdgeNamespace, type EdgeNamespaceProps } from './edge-namespace';
export { iamGrants, writeIamDocuments } from './iam-documents';
export type {
  DynamicConfiguration,
  HttpMiddleware,
  HttpRouter,
  HttpService,
  TcpRouter,
  TcpService,
  TlsOptions,
} from './kv/dynamic-configuration';
export { type KvEntries, type KvEntriesOptions, type KvEntry, kvEntries } from './kv/entries';
export {
  KvCertificatePublisher,
  type KvCertificatePublisherProps,
  type PublishedCertificate,
} from './kv/kv-certificate-publisher';
export { KvSeedJob, type KvSeedJobProps } from './kv/kv-seed-job';
export { type KvReading, readKvEntries } from './kv/read-entries';
export {
  consulImport,
  consulTransaction,
  etcdTransaction,
  type KvChangeOptions,
  type KvOperation,
  kvTransactions,
  redisCommands,
} from './kv/transactions';
export type { DrainProps, DrainTimes } from './model/drain';
export type { IamGrant, PolicyDocument, PolicyStatement, TrustPolicy } from './model/iam';
export type { Issuer, SecretKey, Solver, SolverScope } from './model/issuer';
export {
  type ConsulProps,
  type EtcdProps,
  type KvCredential,
  type KvCredentials,
  KvStore,
  type KvStoreKind,
  type KvStoreProps,
  type KvTls,
  type RedisProps,
  type ZooKeeperProps,
} from './model/kv-store';
export {
  type Leaving,
  leavePlan,
  type PlanAction,
  type PlanStep,
  type PlanStepKind,
  waitedSeconds,
} from './model/leave-plan';
export { type NodePlanRequest, nodePlan, type PlannedNode } from './model/node-plan';
export type { NodeAddressType, NodeRecordProps } from './model/node-record';
export { type Problem, TraefikHaError } from './model/problem';
export { Match, type OneOrMore } from './model/rule/build';
export type { Rule } from './model/rule/tree';
export { CertificateStrategy } from './model/strategy';
export { HostedZone, type HostedZoneProps } from './model/zone';
export { CertRotater, type CertRotaterProps } from './rotater/cert-rotater';
export type { RotaterMonitoring } from './rotater/monitoring';
export type { RotaterSettingsProps } from './rotater/settings-props';
export { CertRenewer, type CertRenewerProps } from './swarm/cert-renewer';
export { ConsulCluster, type ConsulClusterProps } from './swarm/consul-cluster';
export { KvSeed, type KvSeedProps } from './swarm/kv-seed';
export { type CertbotProps, type LegoProps, RenewerDns } from './swarm/renewer-dns';
export { type GlusterProps, type NfsProps, SharedCertVolume } from './swarm/shared-cert-volume';
export { SocketProxy } from './swarm/socket-proxy';
export type { StackFile, StackServiceSpec } from './swarm/stack-file';
export { type ServicePatch, StackService } from './swarm/stack-service';
export { type SwarmRoute, SwarmService, type SwarmServiceProps } from './swarm/swarm-service';
export { SwarmStack, type SwarmStackProps, writeSwarmStacks } from './swarm/swarm-stack';
export { SwarmTraefik, type SwarmTraefikProps } from './swarm/swarm-traefik';
export type { ClientAddress } from './traefik/client-address';
export {
  EdgeNodes,
  type EdgeNodesProps,
  type EdgeToleration,
  type FixedNodesProps,
  type WatchedNodesProps,
} from './traefik/edge-nodes';
export type { HstsProps } from './traefik/hsts';
export {
  type AwsNlbProps,
  type FixedAddressProps,
  type GenericProps,
  LoadBalancer,
  type LoadBalancerProps,
} from './traefik/load-balancer';
export { TlsOption, type TlsOptionProps, type TlsOptionRef } from './traefik/tls-option';
export { TlsStore, type TlsStoreProps } from './traefik/tls-store';
export { ExistingTraefik, type ExistingTraefikProps, type Traefik } from './traefik/traefik';
export { TraefikHA, type TraefikHAProps } from './traefik/traefik-ha';
export type { TraefikResources } from './traefik/workload';
export { EdgeVerification, type EdgeVerificationProps } from './verify/edge-verification';
export { VERSIONS } from './versions';
