// What ONNX Runtime's own WebGPU provider claims, and what it does not run, natively and in browsers.
import type { Claims, Node, TensorType } from '@isonet/core';

export const claims: Claims = {
  heldAs: 'float32',
  reproducible: false,
  subnormals: false,
  nonFinite: false,
  maxima: { max: 'none', reduceMax: 'none', maxPool2d: 'none' },
};

/** Why a node does not run there: what was met (docs/faults.md). Its session would be made all the same. */
export function reasonAgainst({ op }: Node, types: readonly TensorType[]): string | undefined {
  const provider = "ONNX Runtime's WebGPU provider";
  switch (op) {
    case 'logSoftmax':
    case 'lrn':
      return `${provider} has no kernel for it`;
    case 'concat':
    case 'slice':
    case 'transpose':
      return types.every(({ dtype }) => dtype === 'float32')
        ? undefined
        : `${provider} has a kernel of it for float32 only`;
    default:
      return undefined;
  }
}
