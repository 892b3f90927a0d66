package import SQLAccess
package import TextClassifier

/// The verbs for what a mailbox learned.
package struct ModelDesk: Sendable {
  let database: Database
  private let settings: Settings

  package init(database: Database, settings: Settings) {
    self.database = database
    self.settings = settings
  }

  /// The row of a mailbox of the settings, and how its mails are told apart.
  package func mailbox(_ name: String) async throws -> (id: Int64, settings: ClassifierSettings) {
    guard let mailbox = settings.mailboxes[name] else {
      throw DeskRefusal(
        "there is no mailbox \(name); known are \(settings.mailboxes.keys.sorted().joined(separator: ", "))")
    }
    guard let id = try await database.read({ tx in try tx.mailboxIDs() })[name] else {
      throw DeskRefusal("the mailbox \(name) is not in the database yet: `postroom serve` brings the settings there")
    }
    return (id, mailbox.classifier)
  }

  /// Learns the log anew now; nil when there is too little to learn from.
  package func refit(_ name: String, now: Instant) async throws -> Refit.Result? {
    let (id, classifier) = try await mailbox(name)
    return try await Refit(database: database, mailbox: id, settings: classifier).run(now: now)
  }

  /// Goes back to an earlier version, or to the one before the active one; 0 is knowing nothing. The next mails are told
  /// apart with it. Gives the number that the copy has, and that of the version which it is a copy of.
  package func rollBack(
    _ name: String, to wanted: Int64?, by agent: String, now: Instant
  ) async throws -> (version: Int64, copied: Int64) {
    try settings.checkAgent(agent)
    let (id, _) = try await mailbox(name)
    return try await database.write { tx in
      guard let agentID = try tx.agentIDs()[agent] else {
        throw DeskRefusal("\(agent) is not in the database yet: `postroom serve` brings the settings there")
      }
      var state = try tx.lockLearner(id)
      let versions = try tx.deltaVersions(id)
      guard let active = versions.first(where: \.isActive) else {
        throw DeskRefusal("\(name) has learned nothing yet: there is nothing to go back from")
      }
      if wanted == nil, active.why == .rollback {
        let others = versions.dropFirst().map { "\($0.version)" }.joined(separator: ", ")
        throw DeskRefusal(
          "\(name) was taken back already, and the version before is the one that was left: "
            + "say to which of \(others), or 0 for nothing learned")
      }
      let target = versions.first { $0.version == wanted ?? (active.version - 1) }
      if target == nil, let wanted, wanted != 0 {
        throw DeskRefusal(
          "\(name) has no version \(wanted); it has \(versions.map { "\($0.version)" }.joined(separator: ", "))")
      }
      if target == nil, wanted == nil, active.version > 1 {
        throw DeskRefusal("\(name) keeps no earlier version; version 0 is the model without anything learned")
      }
      if target?.version == active.version { throw DeskRefusal("version \(active.version) is active already") }
      let delta = try target?.delta() ?? ModelDelta()
      let version = try tx.addVersion(
        id, .rollback, delta, settled: target?.settledLesson ?? 0, last: target?.lastLesson ?? 0, by: agentID,
        now: now)
      state.epoch += 1
      try tx.storeLearner(id, state)
      return (version, target?.version ?? 0)
    }
  }

  /// Erases what a customer's mails taught, and notes it in the conversations that they opened. What is in use holds it
  /// until the next refit. Gives how many lessons went, by mailbox.
  package func forget(customer: Int64, by agent: String, now: Instant) async throws -> [String: Int64] {
    try settings.checkAgent(agent)
    return try await database.write { tx in
      guard try tx.row("SELECT 1 FROM customer WHERE id = $1", [.integer(customer)]) != nil else {
        throw DeskRefusal("there is no customer \(customer)")
      }
      let mailboxes = try tx.rows(
        """
        SELECT DISTINCT b.name, b.id FROM lesson l JOIN mailbox b ON b.id = l.mailbox_id WHERE l.customer_id = $1
        ORDER BY b.id
        """, [.integer(customer)])
      var counts: [String: Int64] = [:]
      for row in mailboxes {
        let id = try row.int(1)
        var state = try tx.lockLearner(id)
        try tx.noteErasure(ofLessonsOf: customer, at: id, by: agent, now: now)
        let count = try tx.execute(
          "DELETE FROM lesson WHERE mailbox_id = $1 AND customer_id = $2", [.integer(id), .integer(customer)])
        state.forgotten += Int64(count)
        state.epoch += 1
        try tx.storeLearner(id, state)
        counts[try row.text(0)] = Int64(count)
      }
      return counts
    }
  }
}

extension ModelDesk {
  package func report(_ name: String) async throws -> LearningReport {
    let (id, classifier) = try await mailbox(name)
    return try await database.read { tx in try LearningReport(id, precision: classifier.precision, in: tx) }
  }

  /// Tells the mails of the last `days` apart once more.
  /// - Parameters:
  ///   - model: instead of the one of the settings.
  ///   - version: of what was learned, instead of the active one; 0 is nothing.
  package func replay(
    _ name: String, model: LinearModel?, version: Int64?, days: Int64, now: Instant
  ) async throws -> Replay {
    let (id, classifier) = try await mailbox(name)
    let versions = try await database.read { tx in try tx.deltaVersions(id) }
    let active = try versions.first(where: \.isActive).map { try $0.delta() }
    var delta = active
    if let version {
      let found = versions.first { $0.version == version }
      guard version == 0 || found != nil else { throw DeskRefusal("\(name) has no version \(version)") }
      delta = try found?.delta()
    }
    let base = try model.map { try TextClassifier(model: $0) } ?? classifier.base
    return try await Replay(
      database, mailbox: id, inUse: classifier.base.with(active), other: base.with(delta),
      since: now.adding(-days * 86_400))
  }
}

extension Transaction {
  fileprivate func noteErasure(
    ofLessonsOf customer: Int64, at mailbox: Int64, by agent: String, now: Instant
  ) throws {
    let conversations = try rows(
      """
      SELECT m.conversation_id, COUNT(*) FROM lesson l JOIN message m ON m.id = l.message_id
      WHERE l.mailbox_id = $1 AND l.customer_id = $2 GROUP BY m.conversation_id ORDER BY m.conversation_id
      """, [.integer(mailbox), .integer(customer)])
    for row in conversations {
      let count = try row.int(1)
      try note(
        "unlearned", in: try row.int(0), by: agent, detail: count == 1 ? "1 lesson" : "\(count) lessons", now: now)
    }
  }
}
