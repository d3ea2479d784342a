// The isonet candidate in tests: the tiny network, on a backend that reports its thread.
import { threaded } from '../../runs/test/devices.ts';
import { serveCandidate } from '../src/index.ts';
import { tinyTables } from './context.ts';

const tables = { ...tinyTables, backends: [threaded] };
await serveCandidate({ ...tables, cwd: process.cwd() }, process.argv[2] ?? '');
process.exit();
