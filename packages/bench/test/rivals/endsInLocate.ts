// Runs a benchmark that ends while Python imports a library, as after a second Ctrl-C. The argument is a file that Python writes.
import { existsSync } from 'node:fs';
import { findRival } from '../../src/rivals/index.ts';

const [, , pidFile = ''] = process.argv;
setInterval(() => {
  if (existsSync(pidFile)) process.exit(130);
}, 50);
const rival = await findRival('torch', process.cwd());
await rival.locate(process.cwd());
