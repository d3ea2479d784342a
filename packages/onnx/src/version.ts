/** The package's version, which exported files carry. */
export const version = '0.2.0';
