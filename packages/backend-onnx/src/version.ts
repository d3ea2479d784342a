/** The package's version, which is part of plan ids. */
export const version = '0.3.0';
