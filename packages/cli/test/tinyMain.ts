// The command line in a process of its own, with the tiny network and the reference alone: what terminal.test.ts and
// outputs.test.ts start.
import { main } from '../src/cli.ts';
import { processIo } from '../src/processIo.ts';
import { tinyTables } from './tables.ts';

process.exitCode = await main(process.argv.slice(2), processIo(), tinyTables);
