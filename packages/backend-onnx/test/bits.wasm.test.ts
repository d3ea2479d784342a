// WebAssembly has one arithmetic: the recorded bits are those of every machine.
import { describeBits } from '@isonet/conformance/vitest';
import { onnx } from '../src/index.ts';

describeBits(
  { name: 'onnx (wasm)', open: () => onnx.open({ device: 'wasm', threads: 1 }) },
  new URL('bits.wasm.json', import.meta.url),
  'any',
);
