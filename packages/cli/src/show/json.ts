// What every JSON document says first, where a command opens a device or reads data: which ones it got.
import type { DeviceChoice, ModelData, RunData, RunSegment, TrainedModel } from '@isonet/runs';
import { describeData } from '@isonet/runs';

/** A device's fields. */
export interface DeviceJson {
  readonly backend: string;
  /** Its id. */
  readonly device: string;
  readonly deviceText: string;
  readonly why: string;
}

/** The fields of the device that a run was on. */
export function deviceFields({ backend, device, text }: RunSegment): Omit<DeviceJson, 'why'> {
  return { backend, device, deviceText: text };
}

/** The fields of a device that is open, or about to be opened. */
export function deviceJson({ backend, device, why }: DeviceChoice): DeviceJson {
  return { backend, device: device.info.id, deviceText: device.info.text, why };
}

/** What is measured or asked: a run, or an ONNX file. */
export function trainedJson({ shown, name, onnx }: TrainedModel): object {
  return { [onnx ? 'file' : 'run']: shown, model: name };
}

/** Where data come from, how many images they are, and their digest. */
export function dataJson(data: ModelData): RunData {
  return describeData(data, { train: data.train, validation: undefined });
}
