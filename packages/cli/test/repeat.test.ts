// Tests that every backend is reproducible: the same seed leads to the same weights, bit for bit, in another process, too.
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { probe } from '@isonet/runs';
import { describe, expect, it } from 'vitest';
import { backends } from '../src/backends.ts';

const script = fileURLToPath(new URL('trainOnce.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const conditions = process.env['TEST_BUILT'] === '1' ? [] : ['--conditions=@isonet/source'];

/** Trains two steps in a separate process. @returns the digest of the state */
async function trained(backend: string, device: string): Promise<string> {
  const args = [...conditions, '--import', tsx, script, backend, device];
  return (await promisify(execFile)(process.execPath, args)).stdout;
}

const found = await Promise.all(
  backends.map(async (entry) => {
    const result = await probe(entry);
    return result.ok ? result.devices.map(({ id }) => ({ backend: entry.name, device: id })) : [];
  }),
);
// TensorFlow.js in plain JavaScript takes minutes, and its arithmetic is that of the JavaScript engine.
const devices = found.flat().filter(({ device, backend }) => backend !== 'tfjs' || device !== 'cpu');

describe('two processes', () => {
  for (const { backend, device } of devices) {
    it(`train to the same bits on ${backend}, ${device}`, { timeout: 120_000 }, async ({ skip }) => {
      const first = await trained(backend, device);
      skip(first === 'not claimed', 'the device does not claim to be reproducible');
      skip(first.startsWith('not opened: '), first);
      expect(first).toMatch(/^[0-9a-f]{64}$/);
      expect(await trained(backend, device)).toBe(first);
    });
  }
});
