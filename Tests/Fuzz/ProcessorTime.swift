internal import Glibc

/// Traps when `read` takes more than a second of processor time; the clock on the wall also counts what others do on a
/// busy machine.
func withinASecond(_ read: () -> Void) -> CInt {
  let start = processorSeconds()
  read()
  let taken = processorSeconds() - start
  precondition(taken < 1, "took \(taken) s")
  return 0
}

private func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
