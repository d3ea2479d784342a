// Runs the whole conformance suite on every adapter of this machine. If the software driver is missing, it appears as one skipped
// test with the reason.
import { describeConformance } from '@isonet/conformance/vitest';
import { listAdapters } from '../src/adapters/open.ts';
import { webgpu } from '../src/index.ts';

const { adapters, absent } = await listAdapters();

for (const { id, kind } of adapters) {
  describeConformance({
    ...webgpu,
    name: `webgpu (${id})`,
    open: (options) => webgpu.open({ device: id, ...options }),
    timeoutMs: 180_000,
    ...(kind === 'software' ? { skipHeavy: 'it takes minutes on a software driver' } : {}),
  });
}

if (!adapters.some(({ kind }) => kind === 'software')) {
  describeConformance({
    name: 'webgpu (software)',
    open: () => webgpu.open({ device: 'software' }),
    unavailable: absent.map(({ reason, fix }) => `${reason}; ${fix}`).join('; '),
  });
}
