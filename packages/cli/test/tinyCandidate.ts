// What `isonet bench` starts in tests: the tiny network and the reference.
import { serveCandidate } from '@isonet/bench';
import { tinyTables } from './tables.ts';

await serveCandidate({ ...tinyTables, cwd: process.cwd() }, process.argv[2] ?? '');
process.exit();
