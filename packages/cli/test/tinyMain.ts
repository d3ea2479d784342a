// The command line with only the tiny network and the reference backend, as the process that terminal.test.ts and outputs.test.ts
// start.
import { main } from '../src/cli.ts';
import { processIo } from '../src/processIo.ts';
import { tinyTables } from './tables.ts';

process.exitCode = await main(process.argv.slice(2), processIo(), tinyTables);
