import ArgumentParser
import PostroomCore
import SQLAccess

struct Callbacks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Callbacks: complainants who are asked whether the solution satisfied them.",
    subcommands: [CallbacksList.self], defaultSubcommand: CallbacksList.self)
}

struct CallbacksList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List callbacks that are due, sent and cancelled, the latest first.")

  @OptionGroup var home: HomeOption
  @Option(help: "Only those in this state, such as queued, accepted or cancelled.") var state: DeliveryState?
  @Option(help: "At most so many.") var limit = 50
  @Flag(help: "One JSON object a line.") var json = false

  func run() async throws {
    let house = try await House.open(home.path)
    let (state, limit) = (state, max(1, limit))
    let list = try await house.database.read { tx in try tx.callbacks(state: state, limit: limit) }
    await house.database.close()
    let language = house.settings.language
    if json {
      for item in list { try Console.json(Row(item, language)) }
    } else if list.isEmpty {
      Console.line(Report.title(chinese: "没有回访", english: "there are no callbacks", language))
    } else {
      Console.table(
        Report.header(
          chinese: "序号|会话|客户|渠道|状态|时间|已发|原因", english: "id|number|customer|channel|state|due|sent|reason", language),
        list.map { item in
          [
            String(item.id), item.conversation.description,
            Console.clipped(item.customer.name.isEmpty ? item.recipient : item.customer.name, 24),
            Report.words(item.channel)[language], Report.words(item.state)[language],
            Report.when(item.dueAt, in: item.mailbox, house.settings),
            item.sentAt.map { Report.when($0, in: item.mailbox, house.settings) } ?? "",
            Console.clipped(GateReason.words(of: item.reason ?? "", in: language), 60),
          ]
        })
    }
  }

  private struct Row: Encodable {
    var id: Int64
    var number: Int64
    var mailbox: String
    var customer: Int64
    var customer_name: String
    var channel: String
    var recipient: String
    var state: String
    var reason: String?
    var reason_words: String?
    var due_at: String
    var sent_at: String?

    init(_ item: CallbackEntry, _ language: Language) {
      id = item.id
      number = item.conversation.value
      mailbox = item.mailbox
      customer = item.customer.id
      customer_name = item.customer.name
      channel = item.channel.rawValue
      recipient = item.recipient
      state = item.state.rawValue
      reason = item.reason
      reason_words = item.reason.map { GateReason.words(of: $0, in: language) }
      due_at = item.dueAt.iso8601
      sent_at = item.sentAt?.iso8601
    }
  }
}
