import Dispatch
import Synchronization

/// A refit's time on the processor, up to a minute: on a thread of its own, since mail is taken in and sent on the few
/// threads that tasks share.
final class RefitWork: Sendable {
  private static let queue = DispatchQueue(label: "refit", qos: .utility)
  private let stop = Atomic(false)

  /// The task was cancelled: what is still to be done need not be.
  var isStopped: Bool { stop.load(ordering: .relaxed) }

  /// - Throws: when the task was cancelled.
  func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async throws -> Value {
    let value = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        Self.queue.async { continuation.resume(returning: work()) }
      }
    } onCancel: {
      stop.store(true, ordering: .relaxed)
    }
    try Task.checkCancellation()
    return value
  }
}
