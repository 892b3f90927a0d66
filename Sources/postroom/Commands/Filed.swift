import ArgumentParser
import PostroomCore
import SQLAccess

struct Filed: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Mail that opened no conversation: see it, and take in what was filed by mistake.",
    subcommands: [FiledList.self, FiledAccept.self], defaultSubcommand: FiledList.self)
}

struct FiledList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List spam and machines' mail, the newest first, with what gave it away.")

  enum Sort: String, ExpressibleByArgument, CaseIterable {
    case spam, automatic, bounce
    var outcome: Outcome? { Outcome(rawValue: rawValue) }
  }

  @OptionGroup var home: HomeOption
  @Option(help: "spam, automatic or bounce.") var outcome: Sort?
  @Option(help: "At most so many.") var limit = 50
  @Flag(help: "One JSON object a line.") var json = false

  func run() async throws {
    let house = try await House.open(home.path)
    let (outcome, limit) = (outcome?.outcome, max(1, limit))
    let list = try await house.database.read { tx in try tx.filedMail(outcome: outcome, limit: limit) }
    await house.database.close()
    let language = house.settings.language
    if json {
      for item in list { try Console.json(Row(item)) }
    } else if list.isEmpty {
      Console.line(Report.title(chinese: "没有归档的邮件", english: "no mail was filed", language))
    } else {
      print(list, house.settings, language)
    }
  }

  private func print(_ list: [FiledMail], _ settings: Settings, _ language: Language) {
    Console.table(
      Report.header(
        chinese: "序号|结果|负责人|到达|发件人|主题|依据", english: "id|outcome|owner|arrived|sender|subject|evidence", language),
      list.map { item in
        [
          String(item.id), Report.words(item.outcome)[language], settings.agents[item.owner]?.name ?? item.owner,
          Report.when(item.arrivedAt, in: item.mailbox, settings), Console.clipped(item.sender, 32),
          Console.clipped(item.subject, 40), Console.clipped(item.evidence ?? "", 60),
        ]
      })
  }

  private struct Row: Encodable {
    var id: Int64
    var mailbox: String
    var outcome: String
    var owner: String
    var sender: String
    var sender_name: String
    var subject: String
    var preview: String
    var kind: String
    var evidence: String?
    var arrived_at: String

    init(_ item: FiledMail) {
      id = item.id
      mailbox = item.mailbox
      outcome = item.outcome.rawValue
      owner = item.owner
      sender = item.sender
      sender_name = item.senderName
      subject = item.subject
      preview = item.preview
      kind = item.kind
      evidence = item.evidence
      arrived_at = item.arrivedAt.iso8601
    }
  }
}

struct FiledAccept: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accept", abstract: "A customer wrote this mail: give it an owner and a promised time.",
    discussion: "It is answered automatically if the mailbox's rules allow it, as any customer's mail.")

  @OptionGroup var home: HomeOption
  @OptionGroup var actor: ActorOption
  @Argument(help: "The mail's id as `filed list` shows it.") var id: Int64

  func run() async throws {
    let house = try await House.open(home.path)
    let result = try await house.filed.accept(
      id, by: try actor.name(), intakes: try await house.intakesByName(), now: .now)
    await house.database.close()
    let language = house.settings.language
    let isAnswered = result.receipt.repliesQueued > 0
    Console.line(
      "\(id) → \(result.conversation): \(Report.words(result.receipt.outcome)[language]) · "
        + (isAnswered
          ? Report.title(chinese: "已排队自动回复", english: "automatic reply queued", language)
          : Report.title(chinese: "未自动回复", english: "not answered automatically", language)))
  }
}
