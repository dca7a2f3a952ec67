import { cpus } from 'node:os';
import { derive } from './derive.js';
import { imports } from './import.js';
import { synthesis } from './synthesis.js';

/** Prints what docs/performance.md holds. Ratios count, and compare what was measured in the same run. */
console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}\n`);
console.log(`${imports()}\n`);
console.log(`${synthesis()}\n`);
console.log(derive());
