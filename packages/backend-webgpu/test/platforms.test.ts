// Tests the platform packages of the native library.
import { describePlatformPackages } from '../../native/test/platformPackages.ts';
import { library } from '../src/adapters/addon.ts';

describePlatformPackages('dawn', library, 'backend-webgpu');
