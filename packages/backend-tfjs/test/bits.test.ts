// WebAssembly specifies its arithmetic exactly, so the bits are the same on x64 with and without AVX, and on arm64.
import { describeBits } from '@isonet/conformance/vitest';
import { tfjs } from '../src/index.ts';

describeBits(
  { name: 'tfjs (wasm)', open: () => tfjs.open({ device: 'wasm' }) },
  new URL('bits.json', import.meta.url),
  'any',
);
