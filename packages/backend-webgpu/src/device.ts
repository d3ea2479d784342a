// The device on an open adapter: its numerics, the ops that it supports, and how it is closed.
import type { Device, Node, TensorType, ValueId, Supports } from '@isonet/core';
import { definitionOf, defined, inTable, makeDevice, nodeText, ShapeError } from '@isonet/core';
import type { Limits, OpenAdapter } from './adapters/gpu.ts';
import { decisiveLimits, identity } from './adapters/gpu.ts';
import { Context } from './context.ts';
import { kernels } from './kernels/index.ts';
import { temporariesTooLarge, tooLarge } from './limits.ts';
import { lowerNode } from './lower.ts';
import { deviceMemory } from './memory.ts';
import { build } from './program.ts';
import { runtimeName, version } from './version.ts';

export function deviceOver(open: OpenAdapter): Device {
  const context = new Context(open);
  return makeDevice<GPUBuffer>({
    backend: 'webgpu',
    info: open.info,
    numerics: {
      // WGSL may flush subnormals, and may assume that there are neither NaN nor infinities. Maxima compare bits (rank.ts).
      float32: {
        heldAs: 'float32',
        reproducible: true,
        subnormals: false,
        nonFinite: false,
        maxima: { max: 'all', reduceMax: 'all', maxPool2d: 'all' },
      },
    },
    runtime: [`@isonet/backend-webgpu ${version}`, runtimeName(), identity(open.adapter)].join(', '),
    options: { device: open.info.id, limits: decisiveLimits(open.limits) },
    memory: deviceMemory(context),
    order: 'immediate',
    supports: (node, types) => supports(node, types, context.limits),
    build: (request) => build(context, request),
    lost: open.lost,
    check: () => context.check(),
    close: () => context.close(),
  });
}

const hasKernel = inTable(kernels);

function supports(node: Node, types: readonly TensorType[], limits: Limits): ReturnType<Supports> {
  const known = hasKernel(node);
  if (known !== true) return known;
  const fail = (message: string): ShapeError => new ShapeError(`${nodeText(node)}: ${message}`);
  const outputs = definitionOf(node.op).infer(types, node.attrs, fail);
  const typeAt = new Map<ValueId, TensorType>();
  node.inputs.forEach((value, i) => typeAt.set(value, defined(types[i], `${nodeText(node)}: type ${i}`)));
  node.outputs.forEach((value, i) =>
    typeAt.set(value, defined(outputs[i], `${nodeText(node)}: result ${i}`)),
  );
  const lowered = defined(
    lowerNode(node, (value) => defined(typeAt.get(value), `the type of %${value}`)),
    `the kernel of ${node.op}`,
  );
  const reasons = [...typeAt.values()].map((type) => tooLarge(type, limits));
  const temporaries = 'aliasOf' in lowered ? undefined : temporariesTooLarge(lowered, limits);
  const reason = [...reasons, temporaries].find((found) => found !== undefined);
  return reason === undefined ? true : { reason, limit: 'size' };
}
