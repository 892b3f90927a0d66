import ArgumentParser
import PostroomCore
import SQLAccess

struct Model: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "What mailboxes learned from their people: see it, learn it anew, go back, forget.",
    subcommands: [
      ModelVersions.self, ModelRefit.self, ModelRollback.self, ModelForget.self, ModelReport.self, ModelReplay.self,
    ],
    defaultSubcommand: ModelVersions.self)
}

/// One mailbox, or all of them.
struct MailboxArgument: ParsableArguments {
  @Argument(help: "Only this mailbox.") var mailbox: String?

  func names(_ house: House) -> [String] { mailbox.map { [$0] } ?? house.settings.mailboxes.keys.sorted() }
}

struct ModelVersions: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "versions", abstract: "List what each mailbox learned, the newest first, and what came of its refits.")

  @OptionGroup var home: HomeOption
  @OptionGroup var mailbox: MailboxArgument
  @Flag(help: "One JSON object a version.") var json = false

  func run() async throws {
    let house = try await House.open(home.path)
    for name in mailbox.names(house) {
      let (id, _) = try await house.models.mailbox(name)
      let (versions, refits, state) = try await house.database.read { tx in
        (try tx.deltaVersions(id), try tx.refits(id), try tx.learnerState(id))
      }
      if json {
        for version in versions { try Console.json(Row(name, version)) }
      } else {
        show(name, versions, refits, state, house.settings)
      }
    }
    await house.database.close()
  }

  private func show(
    _ name: String, _ versions: [DeltaVersion], _ refits: [Refit.Result], _ state: LearnerState?, _ settings: Settings
  ) {
    let language = settings.language
    guard !versions.isEmpty else {
      return Console.line(
        Report.title(chinese: "\(name)：尚未学到任何内容", english: "\(name): nothing learned yet", language))
    }
    Console.line(name)
    Console.table(
      Report.header(
        chinese: "版本|在用|来由|人员|学习条数|字节|时间", english: "version|in use|made by|agent|lessons|bytes|at", language),
      versions.map { version in
        [
          String(version.version), version.isActive ? "*" : "", Report.words(version.why)[language],
          version.agent ?? "", String(version.lessons), String(version.bytes.count),
          Report.when(version.madeAt, in: name, settings),
        ]
      }, indent: "  ")
    if !refits.isEmpty {
      Console.line()
      Console.table(
        Report.header(
          chinese: "重新学习|条数|未采用|在用的 F1|新的 F1|结果|版本",
          english: "refit|lessons|left out|F1 in use|F1 of refit|outcome|version", language),
        refits.map { refit in
          [
            Report.when(refit.at, in: name, settings), String(refit.lessons), String(refit.leftOut),
            Report.score(refit.activeScore), Report.score(refit.refitScore), Report.words(refit.outcome)[language],
            refit.version.map(String.init) ?? "",
          ]
        }, indent: "  ")
    }
    if let fault = versions.first(where: \.isActive)?.fault {
      Console.line("  " + Report.unreadable(name, fault, language))
    }
    if let forgotten = state?.forgotten, forgotten > 0 {
      Console.line(
        "  "
          + Report.title(
            chinese: "\(forgotten) 条已删除的学习记录仍在起作用，直到下次重新学习：postroom model refit \(name)",
            english: "\(forgotten) erased lessons still weigh until the next refit: postroom model refit \(name)",
            language))
    }
  }

  private struct Row: Encodable {
    var mailbox: String
    var version: Int64
    var active: Bool
    var why: String
    var by: String?
    var lessons: Int64
    var bytes: Int
    var made_at: String

    init(_ mailbox: String, _ version: DeltaVersion) {
      self.mailbox = mailbox
      self.version = version.version
      active = version.isActive
      why = version.why.rawValue
      by = version.agent
      lessons = version.lessons
      bytes = version.bytes.count
      made_at = version.madeAt.iso8601
    }
  }
}

struct ModelRefit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refit", abstract: "Learn the log anew now, as `serve` does each night.",
    discussion: "It is used only if it tells labels that it has not seen no worse than what is in use.")

  @OptionGroup var home: HomeOption
  @OptionGroup var mailbox: MailboxArgument

  func run() async throws {
    let house = try await House.open(home.path)
    let language = house.settings.language
    for name in mailbox.names(house) {
      guard let result = try await house.models.refit(name, now: .now) else {
        Console.line(
          Report.title(
            chinese: "\(name)：不足 \(Refit.leastLessons) 条，暂不重新学习",
            english: "\(name): fewer than \(Refit.leastLessons) lessons, nothing to learn anew", language))
        continue
      }
      Console.line(
        "\(name): \(Report.words(result.outcome)[language])  "
          + Report.title(chinese: "在用的 F1 ", english: "F1 in use ", language) + Report.score(result.activeScore)
          + Report.title(chinese: "，新的 ", english: ", of the refit ", language) + Report.score(result.refitScore)
          + "  (\(result.lessons))")
    }
    await house.database.close()
  }
}

struct ModelRollback: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Go back to an earlier version; the next mails are told apart with it.",
    discussion: """
      Without a version, to the one before the one in use; 0 is the model without anything learned. The log stays, so a
      refit that does no worse brings it back: correct what was said wrongly before the night.
      """)

  @OptionGroup var home: HomeOption
  @OptionGroup var actor: ActorOption
  @Argument(help: "The mailbox.") var mailbox: String
  @Argument(help: "The version.") var version: Int64?

  func run() async throws {
    let house = try await House.open(home.path)
    let (version, copied) = try await house.models.rollBack(
      mailbox, to: version, by: try actor.name(), now: .now)
    await house.database.close()
    Console.line(
      Report.title(
        chinese: "\(mailbox)：现用版本 \(version)，与版本 \(copied) 相同",
        english: "\(mailbox): version \(version) is in use, the same as version \(copied)", house.settings.language))
  }
}

struct ModelForget: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget", abstract: "Erase what a customer's mails taught.",
    discussion: "What is in use holds it until the next refit, tonight or by `postroom model refit`.")

  @OptionGroup var home: HomeOption
  @OptionGroup var actor: ActorOption
  @Option(help: "The customer's id, as `customers list` shows it.") var customer: Int64

  func run() async throws {
    let house = try await House.open(home.path)
    let counts = try await house.models.forget(customer: customer, by: try actor.name(), now: .now)
    await house.database.close()
    let language = house.settings.language
    if counts.isEmpty {
      Console.line(
        Report.title(chinese: "没有来自该客户的学习记录", english: "nothing was learned from this customer", language))
    }
    for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
      Console.line(
        Report.title(
          chinese: "\(name)：已删除 \(count) 条；在用的模型到下次重新学习为止仍含其影响：postroom model refit \(name)",
          english:
            "\(name): \(count) lessons erased; they weigh in what is in use until the next refit: postroom model refit \(name)",
          language))
    }
  }
}
