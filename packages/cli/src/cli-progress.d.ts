// The part of cli-progress 3.12 that is used here; the package itself brings no types.
declare module 'cli-progress' {
  export interface Options {
    readonly format: string;
    readonly stream: NodeJS.WritableStream;
    readonly barsize: number;
    readonly barCompleteChar: string;
    readonly barIncompleteChar: string;
    readonly clearOnComplete: boolean;
    readonly linewrap: boolean;
  }

  export class SingleBar {
    constructor(options: Options);
    start(total: number, value: number, payload: Readonly<Record<string, string>>): void;
    update(value: number, payload: Readonly<Record<string, string>>): void;
    stop(): void;
  }
}
