// The whole suite on every adapter of this machine. The software driver always appears: where it is missing, as one skipped
// test that says why.
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
    ...(kind === 'software' ? { skipHeavy: 'a software driver takes minutes for it' } : {}),
  });
}

if (!adapters.some(({ kind }) => kind === 'software')) {
  describeConformance({
    name: 'webgpu (software)',
    open: () => webgpu.open({ device: 'software' }),
    unavailable: absent.map(({ reason, fix }) => `${reason}; ${fix}`).join('; '),
  });
}
