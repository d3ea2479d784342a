// Measures the coverage of source files within this process, from V8's own counts. V8 reports positions in the JavaScript that a
// loader generated from the TypeScript; source maps translate them back.
import { Session } from 'node:inspector/promises';
import type { Debugger, Profiler } from 'node:inspector';
import { SourceMap } from 'node:module';

/** Coverage of one source file. */
export interface FileCoverage {
  readonly source: string;
  /** The number of lines with code that ran, and of all lines with code. */
  readonly lines: readonly [covered: number, all: number];
  /** The number of conditional blocks and functions that were entered, and of all of them. */
  readonly branches: readonly [covered: number, all: number];
  /** Lines that did not run. */
  readonly missed: readonly number[];
}

/** Counts only what runs after `start`, so import the code under test afterwards. */
export class Coverage {
  readonly #session: Session = new Session();
  readonly #scripts: Debugger.ScriptParsedEventDataType[] = [];

  static async start(): Promise<Coverage> {
    const coverage = new Coverage();
    const session = coverage.#session;
    session.connect();
    session.on('Debugger.scriptParsed', ({ params }) => coverage.#scripts.push(params));
    await session.post('Debugger.enable');
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
    return coverage;
  }

  /** Stops counting, and returns the coverage of the files whose paths end with the given names. */
  async take(sources: readonly string[]): Promise<readonly FileCoverage[]> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    const found: FileCoverage[] = [];
    for (const source of sources) {
      const script = result.find(({ url }) => url.split('?')[0]?.endsWith(source) === true);
      const text = script && (await this.#textOf(script.scriptId));
      if (script && text !== undefined) found.push(coverageOf(source, script, text));
    }
    this.#session.disconnect();
    return found;
  }

  async #textOf(scriptId: string): Promise<string | undefined> {
    if (!this.#scripts.some((script) => script.scriptId === scriptId)) return undefined;
    return (await this.#session.post('Debugger.getScriptSource', { scriptId })).scriptSource;
  }
}

function coverageOf(source: string, script: Profiler.ScriptCoverage, text: string): FileCoverage {
  // Inner ranges come after outer ones.
  const ran = new Uint8Array(text.length).fill(1);
  for (const { ranges } of script.functions) {
    for (const { startOffset, endOffset, count } of ranges)
      ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  }
  const lines = linesOf(text, ran);
  const missed = [...lines].filter(([, covered]) => !covered).map(([line]) => line);
  const branches = script.functions.flatMap(({ ranges }) => ranges);
  return {
    source,
    lines: [lines.size - missed.length, lines.size],
    branches: [branches.filter(({ count }) => count > 0).length, branches.length],
    missed: missed.toSorted((a, b) => a - b),
  };
}

/** Maps each line of the source, numbered from 1, to whether any of its code ran. */
function linesOf(text: string, ran: Uint8Array): ReadonlyMap<number, boolean> {
  const encoded = /\/\/# sourceMappingURL=data:application\/json;(?:charset=utf-8;)?base64,([\w+/=]+)/.exec(
    text,
  )?.[1];
  const map =
    encoded === undefined
      ? undefined
      : new SourceMap(
          JSON.parse(Buffer.from(encoded, 'base64').toString()) as ConstructorParameters<typeof SourceMap>[0],
        );
  const lines = new Map<number, boolean>();
  let [row, column] = [0, 0];
  for (let at = 0; at < text.length; at++, column++) {
    if (text[at] === '\n') {
      [row, column] = [row + 1, -1];
      continue;
    }
    if (text.startsWith('//#', at)) break;
    if (!/[\w$}]/.test(text[at] ?? '')) continue;
    const entry = map?.findEntry(row, column);
    const line = map ? (entry && 'originalLine' in entry ? entry.originalLine : undefined) : row;
    if (line !== undefined) lines.set(line + 1, lines.get(line + 1) === true || ran[at] === 1);
  }
  return lines;
}
