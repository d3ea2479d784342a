// The claims of ONNX Runtime's own WebGPU provider, and the nodes that it cannot run, natively and in browsers.
import type { Claims, Node, TensorType } from '@isonet/core';

export const claims: Claims = {
  heldAs: 'float32',
  reproducible: false,
  subnormals: false,
  nonFinite: false,
  maxima: { max: 'none', reduceMax: 'none', maxPool2d: 'none' },
};

/** Returns why the provider cannot run a node (docs/faults.md), although a session with it can be created. */
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
        : `${provider} has a kernel for it only for float32`;
    default:
      return undefined;
  }
}
