/// How an attempt to send ended. Data, not an error: each has its consequence.
package enum SendOutcome: Sendable, Equatable {
  /// The gateway has taken the message over; its words, and its own reference where it gives one.
  case accepted(String, reference: String? = nil)
  /// Not taken, perhaps later; the gateway may say how much.
  case deferred(String, retryAfter: Seconds? = nil)
  /// Refused for good; perhaps because the recipient told the vendor that he wants nothing more.
  case rejected(String, isOptedOut: Bool = false)
  /// Nobody can know whether it was taken.
  case uncertain(String)
  /// The gateway as a whole cannot be used now (unreachable, certificate, login): says nothing about the message.
  case unavailable(String)
}

/// What a gateway tells while it sends; noted at once in the journal of attempts.
package enum SendProgress: Sendable {
  /// From here on the far side may have taken the message.
  case committed
  case accepted(String)
}

/// A way out of the house.
package protocol Gateway: Sendable {
  /// Most messages under way at the same time.
  var concurrency: Int { get }
  /// Where `send` runs; nil for no matter where.
  var executor: (any TaskExecutor)? { get }
  func send(_ delivery: Delivery, progress: @escaping @Sendable (SendProgress) -> Void) async -> SendOutcome
  /// Tries to connect and log in without sending; nil when all is well, else a sentence.
  func check() async -> String?
}

extension Gateway {
  package var executor: (any TaskExecutor)? { nil }
}
