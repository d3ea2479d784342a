/** The package's version, which fingerprints include. */
export const version = '0.1.0';
