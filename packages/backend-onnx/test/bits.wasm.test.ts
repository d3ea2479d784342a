// Tests the bits of WebAssembly, which specifies its arithmetic exactly: the recorded bits are the same on every machine.
import { describeBits } from '@isonet/conformance/vitest';
import { onnx } from '../src/index.ts';

describeBits(
  { name: 'onnx (wasm)', open: () => onnx.open({ device: 'wasm', threads: 1 }) },
  new URL('bits.wasm.json', import.meta.url),
  'any',
);
