import ArgumentParser
import PostroomCore
import SQLAccess

extension DeliveryState: ExpressibleByArgument {}

struct Outbox: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Messages that leave the house: see those that need a person, send them again or give them up.",
    subcommands: [OutboxList.self, OutboxShow.self, OutboxRetry.self, OutboxConfirm.self, OutboxDiscard.self],
    defaultSubcommand: OutboxList.self)
}

struct OutboxList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List messages, the newest first.",
    discussion: "Without --state, those that need a person: rejected, uncertain, or deferred more than once.")

  @OptionGroup var home: HomeOption
  @Option(
    help:
      "One of queued, held, sending, accepted, delivered, deferred, rejected, uncertain, suppressed, expired, cancelled."
  )
  var state: DeliveryState?
  @Option(help: "At most so many.") var limit = 50
  @Flag(help: "One JSON object a line.") var json = false

  func run() async throws {
    let house = try await House.open(home.path)
    var filter = OutboxFilter()
    filter.state = state
    filter.limit = max(1, limit)
    let chosen = filter
    let list = try await house.database.read { tx in try tx.outbox(chosen) }
    await house.database.close()
    let language = house.settings.language
    if json {
      for item in list { try Console.json(Row(item)) }
    } else if list.isEmpty {
      Console.line(
        state == nil
          ? Report.title(chinese: "没有需要人工处理的消息", english: "no message needs a person", language)
          : Report.title(chinese: "没有符合条件的消息", english: "no message matches", language))
    } else {
      print(list, house.settings, language)
    }
  }

  private func print(_ list: [OutboxEntry], _ settings: Settings, _ language: Language) {
    Console.table(
      Report.header(
        chinese: "序号|会话|用途|状态|次数|下次发送|收件人|原因",
        english: "id|number|purpose|state|tries|next try|recipient|reason", language),
      list.map { item in
        [
          String(item.id), item.conversation?.description ?? "",
          Purpose(rawValue: item.purpose).map { Report.words($0)[language] } ?? item.purpose,
          Report.words(item.state)[language], String(item.attempts),
          item.nextTryAt.map { Report.when($0, in: item.mailbox, settings) } ?? "",
          Console.clipped(item.recipient, 40),
          Console.clipped(GateReason.words(of: item.reason ?? "", in: language), 80),
        ]
      })
  }

  private struct Row: Encodable {
    var id: Int64
    var number: Int64?
    var mailbox: String?
    var channel: String
    var purpose: String
    var gateway: String
    var recipient: String
    var subject: String
    var reference: String
    var gateway_reference: String?
    var state: String
    var reason: String?
    var attempts: Int64
    var created_at: String
    var next_try_at: String?
    var expires_at: String?
    var finished_at: String?

    init(_ item: OutboxEntry) {
      id = item.id
      number = item.conversation?.value
      mailbox = item.mailbox
      channel = item.channel.rawValue
      purpose = item.purpose
      gateway = item.gateway
      recipient = item.recipient
      subject = item.subject
      reference = item.reference
      gateway_reference = item.gatewayReference
      state = item.state.rawValue
      reason = item.reason
      attempts = item.attempts
      created_at = item.createdAt.iso8601
      next_try_at = item.nextTryAt?.iso8601
      expires_at = item.expiresAt?.iso8601
      finished_at = item.finishedAt?.iso8601
    }
  }
}

struct OutboxRetry: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "Queue a message again, due now.",
    discussion: "For rejected, uncertain, expired, held and deferred ones. A mail keeps its Message-ID.")

  @OptionGroup var home: HomeOption
  @OptionGroup var actor: ActorOption
  @Argument(help: "The message's id as `outbox list` shows it.") var id: Int64

  func run() async throws {
    let house = try await House.open(home.path)
    let before = try await house.outbox.retry(id, by: try actor.name(), now: .now)
    await house.database.close()
    let language = house.settings.language
    Console.line("\(before.title) → \(before.recipient): \(Report.words(DeliveryState.queued)[language])")
    if before.uncertainties > 0 {
      Console.error(
        Report.title(
          chinese: "注意：上次发送的结果不明，客户可能会收到两次",
          english: "mind: nobody knows whether it went out before, so the customer may get it twice", language))
    }
  }
}

