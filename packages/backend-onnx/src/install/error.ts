/** The reason why nothing was installed: one line, with the fix. */
export class InstallError extends Error {
  override readonly name = 'InstallError';
}

/** Invalid options, reported in one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
