// The process that repeat.test.ts starts. Trains NiN for two steps, with dropout, on the backend and device of its arguments. Prints the
// digest of the whole state, `not claimed` for a device that does not claim to be reproducible, or `not opened: ` with the reason for a
// device that does not open.
import { createHash } from 'node:crypto';
import type { Device } from '@isonet/core';
import { BackendError, he, initialize, sgd, stateOf, Trainer } from '@isonet/core';
import { loadFashionMnistSample } from '@isonet/data';
import { loadModel, models } from '@isonet/runs';
import { backends } from '../src/backends.ts';

const [name, deviceId] = process.argv.slice(2);
const entry = backends.find((backend) => backend.name === name);
process.stdout.write(await trained());

async function trained(): Promise<string> {
  const opened = await open();
  if (typeof opened === 'string') return opened;
  await using device = opened;
  // A device without this claim need not be able to train.
  if (!device.numerics.float32.reproducible) return 'not claimed';
  const model = await loadModel(models, 'nin');
  const { train } = await loadFashionMnistSample();
  await using trainer = await Trainer.create({
    model,
    device,
    optimizer: sgd({ momentum: 0.9, nesterov: true, weightDecay: 5e-4 }),
    values: initialize(stateOf(model).parameters, he, 11),
    seed: 11,
  });
  for (const [step, batch] of [4, 2].entries()) {
    const images = train.batch(Uint32Array.from({ length: batch }, (_, i) => step * 4 + i));
    const read = await trainer.step(images, step, 0.05);
    await read();
  }
  const digest = createHash('sha256');
  for (const [key, { data }] of Object.entries(await trainer.state.read()).toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  )) {
    digest.update(key).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return digest.digest('hex');
}

async function open(): Promise<Device | string> {
  if (!entry) throw new Error(`no backend "${name}"`);
  const backend = await entry.load();
  try {
    return await backend.open(deviceId === undefined ? {} : { device: deviceId });
  } catch (error) {
    if (error instanceof BackendError) return `not opened: ${error.message}`;
    throw error;
  }
}
