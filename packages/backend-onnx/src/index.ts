// The face of @isonet/backend-onnx.
export { onnx } from './backend.ts';
