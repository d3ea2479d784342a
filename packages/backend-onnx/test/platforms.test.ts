// The packages that bring the native library, one per platform.
import { describePlatformPackages } from '../../native/test/platformPackages.ts';
import { library } from '../src/runtime/library.ts';

describePlatformPackages('onnxruntime', library, 'backend-onnx');
