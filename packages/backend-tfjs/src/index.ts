// The public API of @isonet/backend-tfjs: TensorFlow.js runs graphs node by node, on WebAssembly, in plain JavaScript, or on the
// TensorFlow library if the user has installed one of its Node packages.
export { tfjs } from './backend.ts';
