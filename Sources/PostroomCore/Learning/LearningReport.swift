package import SQLAccess
package import TextClassifier

/// How a mailbox's labels fared, by what people said of them.
package struct LearningReport: Sendable {
  /// Mails that opened a conversation, routed in one way.
  package struct Part: Sendable, Equatable {
    /// All of them.
    package var mails = 0
    /// Of which a person said something.
    package var said = 0
    /// Of these, where the person agreed.
    package var right = 0

    package init(mails: Int = 0, said: Int = 0, right: Int = 0) {
      self.mails = mails
      self.said = said
      self.right = right
    }
  }

  package struct Agent: Sendable, Equatable {
    package var confirmed = 0
    package var corrected = 0
  }

  package let parts: [Routing: Part]
  /// What was looked at whether it seemed right or not: corrections that somebody made unasked would make the machine
  /// look worse than it is.
  package let evaluation: Evaluation
  package let agents: [String: Agent]
  /// Mails that were answered and whose kind was left as it was, without a word.
  package let leftAlone: Int
  /// In force; nil in suggest mode.
  package let threshold: Double?
  /// What the labels would carry now.
  package let estimate: ConfidenceThreshold
  /// Erased lessons that still weigh in what is in use.
  package let forgotten: Int64
  /// Why what is in use cannot be read; nil when it can.
  package let fault: ModelError?

  /// - Parameter mailbox: its row.
  package init(_ mailbox: Int64, precision: Double, in tx: Transaction) throws {
    let sayings = try tx.sayings(mailbox)
    var parts = try tx.mailsByRouting(mailbox).mapValues { Part(mails: $0) }
    var evaluation = Evaluation()
    var agents: [String: Agent] = [:]
    for saying in sayings where saying.isSaid {
      let isRight = saying.said == saying.told
      parts[saying.routing, default: Part()].said += 1
      if isRight { parts[saying.routing, default: Part()].right += 1 }
      if saying.isUnbiased { evaluation.add(saying.told, confidence: saying.confidence, truth: saying.said) }
      if isRight {
        agents[saying.agent, default: Agent()].confirmed += 1
      } else {
        agents[saying.agent, default: Agent()].corrected += 1
      }
    }
    self.parts = parts
    self.evaluation = evaluation
    self.agents = agents
    leftAlone = sayings.count { !$0.isSaid }
    let state = try tx.learnerState(mailbox)
    fault = try tx.activeDelta(mailbox)?.fault
    threshold = fault == nil ? state?.threshold : nil
    forgotten = state?.forgotten ?? 0
    estimate = try tx.estimatedThreshold(mailbox, precision: precision)
  }
}

extension Transaction {
  fileprivate func mailsByRouting(_ mailbox: Int64) throws -> [Routing: Int] {
    var counts: [Routing: Int] = [:]
    for row in try rows(
      "SELECT routing, COUNT(*) FROM message WHERE mailbox_id = $1 AND routing IS NOT NULL GROUP BY routing",
      [.integer(mailbox)])
    {
      if let routing = Routing(rawValue: try row.text(0)) { counts[routing] = Int(try row.int(1)) }
    }
    return counts
  }
}
