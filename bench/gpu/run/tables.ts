// Builds the tables for docs/results: milliseconds per step and forward pass, and GFLOP/s of products, from every part with results.
import { readPart } from './results.ts';

interface Times {
  /** isonet only: the first run, in milliseconds, including the library's preparation. */
  readonly first?: number;
  readonly alone?: { readonly median: number };
  readonly chained?: { readonly median: number };
  /** PyTorch only: replays of a CUDA graph. */
  readonly graph?: { readonly median: number };
}
interface Row {
  readonly step: Times | null;
  readonly forward: Times;
}
type Networks = Readonly<Record<string, Row>>;

interface StepResults {
  readonly networks?: Networks;
}
interface ProductResults {
  readonly products?: Readonly<Record<string, { readonly gigaflops: number }>>;
}
interface TorchResults {
  readonly version?: string;
  readonly networks?: Readonly<
    Record<string, readonly (Row & { readonly tf32: boolean; readonly layout: string })[]>
  >;
  readonly products?: Readonly<
    Record<string, Readonly<Record<'float32' | 'tf32', { readonly gigaflops: number }>>>
  >;
}

const STEPS = ['steps-webgpu', 'steps-cuda', 'steps-cuda-tf32', 'forward-onnx-webgpu'] as const;

/** Returns the tables in Markdown; empty if no part has results. */
export function tables(out: string): readonly string[] {
  const torch: TorchResults | undefined = resultsOf(out, 'torch');
  const columns = STEPS.flatMap((name) => {
    const results: StepResults | undefined = resultsOf(out, name);
    const networks = results?.networks;
    return networks === undefined ? [] : [{ name: name.replace(/^(steps|forward)-/, ''), networks }];
  });
  return [...timeTable(columns, torch), '', ...productTable(out, torch)];
}

function timeTable(
  columns: readonly { readonly name: string; readonly networks: Networks }[],
  torch: TorchResults | undefined,
): readonly string[] {
  const names = new Set([
    ...columns.flatMap(({ networks }) => Object.keys(networks)),
    ...Object.keys(torch?.networks ?? {}),
  ]);
  const rows = [...names].flatMap((network) =>
    (['step', 'forward'] as const).map((what) => {
      const own = columns.flatMap(({ networks }) => {
        const times = networks[network]?.[what];
        return [times?.first, times?.alone?.median, times?.chained?.median];
      });
      const theirs = [false, true].flatMap((tf32) =>
        (['alone', 'chained', 'graph'] as const).map((how) => best(torch, network, what, tf32, how)),
      );
      return [network, what, ...[...own, ...theirs].map(cell)];
    }),
  );
  if (rows.length === 0) return [];
  const head = [
    'network',
    'what',
    ...columns.flatMap(({ name }) => [`${name} first`, `${name} alone`, `${name} chained`]),
    ...['torch', 'torch tf32'].flatMap((name) => [`${name} alone`, `${name} chained`, `${name} graph`]),
  ];
  const version =
    torch?.version === undefined ? '' : `; PyTorch ${torch.version}, the faster of NCHW and channels_last`;
  return [`milliseconds, medians${version}`, '', ...markdown(head, rows)];
}

/** Returns the smallest median over the layouts. */
function best(
  torch: TorchResults | undefined,
  network: string,
  what: 'step' | 'forward',
  tf32: boolean,
  how: 'alone' | 'chained' | 'graph',
): number | undefined {
  const rows = torch?.networks?.[network]?.filter((row) => row.tf32 === tf32);
  const medians = rows?.flatMap((row) => row[what]?.[how]?.median ?? []);
  return medians === undefined || medians.length === 0 ? undefined : Math.min(...medians);
}

function productTable(out: string, torch: TorchResults | undefined): readonly string[] {
  const results: ProductResults | undefined = resultsOf(out, 'products-webgpu');
  const own = results?.products;
  const sizes = new Set([...Object.keys(own ?? {}), ...Object.keys(torch?.products ?? {})]);
  const rows = [...sizes].map((n) => {
    const theirs = torch?.products?.[n];
    return [n, ...[own?.[n], theirs?.float32, theirs?.tf32].map((entry) => cell(entry?.gigaflops))];
  });
  return rows.length === 0 ? [] : markdown(['GFLOP/s', 'webgpu', 'torch', 'torch tf32'], rows);
}

function resultsOf(out: string, name: string): object | undefined {
  return readPart(out, name)?.results;
}

function cell(value: number | undefined): string {
  if (value === undefined) return '';
  return value >= 1000 ? value.toFixed(0) : value.toPrecision(3);
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}
