import Foundation

/// Whether `read` takes time in proportion to the size that it is given: four times the size takes 4 times as long
/// then, and 16 times when it grows with the square. Processor time of this thread, and one against the other, so that
/// neither the speed of the machine nor its load decides; a disturbed measurement is repeated.
func isLinear(from size: Int, _ read: (Int) throws -> Void) rethrows -> Bool {
  for _ in 0..<3 {
    let small = try processorSeconds { try read(size) }
    let large = try processorSeconds { try read(size * 4) }
    if large < small * 9 { return true }
  }
  return false
}

private func processorSeconds(_ body: () throws -> Void) rethrows -> Double {
  let start = processorSeconds()
  try body()
  return processorSeconds() - start
}

private func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
