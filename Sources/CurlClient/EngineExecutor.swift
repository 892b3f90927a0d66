/// Runs the jobs of tasks on the thread of an engine; when that has ended, on Swift's own threads.
final class EngineExecutor: TaskExecutor {
  private let inbox: Inbox

  init(_ inbox: Inbox) { self.inbox = inbox }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if !inbox.post(.run(job)) { globalConcurrentExecutor.enqueue(job) }
  }

  /// On the engine's thread only.
  func run(_ job: UnownedJob) { job.runSynchronously(on: asUnownedTaskExecutor()) }
}
