import Foundation

/// Blocks threads until it is opened.
final class Gate: Sendable {
  private let condition = DispatchSemaphore(value: 0)

  func open() { condition.signal() }

  func wait() {
    condition.wait()
    condition.signal()
  }
}
