// What `isonet` starts: main() of cli.ts in this process. All else is in there, where it can be tested.
import { main } from './cli.ts';
import { processIo } from './io.ts';

// `isonet summary nin | head -3` closes the pipe before all is written: that is not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await main(process.argv.slice(2), processIo());
