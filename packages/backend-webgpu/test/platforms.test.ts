// The packages that bring the native library, one per platform.
import { describePlatformPackages } from '../../native/test/platformPackages.ts';
import { library } from '../src/adapters/addon.ts';

describePlatformPackages('dawn', library, 'backend-webgpu');
