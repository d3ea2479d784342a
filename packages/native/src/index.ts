// The public API of @isonet/native.
export { userCache } from './home.ts';
export type { NativeLibrary, System } from './library.ts';
export { NativeError } from './library.ts';
export { loadAddon, loadAddonIn, locateAddon } from './load.ts';
export { missingLibrary, openLibrary } from './open.ts';
export { makePartial, removePartials } from './partial.ts';
export { loadedCopies } from './system.ts';
export { entriesOf, textOf } from './systemFiles.ts';
export type { Missing } from './vulkan.ts';
export { hasVulkanLoader, missingVulkan, vulkanDrivers } from './vulkan.ts';
