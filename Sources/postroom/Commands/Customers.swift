import ArgumentParser
import PostroomCore
import SQLAccess

extension Tier: ExpressibleByArgument {
  /// By name or words, in Chinese or English.
  package init?(argument: String) { self.init(word: argument) }
}

struct Customers: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The customers: bring them in from lists, see what is known of them, change it.",
    subcommands: [CustomersList.self, CustomersShow.self, CustomersSet.self, CustomersImport.self],
    defaultSubcommand: CustomersList.self)
}

struct CustomersList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List customers.")

  @OptionGroup var home: HomeOption
  @Option(help: "regular, vip or senior.") var tier: Tier?
  @Option(help: ArgumentHelp("Only those born on this day: 05-01.", valueName: "MM-DD")) var birthday: String?
  @Option(help: "Part of a name, reference, address or number.") var search: String?
  @Option(help: "At most so many.") var limit = 50
  @Flag(help: "Without a limit.") var all = false
  @Flag(help: "One JSON object a line.") var json = false

  func run() async throws {
    var filter = CustomerFilter()
    filter.tier = tier
    filter.search = search
    filter.limit = all ? 500 : max(1, limit)
    if let birthday {
      guard let day = Birthday(birthday) else {
        throw ValidationError("'\(birthday)' is no day of the year: write 05-01.")
      }
      filter.birthday = (day.month, day.day)
    }
    let house = try await House.open(home.path)
    let language = house.settings.language
    var isEmpty = true
    while true {
      let page = filter
      let list = try await house.database.read { tx in try tx.customerCards(page) }
      isEmpty = isEmpty && list.isEmpty
      if json {
        for card in list { try Console.json(CustomerRow(card)) }
      } else if !list.isEmpty {
        print(list, language)
      }
      guard all, let last = list.last, list.count == filter.limit else { break }
      filter.after = last.id
    }
    await house.database.close()
    if isEmpty, !json { Console.line(Report.title(chinese: "没有符合条件的客户", english: "no customer matches", language)) }
  }

  private func print(_ list: [CustomerCard], _ language: Language) {
    Console.table(
      Report.header(
        chinese: "序号|客户编号|姓名|等级|生日|语言|时区|联系方式", english: "id|reference|name|tier|birthday|language|zone|contacts",
        language),
      list.map { card in
        [
          String(card.id), Console.clipped(card.reference ?? "", 20), Console.clipped(card.name, 24),
          card.tier.words[language], card.birthday?.description ?? "", card.language ?? "", card.zone ?? "",
          Console.clipped(card.contacts.map(\.address).joined(separator: " "), 80),
        ]
      })
  }
}

struct CustomersShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show all that is known of a customer.",
    discussion:
      "Consents with their proof, suppressed addresses, conversations that are not resolved, the last messages.")

  @OptionGroup var home: HomeOption
  @Argument(help: "The customer's id, e-mail address, phone number or reference.") var customer: String
  @Flag(help: "As JSON.") var json = false

  func run() async throws {
    let house = try await House.open(home.path)
    let name = customer
    let found = try await house.database.read { tx -> Found? in
      guard let id = try tx.customer(named: name), let card = try tx.customerCard(id) else { return nil }
      var filter = ConversationFilter()
      filter.customer = id
      return Found(
        card: card, suppressions: try tx.suppressions(ofCustomer: id),
        conversations: try tx.conversations(filter).filter { $0.state != .resolved },
        sent: try tx.messagesSent(toCustomer: id, limit: 10))
    }
    await house.database.close()
    guard let found else { throw CustomersSet.unknown(customer, house.settings.language) }
    if json { return try Console.json(CustomerRow(found.card)) }
    found.show(house.settings, now: .now)
  }

  private struct Found: Sendable {
    var card: CustomerCard
    var suppressions: [Suppression]
    var conversations: [Conversation]
    var sent: [SentMessage]

    func show(_ settings: Settings, now: Instant) {
      let language = settings.language
      func title(_ chinese: String, _ english: String) -> String {
        Report.title(chinese: chinese, english: english, language)
      }
      func when(_ instant: Instant) -> String { CustomerRow.day(instant, settings) }
      func row(_ chinese: String, _ english: String, _ value: String?) -> [String]? {
        value.map { [title(chinese, english), $0] }
      }
      Console.table(
        [String(card.id), card.name],
        [
          row("客户编号", "reference", card.reference), row("等级", "tier", card.tier.words[language]),
          row("生日", "birthday", card.birthday?.description), row("语言", "language", card.language),
          row("时区", "zone", card.zone), row("满意度", "satisfaction", card.satisfaction.map(String.init)),
          row("负责人", "owner", card.owner.map { settings.agents[$0]?.name ?? $0 }),
          row("建立", "since", when(card.createdAt)),
        ].compactMap { $0 }
          + card.contacts.map { [Report.words($0.channel)[language], $0.address] })
      section(title("同意", "consents"), card.consents.isEmpty) {
        Console.table(
          Report.header(chinese: "渠道|用途|同意|日期|来源", english: "channel|purpose|consent|date|source", language),
          card.consents.map { consent in
            [
              Report.words(consent.topic.channel)[language], Report.words(consent.topic.purpose)[language],
              consent.given ? title("是", "yes") : title("否", "no"), when(consent.saidAt),
              Console.clipped(consent.source, 80),
            ]
          })
      }
      section(title("停发", "suppressed"), suppressions.isEmpty) {
        for entry in suppressions {
          Console.line("\(entry.address)  \(entry.reason.words[language])  \(when(entry.createdAt))  \(entry.source)")
        }
      }
      section(title("未解决的会话", "conversations not resolved"), conversations.isEmpty) {
        Report.conversations(conversations, settings, now: now)
      }
      section(title("最近发出", "last messages"), sent.isEmpty) {
        Console.table(
          Report.header(chinese: "序号|时间|用途|收件人|状态|主题", english: "id|sent|purpose|recipient|state|subject", language),
          sent.map { message in
            [
              String(message.id), when(message.sentAt), Report.words(message.purpose)[language], message.recipient,
              Report.words(message.state)[language], Console.clipped(message.subject, 50),
            ]
          })
      }
    }

    private func section(_ title: String, _ isEmpty: Bool, _ body: () -> Void) {
      guard !isEmpty else { return }
      Console.line()
      Console.line(title)
      body()
    }
  }
}