struct OutboxDiscard: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "discard", abstract: "Give a message up.",
    discussion: "When it was an agent's answer, the conversation is open again: the customer still waits for one.",
    aliases: ["cancel"])

  @OptionGroup var home: HomeOption
  @OptionGroup var actor: ActorOption
  @Argument(help: "The message's id as `outbox list` shows it.") var id: Int64
  @Option(help: "Why, for those who read the conversation later.") var reason: String?

  func run() async throws {
    let house = try await House.open(home.path)
    let before = try await house.outbox.cancel(id, by: try actor.name(), reason: reason, now: .now)
    await house.database.close()
    Console.line(
      "\(before.title) → \(before.recipient): "
        + Report.words(DeliveryState.cancelled)[house.settings.language])
  }
}

struct OutboxShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a message: what it says, how it fares and each attempt.")

  @OptionGroup var home: HomeOption
  @Argument(help: "The message's id as `outbox list` shows it.") var id: Int64

  func run() async throws {
    let house = try await House.open(home.path)
    let (entry, attempts) = try await house.database.read { tx in
      (try tx.outboxEntry(id), try tx.attempts(of: id))
    }
    await house.database.close()
    guard let entry else { throw SettingsError("there is no message \(id) in the outbox") }
    let language = house.settings.language
    func row(_ chinese: String, _ english: String, _ value: String?) -> [String]? {
      value.map { [Report.title(chinese: chinese, english: english, language), $0] }
    }
    func when(_ instant: Instant?) -> String? { instant.map { Report.when($0, in: entry.mailbox, house.settings) } }
    Console.table(
      [entry.title, Report.words(entry.state)[language]],
      [
        row("用途", "purpose", Purpose(rawValue: entry.purpose).map { Report.words($0)[language] }),
        row("渠道", "channel", Report.words(entry.channel)[language] + ", " + entry.gateway),
        row("收件人", "recipient", entry.recipient), row("主题", "subject", entry.subject.isEmpty ? nil : entry.subject),
        row("原因", "reason", entry.reason.map { GateReason.words(of: $0, in: language) }),
        row("创建", "created", when(entry.createdAt)), row("下次发送", "next try", when(entry.nextTryAt)),
        row("有效至", "valid until", when(entry.expiresAt)), row("完成", "finished", when(entry.finishedAt)),
        row("编号", "reference", entry.reference), row("网关编号", "gateway's reference", entry.gatewayReference),
      ].compactMap { $0 })
    for attempt in attempts {
      Console.line("\(attempt.number). \(when(attempt.startedAt) ?? "")  \(attempt.outcome)  \(attempt.answer ?? "")")
    }
    Console.line()
    Console.line(String(decoding: entry.content.prefix(20_000), as: UTF8.self))
  }
}

extension OutboxEntry {
  /// `17 #10492`.
  fileprivate var title: String {
    ([String(id)] + (conversation.map { [$0.description] } ?? [])).joined(separator: " ")
  }
}

struct OutboxConfirm: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirm", abstract: "Say that an uncertain message was sent: the gateway's records show it.")

  @OptionGroup var home: HomeOption
  @OptionGroup var actor: ActorOption
  @Argument(help: "The message's id as `outbox list` shows it.") var id: Int64

  func run() async throws {
    let house = try await House.open(home.path)
    let agent = try house.settings.checkAgent(try actor.name())
    let state = try await house.outbox.settleDoubt(id, .taken("confirmed by hand"), by: agent.id, now: .now)
    await house.database.close()
    Console.line("\(id): \(Report.words(state)[house.settings.language])")
  }
}
