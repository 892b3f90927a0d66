/// Why somebody of an audience gets nothing.
package enum OutreachObstacle: Hashable, Sendable {
  /// The gate would not let it pass in time.
  case gate(GateReason)
  /// There is no address or number that a gateway serves.
  case unreachable
  /// The message cannot be written, in the words of the writer.
  case unwritable(String)

  package var code: String {
    switch self {
    case .gate(let reason): reason.rawValue
    case .unreachable: "unreachable"
    case .unwritable: "unwritable"
    }
  }

  package var words: Localized {
    switch self {
    case .gate(let reason): reason.words
    case .unreachable:
      Localized(chinese: "没有可用的号码或邮箱", english: "there is no number or address to reach the customer by")
    case .unwritable(let words): Localized(chinese: "无法生成消息：\(words)", english: "it cannot be written: \(words)")
    }
  }
}

/// Who gets a greeting or promotion and who does not, in numbers; of constant size whatever the audience.
package struct OutreachPlan: Sendable {
  /// Some of an audience, the first few by name.
  package struct Share: Sendable {
    package private(set) var count = 0
    package private(set) var names: [String] = []

    mutating func add(_ name: String) {
      count += 1
      if names.count < 3 { names.append(name) }
    }
  }

  /// What goes through one gateway.
  package struct Load: Sendable {
    package var channel: Channel
    package var messages = 0
    package var segments: Int64 = 0
    /// In millionths of the gateway's currency.
    package var cost: Int64 = 0
  }

  /// A message as somebody would get it.
  package struct Example: Sendable {
    package var channel: Channel
    package var language: Language
    package var tier: Tier
    package var subject: String
    package var text: String
    package var segments: Int64
    package var cost: Int64
  }

  /// Everybody looked at.
  package private(set) var audience = 0
  /// Who would get it: all of `loads` together.
  package private(set) var messages = 0
  /// Of these, the ones that would wait, and why.
  package private(set) var waiting: [GateReason: Share] = [:]
  package private(set) var obstacles: [OutreachObstacle: Share] = [:]
  /// Who has it already, sent or waiting.
  package private(set) var enqueuedBefore = 0
  package private(set) var loads: [String: Load] = [:]
  package private(set) var examples: [Example] = []
  /// When the first and the last may leave, as far as the gate can tell.
  package private(set) var leaves: ClosedRange<Instant>?

  mutating func countEnqueued() {
    audience += 1
    enqueuedBefore += 1
  }

  mutating func count(_ obstacle: OutreachObstacle, _ name: String) {
    audience += 1
    // Writers' words could differ for each; the first few kinds are told apart.
    let known = obstacles[obstacle] != nil || obstacles.count < 40
    obstacles[known ? obstacle : .unwritable("…"), default: Share()].add(name)
  }

  mutating func count(_ draft: DeliveryDraft, waits reason: GateReason?, name: String) {
    audience += 1
    messages += 1
    if let reason { waiting[reason, default: Share()].add(name) }
    var load = loads[draft.gateway] ?? Load(channel: draft.channel)
    load.messages += 1
    load.segments += draft.segments
    let (cost, overflow) = load.cost.addingReportingOverflow(draft.cost)
    load.cost = overflow ? .max : cost
    loads[draft.gateway] = load
    if let dueAt = draft.dueAt {
      leaves = min(leaves?.lowerBound ?? dueAt, dueAt)...max(leaves?.upperBound ?? dueAt, dueAt)
    }
  }

  /// Whether this channel, language and tier have no example yet.
  func wantsExample(_ channel: Channel, _ language: Language, _ tier: Tier) -> Bool {
    !examples.contains { $0.channel == channel && $0.language == language && $0.tier == tier }
  }

  mutating func add(_ example: Example) { examples.append(example) }
}
