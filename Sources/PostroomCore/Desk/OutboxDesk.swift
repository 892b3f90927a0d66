package import SQLAccess

/// The verbs for messages that did not leave as they should. Each is one transaction with its event.
package struct OutboxDesk: Sendable {
  private let database: Database
  private let settings: Settings

  package init(database: Database, settings: Settings) {
    self.database = database
    self.settings = settings
  }

  /// Queues a message again, the same mail with the same Message-ID, due now. Gives the message as it stood before:
  /// with `uncertainties` above 0, the customer may get it twice. Counted attempts stay.
  package func retry(_ id: Int64, by agent: String, now: Instant) async throws -> OutboxEntry {
    try settings.checkAgent(agent)
    let gateways = settings.gateways
    return try await database.write { tx in
      let entry = try Self.entry(id, tx)
      switch entry.state {
      case .rejected, .uncertain, .expired, .deferred, .held: break
      case .suppressed:
        throw DeskRefusal(
          "message \(id) must not be sent: \(GateReason.words(of: entry.reason ?? "", in: .english)). "
            + "When that is wrong, correct the consent or the list (`postroom suppress remove`) and make it anew")
      case .queued: throw DeskRefusal("message \(id) is queued already")
      case .sending: throw Self.isSending(id)
      case .accepted, .delivered: throw DeskRefusal("message \(id) was sent already: write a new reply instead")
      case .cancelled: throw DeskRefusal("message \(id) was cancelled: write a new reply instead")
      }
      guard gateways[entry.gateway] != nil else {
        throw DeskRefusal("the gateway \(entry.gateway) of message \(id) is not in the settings any more")
      }
      guard try tx.moveDelivery(id, from: entry.state, to: .queued, reason: "queued again by \(agent)", now: now)
      else { throw Self.wasChanged(id) }
      if let conversation = entry.conversation {
        try tx.note("requeued", in: conversation.id, by: agent, detail: Self.summary(entry), now: now)
      }
      try Self.countAsAnswer(entry, tx, now: now)
      return entry
    }
  }

  /// Gives a message up. When it was an agent's answer, the customer still has none: the conversation is open again.
  package func cancel(_ id: Int64, by agent: String, reason: String? = nil, now: Instant) async throws -> OutboxEntry {
    try settings.checkAgent(agent)
    return try await database.write { tx in
      let entry = try Self.entry(id, tx)
      switch entry.state {
      case .queued, .deferred, .held, .rejected, .uncertain, .expired, .suppressed: break
      case .sending: throw Self.isSending(id)
      case .accepted, .delivered: throw DeskRefusal("message \(id) was sent already: nobody can call it back")
      case .cancelled: throw DeskRefusal("message \(id) was cancelled before")
      }
      let words = "cancelled by \(agent)" + (reason.map { ": \($0.prefix(500))" } ?? "")
      guard try tx.moveDelivery(id, from: entry.state, to: .cancelled, reason: words, now: now) else {
        throw Self.wasChanged(id)
      }
      let detail = Self.summary(entry) + (reason.map { ": \($0.prefix(500))" } ?? "")
      if let conversation = entry.conversation {
        try tx.note("cancelled", in: conversation.id, by: agent, detail: detail, now: now)
      }
      // What was refused, expired or lost has opened the conversation when that happened.
      if [.queued, .held, .deferred].contains(entry.state) {
        try tx.reopenUndelivered(id, detail: words, now: now)
      }
      return entry
    }
  }

  /// Ends a doubt: the gateway, or a person who asked there, says what became of an uncertain message. What was never
  /// taken is queued again.
  package func settleDoubt(_ id: Int64, _ finding: LookupFinding, by actor: String, now: Instant) async throws
    -> DeliveryState
  {
    try await database.write { tx in
      let entry = try Self.entry(id, tx)
      guard entry.state == .uncertain else {
        throw DeskRefusal("message \(id) is not uncertain: it is \(entry.state.rawValue)")
      }
      let (state, words): (DeliveryState, String)
      switch finding {
      case .taken(let reason): (state, words) = (.accepted, reason)
      case .delivered(let reason): (state, words) = (.delivered, reason)
      case .missing(let reason): (state, words) = (.queued, reason)
      case .unknown: return .uncertain
      }
      guard try tx.moveDelivery(id, from: .uncertain, to: state, reason: "\(actor): \(words)", now: now) else {
        throw Self.wasChanged(id)
      }
      if let conversation = entry.conversation {
        try tx.note("doubt_ended", in: conversation.id, by: actor, detail: "\(state.rawValue): \(words)", now: now)
      }
      try Self.countAsAnswer(entry, tx, now: now)
      return state
    }
  }

  /// An answer on its way again keeps the promise as it did at first, unless the customer has written since.
  private static func countAsAnswer(_ entry: OutboxEntry, _ tx: Transaction, now: Instant) throws {
    guard entry.purpose == "reply", entry.state != .deferred, let conversation = entry.conversation,
      let head = try tx.conversationHead(conversation.id), head.state == .open,
      try !tx.hasNewMail(in: head.id, since: entry.createdAt)
    else { return }
    try tx.keepPromise(head.id, now: now)
    try tx.setState(.waiting, of: head.id, now: now)
  }

  private static func entry(_ id: Int64, _ tx: Transaction) throws -> OutboxEntry {
    guard let entry = try tx.outboxEntry(id) else { throw DeskRefusal("there is no message \(id) in the outbox") }
    return entry
  }

  private static func summary(_ entry: OutboxEntry) -> String {
    "\(entry.purpose) to \(entry.recipient), was \(entry.state.rawValue)"
  }

  private static func isSending(_ id: Int64) -> DeskRefusal {
    DeskRefusal("message \(id) is being sent right now: look again when it has ended")
  }

  private static func wasChanged(_ id: Int64) -> DeskRefusal {
    DeskRefusal("message \(id) changed a moment ago: look again")
  }
}

extension Settings {
  /// Refuses a name that is no agent's, with the nearest that is.
  @discardableResult
  package func checkAgent(_ name: String) throws(DeskRefusal) -> AgentSettings {
    if let agent = agents[name] { return agent }
    let nearest = SettingsReader.nearest(name, agents.keys.sorted()).map { "; did you mean \($0)?" } ?? ""
    throw DeskRefusal("\"\(name)\" is no agent of the settings\(nearest)")
  }
}
