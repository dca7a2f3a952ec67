/** @type {import('jest').Config} */
module.exports = {
  roots: ['<rootDir>/test', '<rootDir>/examples'],
  testMatch: ['**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/built.ts',
  // Machines that share their cores with others take longer; what hangs is still found.
  testTimeout: 60_000,
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  moduleNameMapper: { '^traefik-ha$': '<rootDir>/lib/index.ts' },
};
