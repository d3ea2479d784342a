// Tests ONNX Runtime's own WebGPU provider on SwiftShader, a software driver: forward graphs, gradients and whole steps.
import { GraphBuilder, float32, forward, he, initialize, outputOf, sgd, stateOf, step } from '@isonet/core';
import { checks } from '@isonet/conformance';
import { nin } from '@isonet/models';
import { missingLibrary, openLibrary } from '@isonet/native';
import { encodeModel } from '@isonet/onnx/write';
import { beforeAll, describe, expect, test } from 'vitest';
import { onnx } from '../src/index.ts';
import { kernels } from '../src/lowering/portable.ts';
import { write } from '../src/lowering/write.ts';
import { loadRuntime } from '../src/runtime/load.ts';

/** Functions of isonet's WebGPU backend. They are declared here because its types depend on the types of WebGPU. */
interface Software {
  readonly findSoftware: () => { readonly reason: string } | { readonly archive: string };
  readonly unpackSoftware: (found: {
    readonly archive: string;
  }) => Promise<{ readonly manifest: string; readonly loader: string }>;
}
const path = new URL('../../backend-webgpu/src/adapters/software.ts', import.meta.url).href;
const { findSoftware, unpackSoftware } = (await import(path)) as Software;

const found = findSoftware();
const why = 'reason' in found ? `: ${found.reason}` : '';

describe.skipIf(why !== '')(`the webgpu device on a software driver${why}`, () => {
  const model = nin();
  const parameters = initialize(stateOf(model).parameters, he, 0);

  beforeAll(async () => {
    if ('reason' in found) return;
    const { manifest, loader } = await unpackSoftware(found);
    process.env['VK_DRIVER_FILES'] = manifest;
    const failure = missingLibrary('libvulkan.so.1') === undefined ? undefined : openLibrary(loader);
    if (failure !== undefined) throw new Error(failure);
  });

  test('computes every node, with the same results as the cpu', async () => {
    const images = float32(
      [2, 1, 28, 28],
      Array.from({ length: 2 * 784 }, (_, i) => ((i * 7919) % 256) / 255),
    );
    const { graph } = forward(model, 2);
    const results = await Promise.all(
      ['cpu', 'webgpu'].map(async (id) => {
        await using device = await onnx.open({ device: id });
        await using state = await device.createState(parameters);
        await using program = await device.compile(graph, { frozen: state });
        const { data } = outputOf(await program.run(state, { images }).read(), 'logits');
        return { data: Array.from(data, Number), plan: program.plan.id };
      }),
    );
    const [cpu, gpu] = results;
    expect(gpu?.plan).not.toBe(cpu?.plan);
    const largest = Math.max(...(cpu?.data ?? []).map(Math.abs));
    const apart = Math.max(...(cpu?.data ?? []).map((value, i) => Math.abs(value - (gpu?.data[i] ?? NaN))));
    expect(largest).toBeGreaterThan(0.1);
    expect(apart / largest).toBeLessThan(1e-5);
  });

  test('is listed as a software device', async () => {
    await using device = await onnx.open({ device: 'webgpu' });
    expect(device.info).toEqual({
      id: 'webgpu',
      kind: 'software',
      text: "ONNX Runtime 1.30.0's own WebGPU provider on a software driver; experimental",
    });
    const probe = await onnx.probe();
    expect(probe.ok && probe.devices.find(({ id }) => id === 'webgpu')).toEqual(device.info);
  });

  test('computes the gradients for which the provider lacks correct operators', async () => {
    await using device = await onnx.open({ device: 'webgpu' });
    const keys = new Set([
      'conv2dGradFilter/3x3-stride-2-last-row-unused',
      'conv2dGradInput/depthwise',
      'maxPool2dGrad/3x3-stride-2',
    ]);
    const chosen = checks().filter(({ key }) => keys.has(key));
    expect(chosen).toHaveLength(keys.size);
    for (const check of chosen) {
      expect(await check.run(device, onnx)).toMatchObject({ passed: true, failures: [] });
    }
  });

  test("a training step has a kernel for every node, in the graph's layout", async () => {
    await using device = await onnx.open({ device: 'webgpu' });
    await using program = await device.compile(step(model, 2, sgd({ momentum: 0.9 })));
    expect(program.plan.id).toMatch(/^onnx-/);
  });

  test('reports types without kernels', async () => {
    await using device = await onnx.open({ device: 'webgpu' });
    const b = new GraphBuilder('joined');
    const pair = { dtype: 'bool', shape: [2] } as const;
    b.output('both', b.op.concat(b.input('x', pair), b.input('y', pair), { axis: 0 }));
    await expect(device.compile(b.build())).rejects.toThrow('has a kernel for it only for float32');
  });

  test('rejects a graph with a node that would fall back to the CPU', async () => {
    const runtime = await loadRuntime();
    const b = new GraphBuilder('places');
    const x = b.input('x', { dtype: 'float32', shape: [1, 3] });
    b.output('place', b.op.argMax(x, { axis: 1 }));
    const bytes = encodeModel(write(b.build(), kernels, undefined).graph);
    await expect(runtime.createSession(bytes, { provider: 'webgpu', threads: 1 })).rejects.toThrow(
      'fallback to CPU EP has been explicitly disabled',
    );
  });
});
