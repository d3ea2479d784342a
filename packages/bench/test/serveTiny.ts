// The isonet candidate in tests: the tiny network, on the reference backend.
import { serveCandidate } from '../src/index.ts';
import { tinyTables } from './context.ts';

await serveCandidate({ ...tinyTables, cwd: process.cwd() }, process.argv[2] ?? '');
process.exit();
