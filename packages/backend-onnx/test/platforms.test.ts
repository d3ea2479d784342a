// Tests the platform packages of the native library.
import { describePlatformPackages } from '../../native/test/platformPackages.ts';
import { library } from '../src/runtime/library.ts';

describePlatformPackages('onnxruntime', library, 'backend-onnx');
