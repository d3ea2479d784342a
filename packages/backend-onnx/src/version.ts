/** The package's version, which the ids of plans include. */
export const version = '0.3.0';
