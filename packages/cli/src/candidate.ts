// What `isonet bench` starts for each of isonet's own candidates: a process with the command line's backends and models.
import { serveCandidate } from '@isonet/bench';
import { models } from '@isonet/runs';
import { backends } from './backends.ts';

const spec = process.argv[2];
if (spec === undefined) {
  process.stderr.write('isonet bench starts this program itself; run: npx isonet bench MODEL\n');
  process.exit(2);
}
await serveCandidate({ backends, models, cwd: process.cwd() }, spec);
// A device's threads may keep a process that has nothing left to do.
process.exit();
