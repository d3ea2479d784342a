// Tests that the environment of the Vulkan loader is changed only temporarily.
import { expect, test } from 'vitest';
import { withOnlyDriver } from '../src/adapters/vulkan.ts';

test('hides all other drivers while the work runs, then restores the environment', async () => {
  process.env['VK_ICD_FILENAMES'] = 'theirs.json';
  process.env['VK_ADD_DRIVER_FILES'] = 'more.json';
  const before = { ...process.env };

  const seen = await withOnlyDriver('ours.json', () => Promise.resolve({ ...process.env }));
  expect(seen).toMatchObject({ VK_DRIVER_FILES: 'ours.json', VK_ICD_FILENAMES: 'ours.json' });
  expect(seen).not.toHaveProperty('VK_ADD_DRIVER_FILES');
  expect(process.env).toEqual(before);

  await expect(withOnlyDriver('ours.json', () => Promise.reject(new Error('failed')))).rejects.toThrow(
    'failed',
  );
  expect(process.env).toEqual(before);
});