struct CustomersSet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Change what is known of a customer.",
    discussion:
      "Consent is written down with your name as its source, and takes the customer off the list of those who opted out."
  )

  @OptionGroup var home: HomeOption
  @OptionGroup var actor: ActorOption
  @Argument(help: "The customer's id, e-mail address, phone number or reference.") var customer: String
  @Option var name: String?
  @Option(help: "regular, vip or senior.") var tier: Tier?
  @Option(help: "As in Asia/Shanghai.") var zone: String?
  @Option(help: "zh-Hans or en.") var language: String?
  @Option(help: "1990-05-01, or 05-01.") var birthday: String?
  @Option(
    help: ArgumentHelp("sms.promotion=yes, or sms=no for all of a channel. May be repeated.", valueName: "topic=yes|no")
  )
  var consent: [String] = []

  func run() async throws {
    let change = try change()
    let house = try await House.open(home.path)
    let agent = try actor.name()
    guard house.settings.agents[agent] != nil else { throw SettingsError("\(agent) is no agent of the settings") }
    let name = customer
    let card = try await house.database.write { tx -> CustomerCard? in
      guard let id = try tx.customer(named: name) else { return nil }
      try tx.change(id, change, source: "set by \(agent)", now: .now)
      return try tx.customerCard(id)
    }
    await house.database.close()
    guard let card else { throw Self.unknown(customer, house.settings.language) }
    Console.line("\(card.id) \(card.name): \(card.tier.words[house.settings.language])")
  }

  private func change() throws -> CustomerChange {
    var change = CustomerChange()
    change.name = name
    change.tier = tier
    if let zone {
      guard let known = ZoneName.canonical(zone) else {
        throw ValidationError(
          "There is no time zone \(zone)" + (ZoneName.nearest(zone).map { ": did you mean \($0)?" } ?? "."))
      }
      change.zone = known
    }
    if let language {
      guard let known = Language(word: language) else { throw ValidationError("Use zh-Hans or en, not \(language).") }
      change.language = known
    }
    if let birthday {
      guard let day = Birthday(birthday) else { throw ValidationError("'\(birthday)' is no day: write 1990-05-01.") }
      change.birthday = day
    }
    for entry in consent {
      let parts = entry.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let topics = ConsentWord.topics(parts[0]), let given = ConsentWord.given(parts[1]) else {
        throw ValidationError("'\(entry)' is no consent: write sms.promotion=yes, mail.greeting=no or sms=no.")
      }
      for topic in topics { change.consents[topic] = given }
    }
    if change == CustomerChange() { throw ValidationError("Say what to change: --tier, --zone, --consent …") }
    return change
  }

  static func unknown(_ name: String, _ language: Language) -> SettingsError {
    SettingsError(Report.title(chinese: "没有客户 \(name)", english: "there is no customer \(name)", language))
  }
}

/// A customer as `--json` shows it.
private struct CustomerRow: Encodable {
  struct Said: Encodable {
    var channel: String
    var purpose: String
    var given: Bool
    var source: String
    var said_at: String
  }

  var id: Int64
  var reference: String?
  var name: String
  var tier: String
  var birthday: String?
  var language: String?
  var zone: String?
  var satisfaction: Int64?
  var owner: String?
  var mail: [String]
  var sms: [String]
  /// In `show` only.
  var consents: [Said]?
  var created_at: String

  init(_ card: CustomerCard) {
    id = card.id
    reference = card.reference
    name = card.name
    tier = card.tier.rawValue
    birthday = card.birthday?.description
    language = card.language
    zone = card.zone
    satisfaction = card.satisfaction
    owner = card.owner
    mail = card.contacts.filter { $0.channel == .mail }.map(\.address)
    sms = card.contacts.filter { $0.channel == .sms }.map(\.address)
    consents =
      card.consents.isEmpty
      ? nil
      : card.consents.map { consent in
        Said(
          channel: consent.topic.channel.rawValue, purpose: consent.topic.purpose.rawValue, given: consent.given,
          source: consent.source, said_at: consent.saidAt.iso8601)
      }
    created_at = card.createdAt.iso8601
  }

  /// With the year: consents are old.
  static func day(_ instant: Instant, _ settings: Settings) -> String {
    WorkCalendar.standard(zone: settings.zone).localTime(instant).date.description
  }
}
