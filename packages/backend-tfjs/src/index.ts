// @isonet/backend-tfjs: graphs run node by node by TensorFlow.js, on WebAssembly, on its plain JavaScript, or on the
// TensorFlow library where the user has installed one of its Node packages.
export { tfjs } from './backend.ts';
