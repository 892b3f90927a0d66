import ArgumentParser
import Foundation
import PostroomCore
import SQLAccess

struct Promote: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell customers who agreed to it of an offer.",
    discussion: """
      `plan` tells who would get it, who not and why, when and at what cost; only `send` enqueues. A promotion that still
      runs is continued by a second `send`: nobody gets it twice.
      """,
    subcommands: [PromotePlan.self, PromoteSend.self, PromoteStatus.self, PromoteCancel.self])
}

/// How a promotion goes: by one channel, or by what suits each.
enum ChannelChoice: String, ExpressibleByArgument {
  case auto, sms, mail
  var channel: Channel? { Channel(rawValue: rawValue) }
}

struct PromoteOptions: ParsableArguments {
  @OptionGroup var home: HomeOption
  @Option(help: "What it is called, such as 双十一; {{promotion.name}} in the text.") var name: String
  @Option(help: "Who gets it: all, tier=vip, tier>=vip, language=en, not-contacted=90d, customers-of=MAILBOX …")
  var segment = "all"
  @Option(help: "The template of templates/ to use.") var template = TemplateKind.promotion.rawValue
  @Option(
    help: "A file with the words instead: an SMS, or a mail that begins with a `Subject:` line and an empty one.")
  var text: String?
  @Option(help: "sms, mail, or auto: SMS who agreed to it there, else mail.") var channel = ChannelChoice.auto
  @Option(help: "What has not left so long after its beginning is not sent: 12h, 3d.") var valid = "3d"
  @Option(help: "When it begins, on the house's clock: \"2026-11-11 10:00\". (default: now)") var at: String?
  @Flag(help: "One JSON object.") var json = false

  func run(sends: Bool) async throws {
    guard template == TemplateKind.promotion.rawValue else {
      throw ValidationError("Promotions use the template promotion; give other words with --text FILE.")
    }
    guard let validity = TimeSpan.seconds(valid), (3600...90 * 86_400).contains(validity) else {
      throw ValidationError("--valid is \"\(valid)\", but must be a time from 1h to 90d.")
    }
    let house = try await House.open(home.path)
    let segment = try Segment(segment, mailboxes: house.settings.mailboxes.keys)
    let now = Instant.now
    let promotion = Promotion(
      name: name, segment: segment, channel: channel.channel, startsAt: try start(house.settings), validity: validity)
    let templates = try text.map { try house.templates.replacing(.promotion, withFile: $0) }
    let outreach = house.outreach(templates)
    let mailshot = try await outreach.mailshot(promotion, now: now)
    let plan = sends ? try await outreach.send(mailshot, now: now) : try await outreach.plan(mailshot, now: now)
    await house.database.close()
    if !json, let campaign = mailshot.campaign { Console.line(campaign) }
    if text != nil, Set(plan.examples.map(\.language)).count > 1 {
      Console.error(
        Report.title(
          chinese: "注意：中文和英文客户会收到同一文字；可用 --segment language=zh 和 language=en 分别发送",
          english: "mind: customers of both languages get the same words; --segment language=zh and language=en tell "
            + "them apart", house.settings.language))
    }
    try PlanReport(plan, house.settings, isDone: sends).print(json: json)
  }

  private func start(_ settings: Settings) throws -> Instant? {
    guard let at else { return nil }
    let parts = at.split { $0 == " " || $0 == "T" }
    let clock = parts.dropFirst().first.map { $0.split(separator: ":").map { Int($0) ?? -1 } } ?? []
    guard parts.count == 2, clock.count == 2, (0..<24).contains(clock[0]), (0..<60).contains(clock[1]),
      let date = CivilDate(String(parts[0]))
    else { throw ValidationError("--at is \"\(at)\": write \"2026-11-11 10:00\".") }
    return WorkCalendar.standard(zone: settings.zone)
      .instant(CivilTime(date: date, secondOfDay: clock[0] * 3600 + clock[1] * 60))
  }
}

struct PromotePlan: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "plan", abstract: "Tell what would be sent.")
  @OptionGroup var options: PromoteOptions
  func run() async throws { try await options.run(sends: false) }
}

struct PromoteSend: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "send", abstract: "Enqueue the promotion.")
  @OptionGroup var options: PromoteOptions
  func run() async throws { try await options.run(sends: true) }
}

struct PromoteStatus: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "status", abstract: "Tell how a promotion fares.")

  @OptionGroup var home: HomeOption
  @Argument(help: "Its name; the latest of that name, or with its date, such as 双十一-2026-11-11.") var name: String
  @Flag(help: "One JSON object a line.") var json = false

  func run() async throws {
    let house = try await House.open(home.path)
    let (campaign, shares) = try await house.outreach().campaign(name)
    await house.database.close()
    let language = house.settings.language
    if json {
      for share in shares { try Console.json(Row(campaign, share)) }
      return
    }
    Console.line(campaign)
    Console.table(
      Report.header(
        chinese: "渠道|状态|消息|条数|费用|原因", english: "channel|state|messages|segments|cost|reason", language),
      shares.map { share in
        [
          Report.words(share.channel)[language], Report.words(share.state)[language], String(share.messages),
          String(share.segments), Report.money(share.cost),
          share.reason.map { GateReason.words(of: $0, in: language) } ?? "",
        ]
      })
  }

  private struct Row: Encodable {
    var campaign: String
    var channel: String
    var state: String
    var reason: String?
    var messages: Int64
    var segments: Int64
    var cost: String

    init(_ campaign: String, _ share: CampaignShare) {
      self.campaign = campaign
      channel = share.channel.rawValue
      state = share.state.rawValue
      reason = share.reason
      messages = share.messages
      segments = share.segments
      cost = Report.money(share.cost)
    }
  }
}

struct PromoteCancel: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "Give up what of a promotion has not left yet.",
    discussion: "It stays given up: to send it after all, with better words say, give it another name.")

  @OptionGroup var home: HomeOption
  @Argument(help: "Its name; the latest of that name, or with its date, such as 双十一-2026-11-11.") var name: String

  func run() async throws {
    let house = try await House.open(home.path)
    let outreach = house.outreach()
    let campaign = try await outreach.campaign(name).name
    let count = try await outreach.cancel(campaign: campaign, now: .now)
    await house.database.close()
    Console.line(
      Report.title(
        chinese: "\(campaign)：已取消 \(count) 条", english: "\(campaign): \(count) messages cancelled",
        house.settings.language))
  }
}
