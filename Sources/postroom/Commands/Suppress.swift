import ArgumentParser
import MailFormat
import PostroomCore
import SQLAccess

extension SuppressionScope: ExpressibleByArgument {}

struct Suppress: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Addresses and numbers that get nothing more, or no marketing.",
    subcommands: [SuppressAdd.self, SuppressRemove.self, SuppressList.self], defaultSubcommand: SuppressList.self)
}

/// A mail address or number as a person types it.
struct Recipient {
  var channel: Channel
  var address: String

  init(_ text: String) throws {
    if text.contains("@") {
      // One that no mail goes to would stand on the list, and its owner get mail all the same.
      let mail = MailAddress(address: text)
      guard mail.isSendable else {
        throw SettingsError("\(text) is no mail address: write it alone, as in a@example.cn")
      }
      channel = .mail
      address = mail.normalized
    } else {
      channel = .sms
      do { address = try PhoneNumber(text).e164 } catch {
        throw SettingsError("\(text) is neither a mail address nor a number: \(error.words.english)")
      }
    }
  }
}

struct SuppressAdd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "add", abstract: "Put an address or number on the list.")

  @OptionGroup var home: HomeOption
  @OptionGroup var actor: ActorOption
  @Argument(help: "A mail address or a number.") var address: String
  @Option(help: "marketing: no greetings, promotions and surveys; all: nothing at all.")
  var scope = SuppressionScope.marketing
  @Option(help: "Why, for those who look later.") var reason: String?

  func run() async throws {
    let house = try await House.open(home.path)
    let agent = try house.settings.checkAgent(try actor.name())
    let recipient = try Recipient(address)
    let entry = Suppression(
      channel: recipient.channel, address: recipient.address, scope: scope, reason: .byHand,
      source: [agent.name, reason].compactMap { $0 }.joined(separator: ": "), createdAt: .now)
    let isNew = try await house.database.write { tx in try tx.suppress(entry) }
    await house.database.close()
    let language = house.settings.language
    Console.line(
      isNew
        ? Report.title(chinese: "\(recipient.address) 已列入", english: "\(recipient.address) is on the list", language)
        : Report.title(
          chinese: "\(recipient.address) 早已列入", english: "\(recipient.address) was on the list already", language))
  }
}

struct SuppressRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Take an address or number off the list.",
    discussion: """
      Consent that was withdrawn stays withdrawn: only the customer gives it again.
      """)

  @OptionGroup var home: HomeOption
  @OptionGroup var actor: ActorOption
  @Argument(help: "A mail address or a number.") var address: String

  func run() async throws {
    let house = try await House.open(home.path)
    _ = try house.settings.checkAgent(try actor.name())
    let recipient = try Recipient(address)
    let count = try await house.database.write { tx in try tx.unsuppress(recipient.channel, recipient.address) }
    await house.database.close()
    let language = house.settings.language
    Console.line(
      count > 0
        ? Report.title(chinese: "\(recipient.address) 已移出", english: "\(recipient.address) is off the list", language)
        : Report.title(
          chinese: "\(recipient.address) 不在名单上", english: "\(recipient.address) was not on the list", language))
  }
}

struct SuppressList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List the entries, the newest first.")

  @OptionGroup var home: HomeOption
  @Argument(help: "Only this mail address or number.") var address: String?
  @Option(help: "At most so many.") var limit = 50
  @Flag(help: "One JSON object a line.") var json = false

  func run() async throws {
    let house = try await House.open(home.path)
    let wanted = try address.map { try Recipient($0).address }
    let most = max(1, limit)
    let list = try await house.database.read { tx in try tx.suppressions(of: wanted, limit: most) }
    await house.database.close()
    if json {
      for entry in list { try Console.json(Row(entry)) }
      return
    }
    let language = house.settings.language
    guard !list.isEmpty else {
      Console.line(Report.title(chinese: "名单为空", english: "the list is empty", language))
      return
    }
    Console.table(
      Report.header(chinese: "渠道|地址|范围|原因|来源|时间", english: "channel|address|scope|reason|source|since", language),
      list.map { entry in
        [
          Report.words(entry.channel)[language], entry.address,
          entry.scope == .all
            ? Report.title(chinese: "全部", english: "all", language)
            : Report.title(chinese: "营销", english: "marketing", language),
          entry.reason.words[language], Console.clipped(entry.source, 50),
          Report.when(entry.createdAt, in: nil, house.settings),
        ]
      })
  }

  private struct Row: Encodable {
    var channel: String
    var address: String
    var scope: String
    var reason: String
    var source: String
    var created_at: String

    init(_ entry: Suppression) {
      channel = entry.channel.rawValue
      address = entry.address
      scope = entry.scope.rawValue
      reason = entry.reason.rawValue
      source = entry.source
      created_at = entry.createdAt.iso8601
    }
  }
}
