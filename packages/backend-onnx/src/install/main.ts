// Runs the installer with this process's arguments; bin/isonet-onnx-cuda.js loads it.
import { main } from './program.ts';

process.exitCode = await main(process.argv.slice(2));
