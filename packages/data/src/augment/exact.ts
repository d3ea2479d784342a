// Sine, cosine, ln and exp, built only from +, -, * and /. JavaScript engines round their own versions differently, but
// IEEE 754 defines these four operations bit for bit, so every machine computes the same values. The error is about
// 1e-15, far less than augmentation needs.

/** Evaluates `coefficients[0] + coefficients[1] * x + ...` */
function polynomial(x: number, coefficients: readonly number[]): number {
  return coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);
}

/**
 * Returns 1 / k! with alternating signs for k = first, first + 2, ...: the coefficients of the sine or cosine series in
 * x^2.
 */
function alternating(first: 0 | 1): readonly number[] {
  let [factor, k] = [1, first as number];
  return Array.from({ length: 10 }, () => {
    const coefficient = factor;
    factor = -factor / ((k + 1) * (k + 2));
    k += 2;
    return coefficient;
  });
}

const [COSINE, SINE] = [alternating(0), alternating(1)];

/** Returns the cosine and sine of an angle in degrees, exact at multiples of 90. */
export function turn(degrees: number): { readonly cos: number; readonly sin: number } {
  const quarters = Math.round(degrees / 90);
  const x = (degrees - 90 * quarters) * (Math.PI / 180); // From -pi/4 to pi/4.
  const [cos, sin] = [polynomial(x * x, COSINE), x * polynomial(x * x, SINE)];
  const quadrant = ((quarters % 4) + 4) % 4;
  if (quadrant === 0) return { cos, sin };
  if (quadrant === 1) return { cos: -sin, sin: cos };
  if (quadrant === 2) return { cos: -cos, sin: -sin };
  return { cos: sin, sin: -cos };
}

/** 1, 1/3, 1/5, ...: the coefficients of the series of the inverse hyperbolic tangent. */
const ATANH = Array.from({ length: 13 }, (_, k) => 1 / (2 * k + 1));

/** Returns the natural logarithm of a number of at least 2^-1000. */
export function ln(x: number): number {
  let [mantissa, exponent] = [x, 0];
  while (mantissa < Math.SQRT1_2) [mantissa, exponent] = [mantissa * 2, exponent - 1];
  while (mantissa > Math.SQRT2) [mantissa, exponent] = [mantissa / 2, exponent + 1];
  const s = (mantissa - 1) / (mantissa + 1);
  return exponent * Math.LN2 + 2 * s * polynomial(s * s, ATANH);
}

/** 1 / k! */
const EXPONENTIAL = Array.from({ length: 16 }, (_, k) => {
  let factor = 1;
  for (let i = 2; i <= k; i++) factor /= i;
  return factor;
});

/** Returns e^x; 0 below -700, Infinity above 700. */
export function exp(x: number): number {
  if (x < -700) return 0;
  if (x > 700) return Infinity;
  const twos = Math.round(x / Math.LN2);
  let power = polynomial(x - twos * Math.LN2, EXPONENTIAL);
  for (let i = 0; i < Math.abs(twos); i++) power = twos > 0 ? power * 2 : power / 2;
  return power;
}
