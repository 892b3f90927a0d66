import ArgumentParser
import CurlClient
import Foundation
import PostroomCore
import SQLAccess
import TextClassifier

struct Demo: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the whole way of a mail on sample mail, without a mail server.",
    discussion:
      "Makes a home folder, takes in its demo mailbox, writes the replies as .eml files, and shows the account.")

  @Option(help: "Where to make the home folder. (default: a new folder in the system's temporary one)") var folder:
    String?

  func run() async throws {
    let target = folder ?? FileManager.default.temporaryDirectory.path + "/postroom-demo-\(getpid())"
    try HomeFolder.make(at: target, from: try Distribution.folder(), template: .demo)
    let (house, lock) = try await House.openForWork(target)
    var tally = IntakeTally()
    var accounts: [FolderAccount] = []
    for intake in try await house.intakes() {
      tally.add(
        try await house.poller(intake, lock: lock).pollOnce { Console.progress("\($0.mails) mails taken in") })
      let source = house.source(of: intake.mailbox.settings)
      accounts.append(
        try await Reconciliation(database: house.database)
          .account(of: intake.mailbox.settings, id: intake.mailbox.id, source: source))
    }
    Console.progress("")
    let engine = CurlEngine()
    let sent = try await house.dispatcher(engine, lock: lock).sendDue()
    await engine.shutdown()
    try await report(tally, accounts, sent, house, target)
    await house.database.close()
    withExtendedLifetime(lock) {}
  }

  private func report(
    _ tally: IntakeTally, _ accounts: [FolderAccount], _ sent: DispatchTally, _ house: House, _ target: String
  ) async throws {
    let language = house.settings.language
    let (counts, newest) = try await house.database.read { tx in
      var filter = ConversationFilter()
      filter.limit = 12
      return (try tx.conversationCounts(), try tx.conversations(filter))
    }
    let conversations = counts.reduce(0) { $0 + $1.count }
    Report.outcomes(tally, language)
    Console.line()
    let owners = Set(counts.map(\.owner)).sorted()
    Console.table(
      [Report.title(chinese: "会话", english: "conversations", language)] + owners,
      TextLabel.allCases.map { kind in
        [Report.words(kind)[language]]
          + owners.map { owner in String(counts.first { $0.kind == kind && $0.owner == owner }?.count ?? 0) }
      })
    Console.line()
    Report.conversations(newest, house.settings, now: .now)
    Console.line()
    let missing = accounts.reduce(0) { $0 + $1.server - $1.ledger }
    Console.line(
      Report.title(
        chinese: "已写出 \(sent.accepted) 封自动回复：\(target)/data/sent/*.eml",
        english: "\(sent.accepted) replies written: \(target)/data/sent/*.eml", language))
    if Console.isTerminal {
      let first = newest.first.map { "\($0.number)" } ?? "10001"
      Console.line(
        Report.title(chinese: "接着试试：", english: "Go on with:", language)
          + """

            postroom list --home \(target)
            postroom show \(first) --home \(target)
            postroom reply \(first) --by wang-fang --text "…" --home \(target)
            postroom quarantine --home \(target)
          """)
    }
    Console.line(
      "demo: \(tally.mails) mails, \(conversations) conversations, \(sent.accepted) replies, \(missing) unaccounted")
    if missing > 0 { throw ExitCode.failure }
  }
}
