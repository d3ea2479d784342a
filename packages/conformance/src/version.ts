/** The package's version, which reports include. */
export const version = '0.3.0';
