/** The proofs on the lab: one after the other, in one process, so that Ctrl-C ends all. @type {import('jest').Config} */
module.exports = {
  ...require('./jest.config.js'),
  roots: ['<rootDir>/test/e2e'],
  testMatch: ['**/*.e2e.ts'],
  testTimeout: 20 * 60_000,
  bail: 0,
  verbose: true,
};
