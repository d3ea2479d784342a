/** Why nothing was installed, in one line with the fix. */
export class InstallError extends Error {
  override readonly name = 'InstallError';
}
