import ArgumentParser
import Foundation
import MailFormat
import PostroomCore
import SQLAccess
import TextClassifier

extension TextLabel: ExpressibleByArgument {}
extension Conversation.State: ExpressibleByArgument {}

/// A conversation's number as people write it: `10492` or `#10492`.
struct NumberArgument: ExpressibleByArgument {
  var number: ConversationNumber

  init?(argument: String) {
    guard let value = Int64(argument.hasPrefix("#") ? argument.dropFirst() : argument[...]),
      let number = ConversationNumber(number: value)
    else { return nil }
    self.number = number
  }
}

struct List: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "List conversations, the newest first.")

  @OptionGroup var home: HomeOption
  @Option(help: "open, waiting or resolved.") var state: Conversation.State?
  @Option(help: "Only what this agent owns.") var owner: String?
  @Option(help: "inquiry, complaint or suggestion.") var kind: TextLabel?
  @Option(help: "Only this mailbox.") var mailbox: String?
  @Flag(help: "Only those whose promised time has passed.") var overdue = false
  @Flag(help: "Only those whose kind is a guess, to be confirmed or corrected.") var toConfirm = false
  @Option(help: "At most so many.") var limit = 50
  @Flag(help: "Without a limit.") var all = false
  @Flag(help: "One JSON object a line.") var json = false

  func run() async throws {
    let house = try await House.open(home.path)
    let now = Instant.now
    var filter = ConversationFilter()
    filter.state = state
    filter.owner = owner
    filter.kind = kind
    filter.mailbox = mailbox
    filter.isToConfirm = toConfirm
    filter.overdueAt = overdue ? now : nil
    filter.limit = all ? 500 : max(1, limit)
    var shown = 0
    while true {
      let page = filter
      let list = try await house.database.read { tx in try tx.conversations(page) }
      if json {
        let opinions = try await house.database.read { tx in
          try list.map { item in try tx.lastSecondOpinion(in: item.id) }
        }
        for (item, opinion) in zip(list, opinions) { try Console.json(Row(item, opinion)) }
      } else if !list.isEmpty {
        Report.conversations(list, house.settings, now: now)
      }
      shown += list.count
      guard all, let last = list.last, list.count == filter.limit else { break }
      filter.before = last.id
    }
    if shown == 0, !json {
      Console.line(Report.title(chinese: "没有符合条件的会话", english: "no conversation matches", house.settings.language))
    }
    await house.database.close()
  }

  struct Row: Encodable {
    var number: Int64
    var mailbox: String
    var kind: String
    var state: String
    var owner: String
    var owner_reason: String
    var customer: String
    var customer_name: String
    var subject: String
    var messages: Int64
    var created_at: String
    var last_message_at: String
    var promised_at: String?
    var to_confirm: Bool
    var second_opinion: OpinionRow?

    init(_ item: Conversation, _ opinion: SecondOpinion?) {
      second_opinion = opinion.map(OpinionRow.init)
      number = item.number
      mailbox = item.mailbox
      kind = item.kind.rawValue
      state = item.state.rawValue
      owner = item.owner
      owner_reason = item.ownerReason
      customer = item.customer.address
      customer_name = item.customer.name
      subject = item.subject
      messages = item.messages
      created_at = item.createdAt.iso8601
      last_message_at = item.lastMessageAt.iso8601
      promised_at = item.promisedAt?.iso8601
      to_confirm = item.isToConfirm
    }
  }
}

