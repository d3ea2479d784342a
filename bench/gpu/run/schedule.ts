// The parts in the order in which they run. The most important come first, since time may run out.

export interface Scheduled {
  /** Of its JSON, and on the command line. */
  readonly name: string;
  /** The file of parts/, without its ending. */
  readonly part: string;
  /** At most; less where less is left. */
  readonly seconds: number;
  /** `BACKEND:DEVICE`. */
  readonly device?: string;
  /** The device of a rehearsal without a GPU. */
  readonly rehearsal?: string;
  /** Is skipped where no Vulkan driver for a GPU is found. */
  readonly needsVulkan?: boolean;
  readonly tf32?: boolean;
  readonly forwardOnly?: boolean;
}

const webgpu = { device: 'webgpu:gpu', rehearsal: 'webgpu:fallback', needsVulkan: true };
const cuda = { device: 'onnx:cuda', rehearsal: 'onnx:cpu' };
/** ONNX Runtime's own WebGPU provider, whose MaxPool has no indices, which gradients need. */
const onnxWebgpu = { device: 'onnx:webgpu', rehearsal: 'onnx:cpu', needsVulkan: true };

export const schedule: readonly Scheduled[] = [
  { name: 'adapters', part: 'adapters', seconds: 40 },
  { name: 'system', part: 'system', seconds: 30 },
  { name: 'backends', part: 'backends', seconds: 30 },
  { name: 'steps-webgpu', part: 'steps', seconds: 75, ...webgpu },
  { name: 'conformance-webgpu', part: 'conformance', seconds: 150, ...webgpu },
  { name: 'torch', part: 'torchBaseline', seconds: 90 },
  { name: 'steps-cuda', part: 'steps', seconds: 100, ...cuda },
  { name: 'conformance-cuda', part: 'conformance', seconds: 120, ...cuda },
  { name: 'steps-cuda-tf32', part: 'steps', seconds: 50, ...cuda, tf32: true },
  { name: 'products-webgpu', part: 'products', seconds: 40, ...webgpu },
  { name: 'epoch-webgpu', part: 'epoch', seconds: 60, ...webgpu },
  { name: 'epoch-cuda', part: 'epoch', seconds: 60, ...cuda },
  { name: 'profile-webgpu', part: 'profile', seconds: 45, ...webgpu },
  { name: 'forward-onnx-webgpu', part: 'steps', seconds: 50, ...onnxWebgpu, forwardOnly: true },
];

/** @throws Error for an unknown name */
export function chosen(names: readonly string[]): readonly Scheduled[] {
  const known = schedule.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(`there is no part "${unknown}"; expected some of ${known.join(', ')}`);
  return names.length === 0 ? schedule : schedule.filter(({ name }) => names.includes(name));
}
