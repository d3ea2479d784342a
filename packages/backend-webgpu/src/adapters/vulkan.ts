// Restricts which drivers the Vulkan loader finds while Dawn searches for them. Used only on Linux: other systems have no
// Vulkan loader.

/**
 * Runs `work` while the loader finds only one driver, then restores the environment, because programs started later must not
 * inherit it. The loader searches for drivers when a Vulkan instance is created, so `work` must create it.
 */
export async function withOnlyDriver<T>(file: string, work: () => Promise<T>): Promise<T> {
  const { env } = process;
  const only: Record<string, string | undefined> = {
    VK_DRIVER_FILES: file,
    VK_ICD_FILENAMES: file, // the same for loaders older than 1.3.207
    VK_ADD_DRIVER_FILES: undefined,
    VK_LOADER_DRIVERS_SELECT: undefined,
    VK_LOADER_DRIVERS_DISABLE: undefined,
  };
  const before = Object.fromEntries(Object.keys(only).map((name) => [name, env[name]]));
  setAll(only);
  try {
    return await work();
  } finally {
    setAll(before);
  }
}

function setAll(values: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}
