// Measures the cost of reading the worst safetensors headers: seconds, and peak memory, which may be at most four times
// the size of the file plus 50 MB.
//   npm run bench:safetensors -- --megabytes 16
import { parseArgs } from 'node:util';
import { allowed, costOf, headers } from './headers.ts';

const { values: options } = parseArgs({ options: { megabytes: { type: 'string', default: '15.9' } } });

for (const name of Object.keys(headers)) {
  const { file, peak, seconds, result } = await costOf(name, Number(options.megabytes));
  const numbers = `${file.toFixed(1)} MB, peak ${peak.toFixed(0)} of ${allowed(file).toFixed(0)} MB, ${seconds.toFixed(2)} s`;
  process.stdout.write(`${name}: ${numbers}; ${result.slice(0, 70)}\n`);
}
