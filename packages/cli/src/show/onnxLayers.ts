// Groups the nodes of an ONNX file into layers. The file may have hundreds of nodes but no layers, so the groups come from the names of
// nodes and parameters.
import type { Forward, Node } from '@isonet/core';

/** A node of the file, with the graph nodes that were built from it. */
interface FileNode {
  /** Its name in the file. */
  readonly name: string;
  readonly nodes: readonly Node[];
  /** Its module path, from its name or those of its parameters: `['features', '0', 'conv']`. */
  readonly path: readonly string[];
  readonly hasParameters: boolean;
}

/** A row of a summary: consecutive nodes. */
export interface LayerGroup {
  readonly name: string;
  /** The names of the nodes, in the file's order. */
  readonly members: ReadonlySet<string>;
}

/** Longer tables are hard to read. */
const MOST_ROWS = 40;
/** Modules in PyTorch are nested less deeply than this. */
const MOST_DEPTH = 8;

/** Returns the finest grouping with at most 40 groups. Nodes without paths form one group per node with parameters. */
export function layerGroups(forward: Forward): readonly LayerGroup[] {
  const nodes = fileNodes(forward);
  for (let depth = MOST_DEPTH; depth > 1; depth--) {
    const groups = grouped(nodes, depth);
    if (groups.length <= MOST_ROWS) return groups;
  }
  return grouped(nodes, 1);
}

/** Returns a group for each node of the file. */
export function nodeGroups(forward: Forward): readonly LayerGroup[] {
  return fileNodes(forward).map(({ name }) => ({ name, members: new Set([name]) }));
}

function fileNodes({ graph }: Forward): readonly FileNode[] {
  const parameters = new Map(graph.state.map(({ name, value }) => [value, name]));
  const byName = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    const { layer } = node.origin;
    if (layer === '') continue;
    byName.set(layer, [...(byName.get(layer) ?? []), node]);
  }
  let before: readonly string[] = [];
  return [...byName].map(([name, nodes]) => {
    const parameter = nodes
      .flatMap(({ inputs }) => inputs)
      .flatMap((value) => parameters.get(value) ?? [])[0];
    const path = pathOf(name, parameter) ?? (before.length === 0 ? [name] : before);
    before = path;
    return { name, nodes, path, hasParameters: parameter !== undefined };
  });
}

/**
 * Returns the module path: `/features/features.0/features.0.1/Conv` and `features.0.1.weight` both have the path features, 0, 1.
 * Undefined for a node with neither a path nor a parameter: it belongs to the node before it.
 */
function pathOf(name: string, parameter: string | undefined): readonly string[] | undefined {
  const segments = name.split('/').filter((segment) => segment !== '');
  if (segments.length > 1) {
    return segments.slice(0, -1).reduce<readonly string[]>((path, segment) => {
      const above = path.join('.');
      return segment.startsWith(`${above}.`) ? segment.split('.') : [...path, segment];
    }, []);
  }
  if (name.startsWith('/')) return segments;
  if (parameter === undefined) return undefined;
  const modules = parameter.split('.').slice(0, -1);
  return modules.length === 0 ? [name] : modules;
}

/**
 * Groups consecutive nodes by the first `depth` segments of their paths. A node with a shorter path and no parameters joins the group
 * before it.
 */
function grouped(nodes: readonly FileNode[], depth: number): readonly LayerGroup[] {
  const groups: { name: string; members: Set<string> }[] = [];
  for (const { name, path, hasParameters } of nodes) {
    const key = path.slice(0, depth).join('.');
    const last = groups.at(-1);
    const follows = last && (last.name === key || (!hasParameters && last.name.startsWith(`${key}.`)));
    if (last && follows) last.members.add(name);
    else groups.push({ name: key, members: new Set([name]) });
  }
  return groups;
}
