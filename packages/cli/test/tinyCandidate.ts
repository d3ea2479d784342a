// The program that `isonet bench` starts in tests: it serves the tiny network and the reference backend.
import { serveCandidate } from '@isonet/bench';
import { tinyTables } from './tables.ts';

await serveCandidate({ ...tinyTables, cwd: process.cwd() }, process.argv[2] ?? '');
process.exit();
