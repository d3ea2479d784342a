// The gradient of maxPool2d -> along the rows, then along the columns: each window sends its gradient to its first maximum, which is
// the first one in row-major order overall. `x: [N, C, H, W], y, dy: [N, C, OH, OW] -> [N, C, H, W]`
import type { Node, NodeOf } from '@isonet/core';
import { maxPool2dGrad as plain } from '../gradients/maxPool2dGrad.ts';
import type { OnnxKernel, Writer } from '../writer/writer.ts';
import { inPixels, pixelDims, pixelsOf, setPixels, viewed } from './form.ts';
import type { Line } from './lines.ts';
import { isIdentity, lineDims, seen, sharedOut, spread } from './lines.ts';
import { rowMaxima } from './maxPool2d.ts';

export const maxPool2dGrad: OnnxKernel<'maxPool2dGrad'> = (node, values, writer) => {
  const {
    inputs: [x, , dy],
    outputs: [dx],
  } = values;
  if (!inPixels(x, writer)) return plain(node, values, writer);
  const user = writer.soleUser(dx);
  if (user && pooledRelu(user, writer) === node) return; // reluGrad writes it
  setPixels(dx, maxPoolGradient(node, pixelsOf(dy, writer), writer), writer);
};

/** @param dy the gradient of the maxima, in pixels @returns the gradient of x */
export function maxPoolGradient(
  { inputs: [x, y], attrs }: NodeOf<'maxPool2dGrad'>,
  dy: string,
  writer: Writer,
): string {
  const { across, down, rows } = rowMaxima(x, writer.shape4(y), attrs, writer);
  const forRows = alongLine({ x: rows, y: pixelsOf(y, writer), dy }, down, writer);
  const gradient = alongLine({ x: pixelsOf(x, writer), y: rows, dy: forRows }, across, writer);
  return viewed(gradient, pixelDims(writer.shape4(x)), writer);
}

/**
 * Returns the gradient of the max pooling of relu's result, if relu receives no other gradient. The two gradients are
 * then written together.
 */
export function pooledRelu(node: Node, writer: Writer): NodeOf<'maxPool2dGrad'> | undefined {
  if (node.op !== 'reluGrad') return undefined;
  const [y, dy] = node.inputs;
  const pool = writer.producer(dy);
  const isOnlyGradient = pool?.op === 'maxPool2dGrad' && pool.inputs[0] === y && writer.soleUser(dy) === node;
  return isOnlyGradient && inPixels(y, writer) ? pool : undefined;
}

interface Pooled {
  readonly x: string;
  readonly y: string;
  readonly dy: string;
}

function alongLine(names: Pooled, line: Line, writer: Writer): string {
  if (isIdentity(line)) return names.dy;
  const dims = lineDims(line);
  const [y, dy] = [viewed(names.y, dims.y, writer), viewed(names.dy, dims.y, writer)];
  const positions = seen(viewed(names.x, dims.x, writer), line, line.kernel - 1, writer);
  return spread(sharedOut(positions, y, dy, writer), line, writer);
}
