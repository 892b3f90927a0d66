/// Limited-memory BFGS with backtracking (Liu & Nocedal, Mathematical Programming 45, 1989) for smooth convex functions.
/// One thread, sums in a fixed order: the same bits in every run.
struct Minimiser {
  /// Pairs of steps and slope changes kept.
  private static let memory = 8

  var iterations: Int
  /// Ends when the slope has fallen to this part of what it was at the start.
  var tolerance = 1e-4

  /// - Parameter slope: gives the value at a point and writes the slope there.
  func minimise(from start: [Logits], _ slope: ([Logits], inout [Logits]) -> Double) -> [Logits] {
    var point = start
    var gradient = [Logits](repeating: .zero, count: point.count)
    var value = slope(point, &gradient)
    let goal = Self.dot(gradient, gradient).squareRoot() * tolerance
    var history: [Pair] = []
    for _ in 0..<iterations {
      let size = Self.dot(gradient, gradient).squareRoot()
      if size <= goal || size == 0 { break }
      let direction = Self.direction(gradient, history)
      let descent = Self.dot(direction, gradient)
      guard descent < 0 else { break }
      var step = history.isEmpty ? min(1, 1 / size) : 1.0
      var next = point
      var nextGradient = gradient
      var nextValue = value
      var isLower = false
      for _ in 0..<30 {
        Self.write(point, plus: direction, times: step, to: &next)
        nextValue = slope(next, &nextGradient)
        if nextValue <= value + 1e-4 * step * descent {
          isLower = true
          break
        }
        step /= 2
      }
      guard isLower else { break }
      if let pair = Pair(point, next, gradient, nextGradient) {
        if history.count == Self.memory { history.removeFirst() }
        history.append(pair)
      }
      (point, gradient, value) = (next, nextGradient, nextValue)
    }
    return point
  }

  private struct Pair {
    var step: [Logits]
    let change: [Logits]
    let curvature: Double

    init?(_ from: [Logits], _ to: [Logits], _ before: [Logits], _ after: [Logits]) {
      step = to
      Minimiser.add(from, times: -1, to: &step)
      var change = after
      Minimiser.add(before, times: -1, to: &change)
      self.change = change
      curvature = Minimiser.dot(step, change)
      if curvature <= 1e-12 { return nil }
    }
  }

  /// The two-loop recursion.
  private static func direction(_ gradient: [Logits], _ history: [Pair]) -> [Logits] {
    var direction = gradient
    var shares: [Double] = []
    for pair in history.reversed() {
      let share = dot(pair.step, direction) / pair.curvature
      add(pair.change, times: -share, to: &direction)
      shares.append(share)
    }
    if let last = history.last {
      scale(&direction, by: last.curvature / dot(last.change, last.change))
    }
    for (pair, share) in zip(history, shares.reversed()) {
      add(pair.step, times: share - dot(pair.change, direction) / pair.curvature, to: &direction)
    }
    scale(&direction, by: -1)
    return direction
  }

  private static func dot(_ one: [Logits], _ other: [Logits]) -> Double {
    one.withUnsafeBufferPointer { one in
      other.withUnsafeBufferPointer { other in
        var sum = Logits.zero
        for place in 0..<one.count { sum += one[place] * other[place] }
        return sum.sum()
      }
    }
  }

  private static func add(_ vector: [Logits], times factor: Double, to sum: inout [Logits]) {
    vector.withUnsafeBufferPointer { vector in
      sum.withUnsafeMutableBufferPointer { sum in
        for place in 0..<sum.count { sum[place] += vector[place] * factor }
      }
    }
  }

  private static func write(
    _ vector: [Logits], plus other: [Logits], times factor: Double, to result: inout [Logits]
  ) {
    result.withUnsafeMutableBufferPointer { result in
      vector.withUnsafeBufferPointer { vector in
        other.withUnsafeBufferPointer { other in
          for place in 0..<result.count { result[place] = vector[place] + other[place] * factor }
        }
      }
    }
  }

  private static func scale(_ vector: inout [Logits], by factor: Double) {
    vector.withUnsafeMutableBufferPointer { vector in
      for place in 0..<vector.count { vector[place] *= factor }
    }
  }
}
