/** The package's version, which exported files carry and fingerprints include. */
export const version = '0.1.0';
