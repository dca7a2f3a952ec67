import { askArguments, ORACLE_TIMEOUT } from '../../support/oracle';

test(
  'the oracle takes the arguments that the binary takes, and says what is wrong with others',
  () => {
    const answers = askArguments([
      ['--entryPoints.web.address=:8000', '--providers.kubernetesCRD=true', '--ping.entryPoint=web'],
      ['--entryPoints.web.adress=:8000'],
      ['--entryPoints.web.address=:8000/tls'],
      ['--core.defaultRuleSyntax=v4'],
      ['--certificatesResolvers.letsencrypt.acme.storage='],
    ]);
    expect(answers).toEqual([
      { ok: true },
      { ok: false, error: 'field not found, node: adress' },
      { ok: false, error: 'entry point "web": invalid protocol: tls' },
      { ok: false, error: 'unsupported default rule syntax configuration: "v4"' },
      { ok: false, error: expect.stringContaining('no storage location') },
    ]);
  },
  ORACLE_TIMEOUT,
);
