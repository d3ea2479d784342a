// Tests that any invalid run.json or plan.json is rejected with one printable line.
import { DataError } from '@isonet/core';
import { describe, expect, it } from 'vitest';
import { parseRecord } from '../src/folder/record.ts';
import { parsePlans } from '../src/folder/savedPlans.ts';

const FIX = 'the file was edited or is damaged: restore it, or train another run';

/** Returns the code and the message of the error that `parse` throws. */
function messageFor(parse: (text: string, file: string) => unknown, text: string): string {
  try {
    parse(text, 'file');
  } catch (error) {
    if (error instanceof DataError) return `${error.code} ${error.message}`;
    throw error;
  }
  throw new Error('expected an error');
}

describe('run.json', () => {
  it('is rejected if it is nested too deeply', () => {
    const deep = `{"format":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    expect(messageFor(parseRecord, deep)).toBe(`RUN_RECORD file: nests deeper than 100 levels; ${FIX}`);
  });

  it('is quoted with control characters as escapes', () => {
    expect(messageFor(parseRecord, '"\u202egnp\u009b"')).toBe(
      `RUN_RECORD file: expected an object, got "\\u{202e}gnp\\u{9b}"; ${FIX}`,
    );
    expect(messageFor(parseRecord, '{"format":"\u2028"}')).toBe(
      `RUN_RECORD file: expected format isonet-run-2, got "\\u{2028}"; ${FIX}`,
    );
  });
});

describe('plan.json', () => {
  const plans = (role: string): string =>
    JSON.stringify({ format: 'isonet-plans', version: 1, backend: 'b', device: 'd', plans: { [role]: 1 } });

  it('is reported with printable paths', () => {
    expect(messageFor(parsePlans, plans('\u001b[2J'))).toBe(
      'RUN_RECORD file: plans.\\u{1b}[2J: expected an object, got 1',
    );
    expect(messageFor(parsePlans, '{"format":"\\ud800","version":1}')).toBe(
      'RUN_RECORD file: expected format isonet-plans 1, got \\u{d800} 1',
    );
  });

  it('is shortened without invalid characters', () => {
    const role = `${'x'.repeat(53)}\u{1f600}`;
    expect(messageFor(parsePlans, plans(role))).toBe(
      `RUN_RECORD file: plans.${'x'.repeat(53)}\\u{d83d}: expected an object, got 1`,
    );
  });
});