struct Show: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show a conversation: its mails, what was sent, what was done.")

  @OptionGroup var home: HomeOption
  @Argument(help: "The conversation's number, such as 10492.") var number: NumberArgument
  @Flag(help: "With quoted mail and signatures.") var whole = false
  @Flag(help: "One JSON object.") var json = false

  func run() async throws {
    let house = try await House.open(home.path)
    let id = number.number.id
    let found = try await house.database.read { tx in
      (try tx.conversation(id), try tx.timeline(id), try tx.secondOpinions(in: id))
    }
    await house.database.close()
    guard let conversation = found.0 else { throw DeskRefusal("there is no conversation \(number.number)") }
    if json {
      try Console.json(Whole(conversation, found.1, found.2))
    } else {
      print(conversation, found.1, found.2, house.settings)
    }
  }

  private func print(
    _ item: Conversation, _ timeline: [TimelineEntry], _ opinions: [Int64: SecondOpinion], _ settings: Settings
  ) {
    let language = settings.language
    let calendar = settings.mailboxes[item.mailbox]?.calendar ?? .standard(zone: .gmt)
    let owner = settings.agents[item.owner]?.name ?? item.owner
    let reason = OwnerReason(rawValue: item.ownerReason)?.words[language] ?? item.ownerReason
    Console.line("#\(item.number)  \(Console.clipped(item.subject, 90))")
    Console.line(
      "\(Report.words(item.kind)[language]) · \(Report.words(item.state)[language]) · \(owner) (\(reason)) · "
        + "\(Console.clipped(item.customer.name, 30)) <\(item.customer.address)>")
    if item.isToConfirm {
      Console.line(
        Report.title(
          chinese: "类别待确认：postroom confirm \(item.number)，或 postroom label \(item.number) 类别",
          english: "kind to confirm: postroom confirm \(item.number), or postroom label \(item.number) KIND", language))
    }
    if item.promisedAt != nil {
      Console.line(
        Report.title(chinese: "承诺答复：", english: "promised: ", language)
          + Report.due(item.promisedAt, calendar, language, now: .now))
    }
    for entry in timeline {
      Console.line()
      describe(entry, opinions, at: Report.when(entry.at, calendar), language)
    }
  }

  private func describe(
    _ entry: TimelineEntry, _ opinions: [Int64: SecondOpinion], at time: String, _ language: Language
  ) {
    switch entry.content {
    case .mail(let mail):
      let reading = MailReading(MessageParser.parse(mail.bytes))
      var head = "── \(time)  \(mail.sender)"
      if let label = mail.label.flatMap(TextLabel.init(rawValue:)), let confidence = mail.confidence {
        head +=
          "  [\(Report.words(label)[language]) \(Int(confidence * 100)) %"
          + (mail.routing.map { " \($0.words[language])" } ?? "") + (mail.evidence.map { ": \($0)" } ?? "") + "]"
      }
      Console.line(head)
      if let score = mail.spamScore, score >= 0.5 {
        Console.line(
          Report.title(chinese: "   疑似垃圾邮件：", english: "   looks like spam: ", language)
            + "\(Int(score * 100)) %")
      }
      if let opinion = opinions[mail.id] { Console.line("   " + Report.words(opinion, language)) }
      let decision = ReplySuppression(rawValue: mail.decision)?.words[language]
      if let decision {
        Console.line(
          Report.title(chinese: "   未自动回复：", english: "   not answered automatically: ", language) + decision)
      }
      if let defects = mail.defects { Console.line("   ! " + defects.replacingOccurrences(of: "\n", with: "\n   ! ")) }
      if whole { Sections.show(reading.reply, of: reading.latestText) } else { show(reading, language) }
      for file in reading.message.attachments {
        Console.line("   + \(Console.clipped(file.name.isEmpty ? file.type : file.name, 60))  \(file.size) B")
      }
    case .delivery(let sent):
      Console.line(
        "── \(time)  → \(sent.recipient)  [\(sent.purpose) · \(sent.state)\(sent.reason.map { ": \($0)" } ?? "")]")
      Console.line(sent.text)
    case .event(let actor, let what, let detail):
      Console.line("·  \(time)  \(actor): \(what)\(detail.map { " (\($0))" } ?? "")")
    }
  }

  /// The new text, and how much is folded.
  private func show(_ reading: MailReading, _ language: Language) {
    Console.line(reading.newText)
    let folded = reading.foldedLines
    guard folded > 0 else { return }
    Console.line(
      Report.title(
        chinese: "   （另有 \(folded) 行引文与签名，--whole 显示全文）",
        english: "   (\(folded) more lines quoted or signed: --whole)",
        language))
  }

  private struct Whole: Encodable {
    struct Entry: Encodable {
      var at: String
      var type: String
      var who: String
      var subject: String?
      var text: String?
      var label: String?
      var confidence: Double?
      var routing: String?
      var spam_score: Double?
      var second_opinion: OpinionRow?
      var reply_decision: String?
      var state: String?
      var reason: String?
    }
    var conversation: List.Row
    var timeline: [Entry]

    init(_ item: Conversation, _ timeline: [TimelineEntry], _ opinions: [Int64: SecondOpinion]) {
      conversation = List.Row(item, opinions.values.max { $0.message < $1.message })
      self.timeline = timeline.map { entry in
        switch entry.content {
        case .mail(let mail):
          Entry(
            at: entry.at.iso8601, type: "mail", who: mail.sender, subject: mail.subject,
            text: MailReading(MessageParser.parse(mail.bytes)).text, label: mail.label, confidence: mail.confidence,
            routing: mail.routing?.rawValue, spam_score: mail.spamScore,
            second_opinion: opinions[mail.id].map(OpinionRow.init),
            reply_decision: mail.decision)
        case .delivery(let sent):
          Entry(
            at: entry.at.iso8601, type: sent.purpose, who: sent.recipient,
            text: sent.text, state: sent.state, reason: sent.reason)
        case .event(let actor, let what, let detail):
          Entry(at: entry.at.iso8601, type: what, who: actor, text: detail)
        }
      }
    }
  }
}
