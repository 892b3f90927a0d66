import ArgumentParser
import Foundation
import PostroomCore
import SQLAccess

struct Ledger: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare what the servers show with what was taken in.",
    discussion: "Exit codes: 0 every mail is accounted for · 1 some are missing (run `poll --once`, then compare again)"
  )

  @OptionGroup var home: HomeOption
  @Option(help: "Only this mailbox.") var mailbox: String?
  @Flag(help: "A JSON array, one object a folder.") var json = false

  func run() async throws {
    let house = try await House.open(home.path)
    var accounts: [FolderAccount] = []
    for intake in try await house.intakes(mailbox.map { [$0] }) {
      let source = house.source(of: intake.mailbox.settings)
      accounts.append(
        try await Reconciliation(database: house.database)
          .account(of: intake.mailbox.settings, id: intake.mailbox.id, source: source))
      await source.close()
    }
    await house.database.close()
    if json { try Console.json(accounts) } else { print(accounts, house.settings.language) }
    if accounts.contains(where: { !$0.isBalanced }) { throw ExitCode.failure }
  }

  private func print(_ accounts: [FolderAccount], _ language: Language) {
    Console.table(
      Report.header(chinese: "邮箱|文件夹|服务器|账本|缺少", english: "mailbox|folder|server|ledger|missing", language),
      accounts.map { account in
        let missing = account.missing.prefix(5).joined(separator: " ") + (account.missing.count > 5 ? " …" : "")
        return [
          account.mailbox, account.folder, String(account.server), String(account.ledger),
          account.missing.isEmpty ? "0" : "\(account.server - account.ledger): \(missing)",
        ]
      })
    for account in accounts {
      let words = Outcome.allCases.compactMap { outcome in
        account.outcomes[outcome.rawValue].map { "\(Report.words(outcome)[language]) \($0)" }
      }
      Console.line("\(account.mailbox): \(words.joined(separator: ", "))")
    }
  }
}

struct Quarantine: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Mails that could not be taken in: see them, try them again.",
    subcommands: [QuarantineList.self, QuarantineRetryCommand.self], defaultSubcommand: QuarantineList.self)
}

struct QuarantineList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List what waits, with its cause.")

  @OptionGroup var home: HomeOption
  @Flag(help: "Also what a later try took in.") var all = false
  @Flag(help: "One JSON object a line.") var json = false

  func run() async throws {
    let house = try await House.open(home.path)
    let includingSettled = all
    let list = try await house.database.read { tx in try tx.quarantined(includingSettled: includingSettled) }
    await house.database.close()
    if json {
      for item in list { try Console.json(item) }
    } else if list.isEmpty {
      Console.line(Report.title(chinese: "隔离区为空", english: "the quarantine is empty", house.settings.language))
    } else {
      Console.table(
        Report.header(
          chinese: "序号|邮箱|负责人|到达|字节|次数|原因", english: "id|mailbox|owner|arrived|bytes|tries|cause",
          house.settings.language),
        list.map { item in
          [
            String(item.id), item.mailbox, house.settings.agents[item.owner]?.name ?? item.owner,
            Report.when(item.arrivedAt, in: item.mailbox, house.settings), String(item.size), String(item.attempts),
            Console.clipped(item.cause, 100),
          ]
        })
    }
  }
}

struct QuarantineRetryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "retry", abstract: "Try to take a mail in again.")

  @OptionGroup var home: HomeOption
  @Argument(help: "Numbers as `quarantine list` shows them; none means all that wait.") var ids: [Int64] = []

  func run() async throws {
    let house = try await House.open(home.path)
    let intakes = try await house.intakesByName()
    let waiting = try await house.database.read { tx in try tx.quarantined().map(\.id) }
    var isAllTaken = true
    let retry = PostroomCore.QuarantineRetry(database: house.database) { house.source(of: $0) }
    for id in ids.isEmpty ? waiting : ids {
      do {
        guard let attempt = try await retry.retry(id, intakes: intakes, now: .now) else {
          throw DeskRefusal("nothing waits in quarantine under this number")
        }
        isAllTaken = isAllTaken && attempt.outcome != .quarantine
        let cause = attempt.cause.map { ": \($0)" } ?? ""
        Console.line("\(id): \(Report.words(attempt.outcome)[house.settings.language])\(cause)")
      } catch {
        // The others may still go in.
        isAllTaken = false
        Console.error("\(id): \(error)")
      }
    }
    await house.database.close()
    if !isAllTaken { throw ExitCode.failure }
  }
}
