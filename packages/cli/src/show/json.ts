// Builds the first fields of a JSON document: the device and the data that a command uses.
import type { DeviceChoice, ModelData, RunData, RunSegment, TrainedModel } from '@isonet/runs';
import { describeData } from '@isonet/runs';

/** The fields of a device. */
export interface DeviceJson {
  readonly backend: string;
  /** The id of the device. */
  readonly device: string;
  readonly deviceText: string;
  readonly why: string;
}

/** Returns the fields of the device that a run used. */
export function deviceFields({ backend, device, text }: RunSegment): Omit<DeviceJson, 'why'> {
  return { backend, device, deviceText: text };
}

/** Returns the fields of a device that is open or will be opened. */
export function deviceJson({ backend, device, why }: DeviceChoice): DeviceJson {
  return { backend, device: device.info.id, deviceText: device.info.text, why };
}

/** Returns the fields of a run or an ONNX file. */
export function trainedJson({ shown, name, onnx }: TrainedModel): object {
  return { [onnx ? 'file' : 'run']: shown, model: name };
}

/** Returns the source of the data, the number of images, and their digest. */
export function dataJson(data: ModelData): RunData {
  return describeData(data, { train: data.train, validation: undefined });
}
