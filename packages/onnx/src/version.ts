/** The version of the package, which is recorded in exported files. */
export const version = '0.3.0';
