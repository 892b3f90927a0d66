/// eˣ and ln x by additions and multiplications alone: the same bits on every processor, which libm does not promise
/// and a model that is reproducible to the byte needs. Right to 2 units in the last place.

/// eˣ for x ≤ 700; 0 below −700.
func exponential(_ x: Double) -> Double {
  if x < -700 { return 0 }
  // x = n·ln 2 + r with |r| ≤ ln 2 / 2; ln 2 in two parts, so that n times it is exact.
  let n = (x * 1.442_695_040_888_963_4).rounded()
  let r = (x - n * 6.931_471_803_691_238e-1) - n * 1.908_214_929_270_587_7e-10
  // Taylor; the first term left out is below 2⁻⁵⁵. The factors are 1/14! … 1/0!.
  var sum = 1.1470745597729725e-11
  sum = sum * r + 1.6059043836821613e-10
  sum = sum * r + 2.08767569878681e-09
  sum = sum * r + 2.505210838544172e-08
  sum = sum * r + 2.755731922398589e-07
  sum = sum * r + 2.7557319223985893e-06
  sum = sum * r + 2.48015873015873e-05
  sum = sum * r + 0.0001984126984126984
  sum = sum * r + 0.001388888888888889
  sum = sum * r + 0.008333333333333333
  sum = sum * r + 0.041666666666666664
  sum = sum * r + 0.16666666666666666
  sum = sum * r + 0.5
  sum = sum * r + 1.0
  sum = sum * r + 1.0
  return sum * Double(sign: .plus, exponent: Int(n), significand: 1)
}

/// ln x for x > 0.
func logarithm(_ x: Double) -> Double {
  var exponent = Double(x.exponent)
  var significand = x.significand
  if significand > 1.414_213_562_373_095_1 {
    significand /= 2
    exponent += 1
  }
  // ln m = 2·artanh((m − 1) / (m + 1)), with |…| ≤ 0.172.
  let t = (significand - 1) / (significand + 1)
  let square = t * t
  var sum = 0.0
  for divisor in stride(from: 23.0, through: 1, by: -2) { sum = sum * square + 1 / divisor }
  return exponent * 6.931_471_803_691_238e-1 + (2 * t * sum + exponent * 1.908_214_929_270_587_7e-10)
}
