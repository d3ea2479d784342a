// What `isonet bench` starts for each of isonet's own candidates: a process with the command line's backends and models.
import { serveCandidate } from '@isonet/bench';
import { models } from '@isonet/runs';
import { backends } from './backends.ts';

await serveCandidate({ backends, models, cwd: process.cwd() }, process.argv[2] ?? '');
// A device's threads may keep a process that has nothing left to do.
process.exit();
