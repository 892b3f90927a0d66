import ArgumentParser
import Foundation
import PostroomCore
import SQLAccess

struct Gateways: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The ways out of the house: how each fares, what waits, what today costs.",
    subcommands: [GatewaysList.self, GatewaysRelease.self], defaultSubcommand: GatewaysList.self)
}

struct GatewaysList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "State, backlog, pace, last error and today's cost of each gateway.")

  @OptionGroup var home: HomeOption
  @Flag(help: "One JSON object a line.") var json = false

  func run() async throws {
    let house = try await House.open(home.path)
    let gateways = house.settings.gateways.values.sorted { $0.name < $1.name }
    let day = house.settings.day(of: .now)
    let states = try await house.database.read { tx in
      try gateways.map { (gateway: $0, status: try tx.gatewayStatus($0.name), backlog: try tx.backlog(of: $0.name)) }
    }
    await house.database.close()
    let rows = states.map { Row($0.gateway, $0.status, $0.backlog, day: day, now: .now) }
    if json {
      for row in rows { try Console.json(row) }
      return
    }
    let language = house.settings.language
    Console.table(
      Report.header(
        chinese: "网关|渠道|状态|排队|暂缓|待重试|限速|今日费用|最近错误",
        english: "gateway|channel|state|queued|held|deferred|pace|cost today|last error", language),
      zip(rows, states).map { row, state in
        [
          row.gateway, row.channel,
          row.words(until: Report.when(state.status.pausedUntil, in: nil, house.settings), language),
          String(row.queued), String(row.held), String(row.deferred),
          row.pace ?? "", row.cost_today + (row.cost_limit.map { " / \($0)" } ?? ""),
          Console.clipped(row.last_error ?? "", 60),
        ]
      })
  }

  private struct Row: Encodable, Sendable {
    var gateway: String
    var channel: String
    /// works, paused, unknown
    var state: String
    var paused_until: String?
    var queued: Int64
    var held: Int64
    var deferred: Int64
    var pace: String?
    var cost_today: String
    var cost_limit: String?
    var last_error: String?
    var last_error_at: String?
    var last_success_at: String?

    init(
      _ gateway: GatewaySettings, _ status: GatewayStatus, _ backlog: [DeliveryState: Int64], day: Int64, now: Instant
    ) {
      self.gateway = gateway.name
      channel = gateway.carriesMail ? "mail" : "sms"
      let isPaused = status.pausedUntil > now
      state = isPaused ? "paused" : status.failures > 0 ? "trying" : status.lastSuccessAt == nil ? "unused" : "works"
      paused_until = isPaused ? status.pausedUntil.iso8601 : nil
      queued = backlog[.queued] ?? 0
      held = backlog[.held] ?? 0
      deferred = backlog[.deferred] ?? 0
      pace = gateway.rules.pace.map { "\($0.count)/\(TimeSpan.words($0.seconds))" }
      cost_today = Report.money(status.day == day ? status.spent : 0)
      let released = status.day == day ? status.released : 0
      cost_limit = gateway.rules.dailyCost.map { Report.money($0 + released) }
      last_error = status.lastError
      last_error_at = status.lastErrorAt?.iso8601
      last_success_at = status.lastSuccessAt?.iso8601
    }

    func words(until end: String, _ language: Language) -> String {
      switch state {
      case "paused":
        Report.title(chinese: "暂停至 \(end)", english: "paused until \(end)", language)
      case "trying": Report.title(chinese: "试探恢复中", english: "trying again", language)
      case "works": Report.title(chinese: "正常", english: "works", language)
      default: Report.title(chinese: "尚未使用", english: "not used yet", language)
      }
    }
  }
}

struct GatewaysRelease: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release", abstract: "Allow a gateway to cost more today than its daily_cost, and send what that held."
  )

  @OptionGroup var home: HomeOption
  @OptionGroup var actor: ActorOption
  @Argument(help: "The gateway's name.") var gateway: String
  @Option(help: "How much more, in its currency: 50 or 12.5.") var more: Double

  func run() async throws {
    let house = try await House.open(home.path)
    _ = try house.settings.checkAgent(try actor.name())
    guard house.settings.gateways[gateway] != nil else {
      let known = house.settings.gateways.keys.sorted().joined(separator: ", ")
      throw SettingsError("there is no gateway \(gateway); known are \(known)")
    }
    guard more > 0, more < 1_000_000_000 else { throw SettingsError("--more must be an amount above 0") }
    let day = house.settings.day(of: .now)
    let amount = Int64((more * 1_000_000).rounded())
    let gateway = gateway
    let due = try await house.database.write { tx in try tx.releaseCost(gateway, more: amount, day: day, now: .now) }
    await house.database.close()
    Console.line(
      Report.title(
        chinese: "\(gateway)：今日增加额度 \(Report.money(amount))，\(due) 条消息恢复发送",
        english: "\(gateway): \(Report.money(amount)) more today, \(due) messages are due again",
        house.settings.language))
  }
}
