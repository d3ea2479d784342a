// Public API of isonet: re-exports core, models and data. Backends are separate packages.
export * from '@isonet/core';
export * from '@isonet/data';
export * from '@isonet/models';
