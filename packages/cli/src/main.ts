// The entry point of `isonet`: runs main() of cli.ts in this process. All other code is in cli.ts, where tests can call it.
import { main } from './cli.ts';
import { processIo } from './processIo.ts';

process.exitCode = await main(process.argv.slice(2), processIo());
