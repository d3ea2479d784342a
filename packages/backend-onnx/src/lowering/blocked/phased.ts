// Pixels that were computed phase by phase (window.ts), put together: every row of one block of channels is copied once.
import type { Shape4 } from '@isonet/core';
import { defined, float32, int32 } from '@isonet/core';
import type { Writer } from '@isonet/onnx/write';
import type { Layout } from './layout.ts';
import { roundUp, view } from './layout.ts';
import type { Phase, Window1 } from './window.ts';
import { placesOf } from './window.ts';

/** An axis and its phases. */
export interface PhasedAxis {
  readonly window: Window1;
  readonly phases: readonly Phase[];
}

/**
 * @param part the name of a phase's result, `[N, Cp, rows, columns]`; undefined where no tap reaches it, so that it is zero
 * @returns the whole: `[N, Cp, H, W]`
 */
export function putTogether(
  [down, across]: readonly [PhasedAxis, PhasedAxis],
  [n, c, h, w]: Shape4,
  part: (down: Phase, across: Phase) => string | undefined,
  { block }: Layout,
  writer: Writer,
): string {
  const [cp, blocks] = [roundUp(c, block), n * Math.ceil(c / block)];
  const parts = down.phases.map((row) => across.phases.map((column) => part(row, column)));
  const [only] = parts.flat();
  const isWhole = parts.flat().length === 1 && only !== undefined && fills(down) && fills(across);
  if (isWhole) return only;

  let count = 0;
  const names: string[] = [];
  const starts = parts.map((list, i) =>
    list.map((name, j): number | undefined => {
      if (name === undefined) return undefined;
      const [row, column] = [defined(down.phases[i], 'a phase'), defined(across.phases[j], 'a phase')];
      const start = count;
      count += row.rows * column.rows;
      names.push(view(writer, name, [blocks, row.rows * column.rows, block]));
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
  const picked = writer.emit('Gather', [joined, writer.constant(int32([table.length], table))], { axis: 1 });
  return view(writer, picked, [n, cp, h, w]);
}

function fills({ window, phases: [phase] }: PhasedAxis): boolean {
  return phase?.skip === 0 && phase.rows === window.size;
}
