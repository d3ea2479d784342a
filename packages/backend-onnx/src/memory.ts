// The memory of states: the host's, which is where ONNX Runtime's cpu provider computes. What a run gives becomes what the
// next is fed, without a copy; held arrays are never written to. What enters or leaves is copied.
import type { SyncMemory, Tensor } from '@isonet/core';

export const hostMemory: SyncMemory<Tensor> = {
  upload: (tensors) => tensors.map(({ tensor }) => copied(tensor)),
  download: (entries) => Object.fromEntries(entries.map(({ name, handle }) => [name, copied(handle)])),
};

function copied(tensor: Tensor): Tensor {
  // A slice is an array of the same kind; TypeScript forgets that it goes with the dtype.
  return { ...tensor, data: tensor.data.slice() } as Tensor;
}
