import type { Device, Each, InputsOf, Node, NodeOf, OpName, Value } from '@isonet/core';
import { GraphBuilder } from '@isonet/core';
/** What stands in a node's place, or undefined where the node stays. */
export type Replace = (b: GraphBuilder, node: Node, inputs: readonly Value[]) => readonly Value[] | undefined;
/** The device, but it computes some nodes otherwise. */
export declare function withKernel(device: Device, replace: Replace): Device;
/** The device, but the updates of a run are committed one by one: each sees those before it. */
export declare function withEarlyUpdates(device: Device): Device;
/**
 * Rounded to `bits` significant bits, in float64 arithmetic (Dekker 1971; Veltkamp's splitting). Only for a device that
 * computes in float64.
 */
export declare function rounded(b: GraphBuilder, value: Value, bits: number): Value;
/** Every result of every op rounded to float32: not a fault, but what an honest device does. */
export declare const roundedToFloat32: Replace;
/** What stands in the place of one op's nodes. */
export declare function instead<K extends OpName>(
  op: K,
  make: (b: GraphBuilder, inputs: Each<InputsOf<K>, Value>, node: NodeOf<K>) => readonly Value[] | undefined,
): Replace;
/** The operands of one op changed on their way in. */
export declare function operands<K extends OpName>(
  op: K,
  change: (b: GraphBuilder, inputs: Each<InputsOf<K>, Value>) => readonly Value[],
): Replace;
/** x, a little more from value to value: of equal ones, the last is the largest. */
export declare function rising(b: GraphBuilder, x: Value): Value;
//# sourceMappingURL=devices.d.ts.map
