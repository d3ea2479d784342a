/** The package's version, which exported files carry. */
export const version = '0.3.0';
