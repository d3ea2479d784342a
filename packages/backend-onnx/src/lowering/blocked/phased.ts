// Assembles images from pixels that were computed phase by phase (window.ts).
import type { Shape4 } from '@isonet/core';
import { defined, float32, int32 } from '@isonet/core';
import type { Writer } from '@isonet/onnx/write';
import type { Layout } from './layout.ts';
import { roundUp, view } from './layout.ts';
import type { AxisWindow, Phase } from './window.ts';
import { placesOf } from './window.ts';

/** An axis and its phases. */
export interface PhasedAxis {
  readonly window: AxisWindow;
  readonly phases: readonly Phase[];
}

/**
 * The results by phase, down and across: `[N, Cp, rows, columns]`; undefined for a phase whose pixels are 0 because
 * no tap reaches them.
 */
type Parts = readonly (readonly (string | undefined)[])[];

/**
 * Assembles an image from the results of its phases.
 * @param part returns the name of a phase's result
 * @returns the name of the image: `[N, Cp, H, W]`
 */
export function assemble(
  axes: readonly [PhasedAxis, PhasedAxis],
  [n, c, h, w]: Shape4,
  part: (down: Phase, across: Phase) => string | undefined,
  layout: Layout,
  writer: Writer,
): string {
  const [down, across] = axes;
  const parts = down.phases.map((row) => across.phases.map((column) => part(row, column)));
  const blocks = n * Math.ceil(c / layout.block);
  const isEven = axes.every(isInterleaved) && parts.flat().every((name) => name !== undefined);
  const whole = isEven ? interleaved : gathered;
  const result = whole(axes, parts, blocks, layout, writer);
  const isWhole = result === parts[0]?.[0];
  return isWhole ? result : view(writer, result, [n, roundUp(c, layout.block), h, w]);
}

/** Returns whether a single correlation computes exactly the pixels of the axis. */
export function isOnePhase({ window, phases: [phase, ...others] }: PhasedAxis): boolean {
  return others.length === 0 && phase?.skip === 0 && phase.rows === window.size;
}

/** Returns whether all phases have the same number of pixels, which alternate along the entire axis. */
function isInterleaved({ window, phases }: PhasedAxis): boolean {
  const { size, stride } = window;
  return (
    phases.length === stride &&
    phases.every(({ skip, rows, count }) => skip === 0 && rows === count && count * stride === size)
  );
}

/** Interleaves the phases with one copy along each axis. */
function interleaved(
  [down, across]: readonly [PhasedAxis, PhasedAxis],
  parts: Parts,
  blocks: number,
  { block }: Layout,
  writer: Writer,
): string {
  const [h, w] = [down.window.size, across.window.size];
  const rows = h / down.window.stride;
  const columns = w / across.window.stride;
  const alternate = (
    phases: readonly Phase[],
    names: readonly (string | undefined)[],
    shape: readonly number[],
    axis: number,
  ): string => {
    const inOrder = phases.map(({ first }, i) => [first, defined(names[i], 'a part')] as const);
    const sorted = inOrder.toSorted(([a], [b]) => a - b).map(([, name]) => name);
    const [only, ...others] = sorted;
    if (only !== undefined && others.length === 0) return only;
    const views = sorted.map((name) => view(writer, name, shape));
    return writer.emit('Concat', views, { axis });
  };
  const lines = parts.map((names) => alternate(across.phases, names, [blocks * rows, columns, 1, block], 2));
  return alternate(down.phases, lines, [blocks, rows, 1, w * block], 2);
}

/** Gathers the pixels of each block one by one. */
function gathered(
  [down, across]: readonly [PhasedAxis, PhasedAxis],
  parts: Parts,
  blocks: number,
  { block }: Layout,
  writer: Writer,
): string {
  let count = 0;
  const names: string[] = [];
  const starts = parts.map((list, i) =>
    list.map((name, j): number | undefined => {
      if (name === undefined) return undefined;
      const size = defined(down.phases[i], 'a phase').rows * defined(across.phases[j], 'a phase').rows;
      const start = count;
      count += size;
      names.push(view(writer, name, [blocks, size, block]));
      return start;
    }),
  );
  const zero = count;
  const [rows, columns] = [placesOf(down.window, down.phases), placesOf(across.window, across.phases)];
  const table = rows.flatMap(([i, row]) =>
    columns.map(([j, column]) => {
      const start = starts[i]?.[j];
      return start === undefined ? zero : start + row * defined(across.phases[j], 'a phase').rows + column;
    }),
  );
  const zeros = table.includes(zero)
    ? [writer.constant(float32([blocks, 1, block], new Float32Array(blocks * block)))]
    : [];
  const all = [...names, ...zeros];
  const joined = all.length === 1 ? defined(all[0], 'a part') : writer.emit('Concat', all, { axis: 1 });
  return writer.emit('Gather', [joined, writer.constant(int32([table.length], table))], { axis: 1 });
}
