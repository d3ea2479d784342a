// Tests the section of a release: one version, with its changes by kind.
import { expect, it } from 'vitest';
import type { Change, Kind } from '../changelog.mjs';
import { sharedVersion, withRelease } from '../changelog.mjs';

function change(type: Kind, summary: string): Change {
  return { summary, releases: [{ name: 'isonet', type }] };
}

const releases = [
  { name: 'isonet', newVersion: '0.4.0' },
  { name: '@isonet/core', newVersion: '0.4.0' },
];

it('adds a release at the top, with its changes before its fixes', () => {
  const plan = {
    changesets: [
      change('patch', 'A fix.'),
      change('minor', 'A change.\n\nDo this.'),
      change('minor', 'Another.'),
    ],
    releases,
  };
  expect(withRelease('# Changelog\n\nAll of it.\n\n## 0.3.0\n\n- Old.\n', plan, '2026-12-01'))
    .toBe(`# Changelog

All of it.

## 0.4.0 (2026-12-01)

### Changes

- A change.

  Do this.
- Another.

### Fixes

- A fix.

## 0.3.0

- Old.
`);
});

it('refuses a release without changes, and packages with different versions', () => {
  expect(() => sharedVersion({ changesets: [], releases: [] })).toThrow('.changeset contains no change');
  const strayed = [...releases, { name: '@isonet/onnxruntime-linux-x64', newVersion: '1.31.0' }];
  expect(() => sharedVersion({ changesets: [], releases: strayed })).toThrow(
    'different versions: isonet 0.4.0, @isonet/core 0.4.0, @isonet/onnxruntime-linux-x64 1.31.0',
  );
});
