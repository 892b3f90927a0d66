/// Who owns a new conversation: exactly one person, always, with the reason.
package enum Assignment {
  /// An agent of the mailbox's team as the database knows him at this moment.
  package struct Candidate: Sendable, Equatable {
    package var agent: Int64
    package var isAvailable: Bool
    /// Conversations that wait for him.
    package var open: Int64
    package var assignedToday: Int64
    /// Most conversations he takes on a day.
    package var capacity: Int64
    package var lastAssignedAt: Instant

    package init(
      agent: Int64, isAvailable: Bool, open: Int64, assignedToday: Int64, capacity: Int64, lastAssignedAt: Instant
    ) {
      self.agent = agent
      self.isAvailable = isAvailable
      self.open = open
      self.assignedToday = assignedToday
      self.capacity = capacity
      self.lastAssignedAt = lastAssignedAt
    }

    var canTake: Bool { isAvailable && assignedToday < capacity }
  }

  package struct Choice: Sendable, Equatable {
    package var agent: Int64
    package var reason: OwnerReason
  }

  /// A returning customer keeps the owner he had, if that one can take more today; else the least loaded member of the
  /// team who can; else the team's fallback owner, who always can.
  package static func owner(among team: [Candidate], previous: Int64?, fallback: Int64) -> Choice {
    if let previous, let known = team.first(where: { $0.agent == previous }), known.canTake {
      return Choice(agent: previous, reason: .returning)
    }
    let free = team.filter(\.canTake)
    if let least = free.min(by: { ($0.open, $0.lastAssignedAt, $0.agent) < ($1.open, $1.lastAssignedAt, $1.agent) }) {
      return Choice(agent: least.agent, reason: .leastLoaded)
    }
    return Choice(agent: fallback, reason: .fallback)
  }
}

/// Why somebody owns a conversation. The raw value is stored.
package enum OwnerReason: String, Sendable, CaseIterable {
  case returning
  case leastLoaded = "least_loaded"
  case fallback
  /// A person decided.
  case assigned

  package var words: Localized {
    switch self {
    case .returning: Localized(chinese: "客户原负责人", english: "the customer's owner before")
    case .leastLoaded: Localized(chinese: "团队中待办最少", english: "least loaded of the team")
    case .fallback: Localized(chinese: "无人可接，交后备负责人", english: "nobody free: the team's fallback owner")
    case .assigned: Localized(chinese: "人工指派", english: "assigned by a person")
    }
  }
}
