// What `isonet` starts: main() of cli.ts in this process. All else is in there, where it can be tested.
import { main } from './cli.ts';
import { processIo } from './processIo.ts';

process.exitCode = await main(process.argv.slice(2), processIo());
