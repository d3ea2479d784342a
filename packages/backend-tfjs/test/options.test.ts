// Tests of the options of wasm and cpu, and of the plan ids that contain them.
import { describe, expect, it } from 'vitest';
import { tfjs } from '../src/index.ts';
import { planId } from './fakePackage.ts';

describe('options', () => {
  it('that no provider supports are rejected', async () => {
    await expect(tfjs.open({ limits: {} })).rejects.toThrow(
      'tfjs: unknown option "limits"; known: device, threads, tf32',
    );
    await expect(tfjs.open({ device: 'wasm', threads: 0.5 })).rejects.toMatchObject({ code: 'OPTION' });
  });

  it.each(['wasm', 'cpu'])('of the TensorFlow library are rejected by %s', async (device) => {
    await expect(tfjs.open({ device, threads: 2 })).rejects.toMatchObject({
      code: 'OPTION',
      message:
        `tfjs: "${device}" has one thread, got threads: 2; ` +
        'for more, run npx -p @isonet/backend-tfjs isonet-tensorflow and open "tensorflow"',
    });
    await expect(tfjs.open({ device, tf32: true })).rejects.toMatchObject({
      code: 'OPTION',
      message: `tfjs: "${device}" does not support tf32, which needs an NVIDIA GPU; open "cuda"`,
    });
    await using opened = await tfjs.open({ device, threads: 1, tf32: false });
    expect(opened.info.id).toBe(device);
  });
});

describe.each(['wasm', 'cpu'])('plans of %s', (device) => {
  it('do not depend on whether defaults are given explicitly', async () => {
    const ids = [{}, { threads: 1 }, { tf32: false }, { threads: 1, tf32: false }].map(async (options) =>
      planId(await tfjs.open({ device, ...options })),
    );
    expect(new Set(await Promise.all(ids)).size).toBe(1);
  });
});
