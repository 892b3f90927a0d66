package import SQLAccess
package import TextClassifier

/// The verbs for the kind of a conversation: what people say of it is what the classifier learns from.
package struct LabelDesk: Sendable {
  private let database: Database
  private let settings: Settings
  private let callback: Callback

  package init(database: Database, settings: Settings, replies: ReplyWriter) {
    self.database = database
    self.settings = settings
    callback = Callback(settings: settings, replies: replies)
  }

  /// What came of a saying.
  package struct Answer: Sendable, Equatable {
    package var before: TextLabel
    package var now: TextLabel
    /// Whether the classifier learned from it: not when no mail of the conversation was classified.
    package var isLesson: Bool
  }

  /// Says of what kind a conversation is; nil confirms the kind it has. In one transaction the kind changes, the mail that
  /// opened it becomes a lesson, and the mailbox's model takes a step. What was promised and sent stays.
  @discardableResult
  package func say(
    _ number: ConversationNumber, _ kind: TextLabel?, by agent: String, now: Instant
  ) async throws -> Answer {
    try settings.checkAgent(agent)
    let mail = try await database.read { tx in try tx.labelledMail(of: number.id) }
    // Reading a mail takes longer than a step: not under the lock.
    let features = mail.map(settings.features)
    let (settings, callback) = (settings, callback)
    return try await database.write { tx in
      var head = try Desk.head(number, tx)
      guard let agentID = try tx.agentIDs()[agent] else {
        throw DeskRefusal("\(agent) is not in the database yet: `postroom serve` brings the settings there")
      }
      let said = kind ?? head.kind
      let answer = Answer(before: head.kind, now: said, isLesson: mail != nil)
      if let mail, let features {
        let last = try tx.lastSaying(of: mail.message)
        if let last, last.said == said, head.kind == said {
          throw DeskRefusal("\(last.agent) has said already that \(number) is of the kind \(said.rawValue)")
        }
        let isUnbiased = try last?.isUnbiased ?? tx.isToConfirm(head.id)
        let precision = settings.mailboxes[mail.mailboxName]?.classifier.precision
        var state = try tx.lockLearner(mail.mailbox)
        let lesson = features.labelled(said)
        let id = try tx.insertLesson(
          mail, lesson, isUnbiased: isUnbiased, customer: head.customer, agent: agentID, now: now)
        try tx.step(mail.mailbox, [lesson], last: id, now: now)
        state.lessons += 1
        if state.lessons % ConfidenceThreshold.lessonsBetween == 0, let precision {
          state.threshold = try tx.estimatedThreshold(mail.mailbox, precision: precision).value
        }
        try tx.storeLearner(mail.mailbox, state)
      }
      try tx.setKind(said, of: head.id)
      try tx.withdrawSecondOpinions(in: head.id)
      let detail = said == head.kind ? said.rawValue : "\(head.kind.rawValue) → \(said.rawValue)"
      try tx.note(said == head.kind ? "confirmed" : "relabelled", in: head.id, by: agent, detail: detail, now: now)
      // Complainants are asked after the solution, and nobody else is.
      if said != head.kind, head.state == .resolved {
        head.kind = said
        try tx.cancelCallbacks(of: head.id, .relabelled, now: now)
        try callback.plan(after: head, tx, now: now)
      }
      return answer
    }
  }
}
