// The memory of state tensors on the device. Each tensor has one buffer, into which runs copy its updates. Every
// operation is enqueued immediately, so that the queue keeps the order of the calls.
import type { Entry, Memory, NamedTensor, Tensors } from '@isonet/core';
import { defined } from '@isonet/core';
import type { Context } from './context.ts';
import { Buffers, USAGE } from './context.ts';
import { Readback, upload } from './transfer.ts';

export function deviceMemory(context: Context): Memory<GPUBuffer> {
  return {
    upload: (tensors) => uploadAll(context, tensors),
    download: (entries) => download(context, entries),
    // Overwrites in place, because bind groups refer to the buffers.
    overwrite: (entries, tensors) => overwrite(context, entries, tensors),
    free: (buffers) => {
      for (const buffer of buffers) buffer.destroy();
    },
  };
}

async function uploadAll(context: Context, tensors: readonly NamedTensor[]): Promise<readonly GPUBuffer[]> {
  const buffers = new Buffers(context);
  try {
    return await context.guarded('state', () => {
      const made = tensors.map(({ name, tensor }) => {
        const usage = USAGE.STORAGE | USAGE.COPY_SRC | USAGE.COPY_DST;
        const buffer = buffers.make(`state ${name}`, 4 * tensor.data.length, usage);
        upload(context.gpu.queue, buffer, tensor);
        return buffer;
      });
      context.flush();
      return made;
    });
  } catch (error) {
    buffers.destroy();
    throw error;
  }
}

async function download(context: Context, entries: readonly Entry<GPUBuffer>[]): Promise<Tensors> {
  const readback = new Readback(entries);
  if (readback.bytes === 0) return {};
  const buffers = new Buffers(context);
  try {
    const staging = await context.guarded('state: read', () => {
      const target = buffers.make('state read', readback.bytes, USAGE.MAP_READ | USAGE.COPY_DST);
      const encoder = context.gpu.createCommandEncoder();
      const sources = entries.map(({ handle }) => handle);
      readback.copy(encoder, sources, target);
      context.gpu.queue.submit([encoder.finish()]);
      return target;
    });
    return await context.mapped('state: read', staging, (bytes) => readback.tensors(bytes));
  } finally {
    buffers.destroy();
  }
}

async function overwrite(
  context: Context,
  entries: readonly Entry<GPUBuffer>[],
  tensors: readonly NamedTensor[],
): Promise<void> {
  await context.guarded('state: write', () => {
    entries.forEach(({ name, handle }, i) => {
      upload(context.gpu.queue, handle, defined(tensors[i], `the new value of "${name}"`).tensor);
    });
    context.flush();
  });
}
