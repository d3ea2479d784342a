// The parts in the order in which they run. The most valuable ones per second come first, since time may run out: the limits add up to
// more than the budget.

export interface Scheduled {
  /** The name of its JSON, and on the command line. */
  readonly name: string;
  /** The file in parts/, without its extension. */
  readonly part: string;
  /** The time limit, unless less time remains. */
  readonly seconds: number;
  /** `BACKEND:DEVICE`. */
  readonly device?: string;
  /** The device of a rehearsal without a GPU. */
  readonly rehearsal?: string;
  /** Whether to skip it if no Vulkan driver for a GPU is found. */
  readonly needsVulkan?: boolean;
  readonly tf32?: boolean;
  readonly forwardOnly?: boolean;
}

const webgpu = { device: 'webgpu:gpu', rehearsal: 'webgpu:fallback', needsVulkan: true };
const cuda = { device: 'onnx:cuda', rehearsal: 'onnx:cpu' };
/** ONNX Runtime's own WebGPU provider. Only its forward passes are measured. */
const onnxWebgpu = { device: 'onnx:webgpu', rehearsal: 'onnx:cpu', needsVulkan: true };

export const schedule: readonly Scheduled[] = [
  { name: 'adapters', part: 'adapters', seconds: 40 },
  { name: 'system', part: 'system', seconds: 30 },
  { name: 'backends', part: 'backends', seconds: 30 },
  { name: 'steps-webgpu', part: 'steps', seconds: 75, ...webgpu },
  { name: 'steps-cuda', part: 'steps', seconds: 150, ...cuda },
  { name: 'torch', part: 'torchBaseline', seconds: 90 },
  { name: 'epoch-cuda', part: 'epoch', seconds: 40, ...cuda },
  { name: 'epoch-webgpu', part: 'epoch', seconds: 40, ...webgpu },
  { name: 'steps-cuda-tf32', part: 'steps', seconds: 120, ...cuda, tf32: true },
  { name: 'conformance-cuda', part: 'conformance', seconds: 150, ...cuda },
  { name: 'conformance-webgpu', part: 'conformance', seconds: 150, ...webgpu },
  { name: 'products-webgpu', part: 'products', seconds: 40, ...webgpu },
  { name: 'bench', part: 'bench', seconds: 60 },
  { name: 'profile-webgpu', part: 'profile', seconds: 45, ...webgpu },
  { name: 'forward-onnx-webgpu', part: 'steps', seconds: 50, ...onnxWebgpu, forwardOnly: true },
];

const WITHOUT = '--without';

/**
 * Selects the parts to run.
 * @param args names of parts, or `--without` and the parts to leave out; all parts if empty
 * @throws Error for an unknown name
 */
export function chosen(args: readonly string[]): readonly Scheduled[] {
  const without = args[0] === WITHOUT;
  const names = without ? args.slice(1) : args;
  const known = schedule.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(`unknown part "${unknown}": expected some of ${known.join(', ')}`);
  if (without && names.length === 0) throw new Error(`${WITHOUT}: list the parts to leave out`);
  if (names.length === 0) return schedule;
  return schedule.filter(({ name }) => names.includes(name) !== without);
}
