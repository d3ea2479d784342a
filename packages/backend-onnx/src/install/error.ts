/** Why nothing was installed, in one line with the fix. */
export class InstallError extends Error {
  override readonly name = 'InstallError';
}

/** Options that the program does not take, in one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
