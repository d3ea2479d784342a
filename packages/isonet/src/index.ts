// The library: everything of core, models and data under one name. Backends are not in here: each is a package of its own,
// imported where it is wanted.
export * from '@isonet/core';
export * from '@isonet/data';
export * from '@isonet/models';
