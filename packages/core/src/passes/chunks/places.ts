// Places: where each node of a chunked graph is computed, and whether the graph gains by it.
import { defined } from '../../errors.ts';
import type { Node, ValueId } from '../../graph/graph.ts';
import { nodeText } from '../../graph/print.ts';
import { definitionOf } from '../../ops/table.ts';
import type { Batched } from './batch.ts';
import { axisOf } from './batch.ts';
import { rowCuts, sumCuts } from './cuts.ts';

/**
 * Where a node is computed.
 * - `free`: it depends on no image; wherever it is needed.
 * - `before`: it depends on no image, but has numbers for each (random ones); once, for the whole batch.
 * - `rows`: in the body; the parts of its results are joined.
 * - `sums`: in the body; the parts of its results add up.
 * - `after`: it depends on sums, or mixes images in another way.
 */
export type Place = 'free' | 'before' | 'rows' | 'sums' | 'after';

/**
 * The place of every node. Undefined where chunks cannot be or gain nothing: no product (of a convolution or of matrices) is in the
 * body, or one outside of it depends on images one by one (behind batch norm, say).
 */
export function placesOf(batch: Batched): ((node: Node) => Place) | undefined {
  const places = new Map<Node, Place>();
  const at = (node: Node): Place => defined(places.get(node), `the place of ${nodeText(node)}`);
  for (const node of batch.graph.nodes) places.set(node, placeOf(batch, node, at));
  return isFeasible(batch, at) && isWorthwhile(batch, at) ? at : undefined;
}

/** @param at the places of the nodes before it */
function placeOf(batch: Batched, node: Node, at: (node: Node) => Place): Place {
  const apart = node.outputs.every((value) => axisOf(batch, value) !== undefined);
  if (node.inputs.every((value) => batch.coupling(value) === 'none')) {
    // An op with several outputs may give one that depends on no image beside one that mixes them.
    const makers = node.inputs.map(batch.makerOf);
    if (!makers.every((maker) => maker === undefined || at(maker) === 'free')) return 'after';
    if (node.outputs.every((value) => batch.coupling(value) === 'none')) return 'free';
    return apart ? 'before' : 'after';
  }
  if (apart) return rowCuts(batch, node) === undefined ? 'after' : 'rows';
  return sumCuts(batch, node) === undefined ? 'after' : 'sums';
}

/** Nothing in the body may wait for what is computed after it. */
function isFeasible(batch: Batched, at: (node: Node) => Place): boolean {
  return batch.graph.nodes
    .filter((node) => inBody(at(node)))
    .every(({ inputs }) =>
      inputs.every((value) => {
        const maker = batch.makerOf(value);
        return maker === undefined || (at(maker) !== 'after' && at(maker) !== 'sums');
      }),
    );
}

function isWorthwhile(batch: Batched, at: (node: Node) => Place): boolean {
  if (!batch.graph.nodes.some((node) => inBody(at(node)) && hasProduct(node))) return false;
  // Values computed after the body from images one by one, not from sums.
  const perImage = new Set<ValueId>();
  for (const node of batch.graph.nodes.filter((each) => at(each) === 'after')) {
    if (!node.inputs.some((value) => axisOf(batch, value) !== undefined || perImage.has(value))) continue;
    if (hasProduct(node)) return false;
    for (const value of node.outputs) perImage.add(value);
  }
  return true;
}

export function inBody(place: Place): boolean {
  return place === 'rows' || place === 'sums';
}

function hasProduct({ op }: Node): boolean {
  return definitionOf(op).cost !== undefined;
}
