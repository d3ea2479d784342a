// Measures square matrix products on one device: GFLOP/s, and the relative error of 16 elements of the last row against float64.
import { defined, GraphBuilder } from '@isonet/core';
import { openPart } from '../kit/device.ts';
import { uniform } from '../kit/networks.ts';
import { runPart, WrongResult } from '../kit/part.ts';
import type { Timing } from '../kit/timing.ts';
import { shown, stopwatch, timed } from '../kit/timing.ts';

/** Far above the float32 rounding of 4096 positive terms, and far below the error of a wrong element. */
const MOST_OFF = 1e-4;

interface Row extends Timing {
  /** From the chained time. */
  readonly gigaflops: number;
  readonly relativeError: number;
}

await runPart(async (part) => {
  const { device } = await openPart(part);
  const rows: Record<string, Row> = {};
  for (const n of part.small ? [64] : [1024, 2048, 4096]) {
    const b = new GraphBuilder(`matMul ${n}`);
    const type = { dtype: 'float32', shape: [n, n] } as const;
    const z = b.op.matMul(b.state('x', type), b.state('y', type), { transposeA: false, transposeB: false });
    // Only one row is read: reading the whole product would time the copy to the host.
    b.output('row', b.op.slice(z, { starts: [n - 1, 0], sizes: [1, n] }));
    await using program = await device.compile(b.build());
    const [x, y] = [uniform([n, n], 'x'), uniform([n, n], 'y')];
    await using state = await device.createState({ x, y });
    const { result, milliseconds: first } = await stopwatch(() => program.run(state, {}).read());
    const got = defined(result['row'], 'the last row').data;
    const at = (data: Float32Array, i: number): number => defined(data[i], `element ${i}`);
    let relativeError = 0;
    for (let j = 0; j < n; j += Math.ceil(n / 16)) {
      let exact = 0;
      for (let k = 0; k < n; k++) exact += at(x.data, (n - 1) * n + k) * at(y.data, k * n + j);
      relativeError = Math.max(relativeError, Math.abs(Number(got[j]) - exact) / exact);
    }
    const { small, late } = part;
    const timing = await timed(
      async () => {
        const execution = program.run(state, {});
        return () => execution.read();
      },
      { first, small, late },
    );
    const gigaflops = (2 * n ** 3) / timing.chained.median / 1e6;
    rows[n] = { ...timing, gigaflops, relativeError };
    part.save({ device: device.info, products: rows });
    part.log(
      `${n}: ${shown(timing.chained.median)} ms chained, ${shown(gigaflops)} GFLOP/s, relative error ${relativeError.toExponential(1)}`,
    );
  }
  const line = Object.entries(rows).map(([n, { gigaflops }]) => `${n} ${shown(gigaflops)}`);
  const wrong = Object.entries(rows).filter(([, { relativeError }]) => !(relativeError < MOST_OFF));
  if (wrong.length > 0) throw new WrongResult(`WRONG for ${wrong.map(([n]) => n).join(', ')}`);
  return `GFLOP/s: ${line.join(', ')}`;
});
