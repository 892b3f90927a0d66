import MailFormat
import SQLAccess
import Testing
import TextClassifier

@testable import PostroomCore

extension Office {
  var labels: LabelDesk {
    LabelDesk(database: database, settings: settings, replies: ReplyWriter(templates: templates, signer: signer))
  }

  func mailboxID(_ name: String = "support") async throws -> Int64 {
    try #require(try await database.read { tx in try tx.mailboxIDs() }[name])
  }

  func sayings(_ mailbox: String = "support") async throws -> [Saying] {
    let id = try await mailboxID(mailbox)
    return try await database.read { tx in try tx.sayings(id) }
  }

  /// The newest first.
  func versions(_ mailbox: String = "support") async throws -> [DeltaVersion] {
    let id = try await mailboxID(mailbox)
    return try await database.read { tx in try tx.deltaVersions(id) }
  }

  /// How probable a label is for a mail that would come now.
  func confidence(of label: TextLabel, in letter: Letter, at mailbox: String = "support") async throws -> Double {
    let intake = try intake(mailbox)
    let model = try await database.read { tx in try intake.shelf.model(tx) }
    let text = MailReading(MessageParser.parse(letter.bytes)).classifiedText
    return model.classifier.classify(text).scores.first { $0.label == label }?.probability ?? 0
  }
}

extension Office {
  var models: ModelDesk { ModelDesk(database: database, settings: settings) }
}
