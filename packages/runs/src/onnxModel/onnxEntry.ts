// Wraps the network of an ONNX file as a model that runs can train, with its own head or a new one for other classes.
import { classification } from '@isonet/core';
import type { OnnxNetwork } from '@isonet/onnx';
import { replaceHead } from '@isonet/onnx';
import { UsageError } from '../errors.ts';
import type { ModelEntry } from '../models.ts';
import type { OnnxModel } from './onnxFile.ts';
import { classifierOf } from './onnxFile.ts';
import type { OnnxSource } from './onnxSource.ts';

/** Wraps the file's network unchanged. Its `load` throws DataError `ONNX_CLASSIFIER` if the network is not a classifier. */
export function onnxEntry(file: OnnxModel): ModelEntry {
  return entryOf({ file, network: file.network, head: undefined });
}

/**
 * Wraps the file's network with a new head.
 * @param name the layer to replace. Default: the last one with as many outputs as the network
 * @throws DataError `ONNX_HEAD` if there is no such layer, listing the last ones; `ONNX_CLASSIFIER` if the network is not a
 *   classifier
 */
export function finetunedEntry(file: OnnxModel, classes: number, name: string | undefined): ModelEntry {
  classifierOf(file.network, file.shown);
  const { network, head } = replaceHead(file.network, classes, name);
  return entryOf({ file, network: withSoftmax(network), head });
}

function entryOf(parts: Omit<OnnxSource, 'norms'>): ModelEntry {
  const { file, network } = parts;
  return {
    name: network.name,
    text: 'A network from an ONNX file',
    task: classification(),
    network: 'own',
    dropout: false,
    recipe: 'finetune',
    onnx: { ...parts, norms: normsOf(network) },
    load: (options) => {
      if (options.batchNorm !== undefined) {
        throw new UsageError(`--batch-norm: the layers of ${file.shown} are fixed: leave it out`);
      }
      return Promise.resolve(classifierOf(network, file.shown));
    },
  };
}

function normsOf({ file, values }: OnnxNetwork): readonly string[] {
  const norms = file.graph.nodes.filter(({ opType }) => opType === 'BatchNormalization');
  const names = norms.flatMap(({ inputs }) => inputs.slice(1, 3));
  return [...new Set(names)].filter((name) => Object.hasOwn(values, name));
}

/** Replaces a final sigmoid with a softmax, because a new head is trained for mutually exclusive classes. */
function withSoftmax(network: OnnxNetwork): OnnxNetwork {
  const { activation } = network;
  return activation?.op === 'sigmoid'
    ? { ...network, activation: { ...activation, op: 'softmax' } }
    : network;
}
