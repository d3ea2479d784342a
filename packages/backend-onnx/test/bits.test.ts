// Tests the bits of the CPU provider. They depend on the machine, because ONNX Runtime's kernels differ between SSE, AVX2 and AVX-512.
import { describeBits } from '@isonet/conformance/vitest';
import { onnxHere as onnx } from '../src/index.ts';

describeBits({ name: 'onnx', open: () => onnx.open() }, new URL('bits.json', import.meta.url));
