// Runs each parser on hundreds of generated inputs, the same ones every time, and on the inputs that once revealed a fault.
// `npm run bench:fuzz` runs any number of inputs.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { Random } from './random.ts';
import { faultOf } from './shrink.ts';
import { targets } from './targets/index.ts';

/**
 * The number of cases of slow targets, which write or decode files. The 136th image would make libvips print to stderr.
 */
const CASES: Readonly<Record<string, number>> = { gzip: 500, metrics: 300, images: 120 };
const SEEDS = fileURLToPath(new URL('seeds/', import.meta.url));

/** Lists the seeds of a target. A parser that never had a fault has no folder. */
function seedsOf(name: string): readonly string[] {
  const folder = join(SEEDS, name);
  return existsSync(folder) ? readdirSync(folder) : [];
}

describe.each(targets.map((each) => [each.name, each] as const))('%s', (name, each) => {
  it('returns a value or throws an isonet error for every input', async () => {
    const outcomes = new Set<string>();
    let decoded = 0;
    for (let index = 0; index < (CASES[name] ?? 2000); index++) {
      const input = each.generate(Random.of(0, name, index));
      try {
        const outcome = await each.examine(input);
        outcomes.add(outcome);
        if (!outcome.endsWith('(not decoded)')) decoded++;
      } catch (fault) {
        throw new Error(
          `npm run bench:fuzz -- --target ${name} --seed 0 --case ${index}: ${messageOf(fault)}`,
          { cause: fault },
        );
      }
    }
    // Ensures that cases get past the first check. Lines of metrics.jsonl are kept or dropped, never refused.
    expect([...outcomes]).toContain('value');
    expect(outcomes.size > 1).toBe(name !== 'metrics');
    expect(decoded).toBeGreaterThan((CASES[name] ?? 2000) / 2);
  });

  it.each(seedsOf(name))('handles the seed %s', async (file) => {
    expect(await faultOf(each, new Uint8Array(readFileSync(join(SEEDS, name, file))))).toBeUndefined();
  });
});
