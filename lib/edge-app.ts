import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { oldFiles, writeFiles } from './app-files';
import { TraefikHaError } from './model/problem';
import { tokenProblems } from './tokens-in-files';

/**
 * A cdk8s app that also writes what is no manifest, IAM documents and Swarm stacks, and first takes away what an earlier
 * synthesis wrote: a manifest that stays behind would be applied with the others. Where something is wrong, nothing is
 * touched.
 */
export class EdgeApp extends App {
  public override synth(): void {
    const problems = tokenProblems(this);
    if (problems.length > 0) throw new TraefikHaError(problems);
    const isValid = this.node.findAll().every(({ node }) => node.validate().length === 0);
    if (isValid) this.removeOldFiles();
    super.synth();
    writeFiles(this);
  }

  private removeOldFiles(): void {
    const names = existsSync(this.outdir) ? readdirSync(this.outdir) : [];
    const manifests = names.filter((name) => name.endsWith(this.outputFileExtension));
    for (const path of new Set([...manifests, ...oldFiles(this.outdir)])) rmSync(join(this.outdir, path));
  }
}
