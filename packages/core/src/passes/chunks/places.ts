// Decides where each node of a chunked graph is computed, and whether chunking is worthwhile.
import { defined } from '../../errors.ts';
import type { Node, ValueId } from '../../graph/graph.ts';
import { nodeText } from '../../graph/print.ts';
import { definitionOf } from '../../ops/table.ts';
import type { Batched } from './batch.ts';
import { axisOf } from './batch.ts';
import { rowCuts, sumCuts } from './cuts.ts';

/**
 * The place where a node is computed.
 * - `free`: it depends on no image and is computed wherever it is needed.
 * - `before`: it depends on no image but has values per image (random numbers); computed once, for the whole batch.
 * - `rows`: in the body; its partial results are joined.
 * - `sums`: in the body; its partial results are summed.
 * - `after`: it depends on sums, or mixes images in some other way.
 */
export type Place = 'free' | 'before' | 'rows' | 'sums' | 'after';

/**
 * Returns a function that maps every node to its place. Returns undefined if chunking is impossible or does
 * not help. It does not help if no convolution or matrix product is in the body, or if one outside the body
 * still works per image (e.g. after batch norm).
 */
export function placesOf(batch: Batched): ((node: Node) => Place) | undefined {
  const places = new Map<Node, Place>();
  const at = (node: Node): Place => defined(places.get(node), `the place of ${nodeText(node)}`);
  for (const node of batch.graph.nodes) places.set(node, placeOf(batch, node, at));
  return isFeasible(batch, at) && isWorthwhile(batch, at) ? at : undefined;
}

/** @param at the places of the preceding nodes */
function placeOf(batch: Batched, node: Node, at: (node: Node) => Place): Place {
  const apart = node.outputs.every((value) => axisOf(batch, value) !== undefined);
  if (node.inputs.every((value) => batch.coupling(value) === 'none')) {
    // An op with several outputs may have one that depends on no image and another that mixes them.
    const makers = node.inputs.map(batch.makerOf);
    if (!makers.every((maker) => maker === undefined || at(maker) === 'free')) return 'after';
    if (node.outputs.every((value) => batch.coupling(value) === 'none')) return 'free';
    return apart ? 'before' : 'after';
  }
  if (apart) return rowCuts(batch, node) === undefined ? 'after' : 'rows';
  return sumCuts(batch, node) === undefined ? 'after' : 'sums';
}

/** Returns true if no node in the body depends on a value computed after it. */
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
  // Values computed after the body for each image, rather than from sums.
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
