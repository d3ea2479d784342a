// The program that `isonet bench` starts for each isonet candidate: a process with the backends and models of the command line.
import { serveCandidate } from '@isonet/bench';
import { models } from '@isonet/runs';
import { backends } from './backends.ts';

const spec = process.argv[2];
if (spec === undefined) {
  process.stderr.write(
    'isonet bench starts this program; do not run it directly. Run: npx isonet bench MODEL\n',
  );
  process.exit(2);
}
await serveCandidate({ backends, models, cwd: process.cwd() }, spec);
// The threads of a device may keep a finished process alive.
process.exit();
