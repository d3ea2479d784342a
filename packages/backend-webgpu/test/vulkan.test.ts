// The environment that the Vulkan loader reads is changed for a moment only.
import { expect, test } from 'vitest';
import { withOnlyDriver } from '../src/adapters/vulkan.ts';

test('while one driver is shown, all others are hidden; then the environment is as before', async () => {
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
