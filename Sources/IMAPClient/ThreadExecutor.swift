import Foundation

/// Runs an actor's jobs on one OS thread of its own, so that the actor may call blocking C.
///
/// The thread has 8 MB of stack and ends when `stop` was called and all jobs are done.
final class ThreadExecutor: SerialExecutor, @unchecked Sendable {
  private let condition = NSCondition()
  // Guarded by `condition`.
  private var jobs: [UnownedJob] = []
  private var isStopped = false

  init() {
    let thread = Thread { [self] in
      // A name given before the start is lost.
      Thread.current.name = "imap"
      run()
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  func enqueue(_ job: consuming ExecutorJob) {
    // The runtime holds no reference here, and the job may be the last of its actor: once the thread can take it,
    // `self` may be gone.
    let lifetime = Unmanaged.passRetained(self)
    defer { lifetime.release() }
    let job = UnownedJob(job)
    condition.withLock {
      jobs.append(job)
      condition.signal()
    }
  }

  func stop() {
    condition.withLock {
      isStopped = true
      condition.signal()
    }
  }

  private func run() {
    while let batch = nextJobs() {
      for job in batch { job.runSynchronously(on: asUnownedSerialExecutor()) }
    }
  }

  private func nextJobs() -> [UnownedJob]? {
    condition.withLock {
      while jobs.isEmpty && !isStopped { condition.wait() }
      defer { jobs = [] }
      return jobs.isEmpty ? nil : jobs
    }
  }
}
