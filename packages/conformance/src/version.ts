/** The package's version, which reports carry. */
export const version = '0.3.0';
