// Interpolation along one axis as a matrix `[to, from]`: linear and cubic (Keys 1981), with ONNX's antialiasing.
import { spend } from '../../host/budget.ts';
import type { HostTensor } from '../../hostTensor.ts';
import { hostTensor } from '../../hostTensor.ts';
import type { NodeReader } from '../../node.ts';
import type { Coordinate, Scaling } from './coordinates.ts';

/** The weighting of neighbors. */
export interface Interpolation {
  readonly mode: 'linear' | 'cubic';
  readonly coordinate: Coordinate;
  /** The coefficient of the cubic. */
  readonly cubic: number;
  /** Whether neighbors outside the axis have no weight. Otherwise the edge is repeated. */
  readonly excludesOutside: boolean;
  /** Whether the kernel widens as the axis shrinks. */
  readonly antialias: boolean;
}

/** Returns the matrix whose row i has the weights for pixel i of the result. */
export function interpolationMatrix(node: NodeReader, scaling: Scaling, how: Interpolation): HostTensor {
  const { from, to, exact } = scaling;
  const matrix = new Float64Array(spend(node, [to, from]));
  const stretch = how.antialias ? Math.min(exact / from, 1) : 1;
  const reach = (how.mode === 'linear' ? 1 : 2) / stretch;
  const first = Math.floor(-reach) + 1;
  for (let i = 0; i < to; i++) {
    const x = how.coordinate(i, scaling);
    // The neighbor strictly to the left of x.
    const base = Math.ceil(x) - 1;
    const row = new Map<number, number>();
    let total = 0;
    for (let k = first; k <= 1 - first; k++) {
      const at = base + k;
      if (how.excludesOutside && (at < 0 || at >= from)) continue;
      const weight = weightOf(how, Math.abs(at - x) * stretch);
      const column = Math.min(Math.max(at, 0), from - 1);
      row.set(column, (row.get(column) ?? 0) + weight);
      total += weight;
    }
    for (const [column, weight] of row) matrix[i * from + column] = weight / total;
  }
  return hostTensor('float', [to, from], matrix);
}

/** Returns the weight of a neighbor at a distance. */
function weightOf({ mode, cubic: a }: Interpolation, distance: number): number {
  if (mode === 'linear') return Math.max(1 - distance, 0);
  if (distance <= 1) return ((a + 2) * distance - (a + 3)) * distance ** 2 + 1;
  return distance < 2 ? ((distance - 5) * distance + 8) * distance * a - 4 * a : 0;
}
