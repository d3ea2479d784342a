// The whole suite on every adapter of this machine. The software driver always appears: where it is missing, as one skipped
// test that says why.
import { describeConformance } from '@isonet/conformance/vitest';
import { listAdapters } from '../src/adapters.ts';
import { webgpu } from '../src/index.ts';

const { adapters, absent } = await listAdapters();

for (const { id, kind } of adapters) {
  describeConformance({
    ...webgpu,
    name: `webgpu (${id})`,
    open: (wanted = id) => webgpu.open(wanted),
    timeoutMs: 180_000,
    ...(kind === 'software' ? { tooSlow: 'a software driver takes minutes for it' } : {}),
  });
}

if (!adapters.some(({ kind }) => kind === 'software')) {
  describeConformance({
    name: 'webgpu (software)',
    open: () => webgpu.open('software'),
    unavailable: absent.map(({ reason, cure }) => `${reason}; ${cure}`).join('; '),
  });
}
