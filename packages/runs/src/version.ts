/** The version of isonet, whose packages are released together. */
export const version = '0.3.0';
