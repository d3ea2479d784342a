// SwiftShader's code generator uses only SSE, so the bits are the same on processors with and without AVX and AVX-512.
import { describeBits } from '@isonet/conformance/vitest';
import { listAdapters } from '../src/adapters/open.ts';
import { webgpu } from '../src/index.ts';

const { adapters, absent } = await listAdapters();
const found = adapters.some(({ id }) => id === 'software');

describeBits(
  {
    name: 'webgpu (software)',
    open: () => webgpu.open({ device: 'software' }),
    unavailable: found ? undefined : absent.map(({ reason, fix }) => `${reason}; ${fix}`).join('; '),
  },
  new URL('bits.json', import.meta.url),
  'any',
);
