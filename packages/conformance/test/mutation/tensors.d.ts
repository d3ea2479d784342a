import type { Tensor } from '@isonet/core';
/** A tensor of the same type with other values. */
export declare function valued(like: Tensor, valueAt: (value: number, index: number) => number): Tensor;
/** The same numbers in other places: at each, the one that lies `from` there. */
export declare function moved(like: Tensor, from: (index: number) => number): Tensor;
/** -0 is 0 here, and NaN is NaN. */
export declare function sameData(x: Tensor, y: Tensor): boolean;
export declare function isOneNumber(x: Tensor): boolean;
export declare function isZero({ data }: Tensor): boolean;
/** Whether different numbers have so much in common that their differences lost digits before anything was computed. */
export declare function areFarFrom0({ data }: Tensor): boolean;
export declare function oneFurther(x: Tensor): Tensor;
/** Rounded to so many significant bits by Veltkamp's splitting (Dekker 1971); the tensor itself where that changes nothing. */
export declare function inBits(x: Tensor, bits: number): Tensor;
/** 0 at an index along an axis. */
export declare function zeroedAlong(x: Tensor, axis: number, index: number): Tensor;
/** 0 at the last index along an axis. */
export declare function withoutLast(x: Tensor, axis: number): Tensor;
/** What stands at an index along an axis goes `by` further, and from the end to the beginning. */
export declare function rolled(x: Tensor, axis: number, by: number): Tensor;
//# sourceMappingURL=tensors.d.ts.map
