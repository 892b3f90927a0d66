import ArgumentParser
import CurlClient
import Foundation
import PostroomCore
import SQLAccess
import TextClassifier

struct OpinionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "opinion",
    abstract: "Second opinions of an outside model: what waits, how the endpoint fares; --once asks about what is due.",
    discussion: "Off unless postroom.yaml has `second_opinion`. `serve` asks by itself.")

  @OptionGroup var home: HomeOption
  @Flag(help: "Ask about all mails that are due, and end.") var once = false
  @Flag(help: "One JSON object with the figures.") var json = false

  func run() async throws {
    let house = try await House.open(home.path, withSecrets: once)
    let language = house.settings.language
    if once {
      let engine = CurlEngine()
      guard let opinions = house.secondOpinions(engine) else {
        await engine.shutdown()
        await house.database.close()
        throw SettingsError("postroom.yaml has no `second_opinion`: nobody is asked")
      }
      let tally = try await opinions.askDue()
      await engine.shutdown()
      await house.database.close()
      return try report(tally, language)
    }
    let wanted = house.settings.secondOpinion
    let day = house.settings.day(of: .now)
    let status = try await house.database.read { tx in try tx.opinionStatus(wanted?.url, day: day) }
    await house.database.close()
    try report(status, house.settings)
  }

  private func report(_ tally: OpinionTally, _ language: Language) throws {
    if json {
      try Console.json(
        Round(
          asked: tally.asked, answered: tally.answered, failed: tally.failed, hindrance: tally.hindrance?.words.english)
      )
      return
    }
    Console.line(
      Report.title(
        chinese: "询问 \(tally.asked) 封，得到答复 \(tally.answered) 封，未得到 \(tally.failed) 封",
        english: "\(tally.asked) asked about, \(tally.answered) answered, \(tally.failed) not", language))
    if let hindrance = tally.hindrance { Console.line(hindrance.words[language]) }
  }

  private func report(_ status: OpinionStatus, _ settings: Settings) throws {
    let (wanted, language) = (settings.secondOpinion, settings.language)
    let isPaused = status.pausedUntil > .now
    if json {
      try Console.json(
        State(
          on: wanted != nil, model: wanted?.model, waiting: status.waiting, answered: status.answered,
          failed: status.failed, expired: status.expired, asked_today: status.askedToday,
          daily_limit: wanted?.dailyLimit, failures_in_a_row: status.failuresInARow,
          paused_until: isPaused ? status.pausedUntil.iso8601 : nil, last_error: status.lastError,
          last_answer_at: status.lastAnswerAt?.iso8601))
      return
    }
    guard let wanted else {
      return Console.line(
        Report.title(
          chinese: "未启用：postroom.yaml 中没有 second_opinion",
          english: "off: postroom.yaml has no `second_opinion`", language))
    }
    let end = Report.when(status.pausedUntil, in: nil, settings)
    let pause =
      isPaused
      ? Report.title(
        chinese: "暂停至 \(end)", english: "rests until \(end)", language)
      : ""
    Console.table(
      Report.header(
        chinese: "模型|等待|已答复|失败|过期|今日询问|暂停|最近错误",
        english: "model|waiting|answered|failed|expired|asked today|rest|last error", language),
      [
        [
          wanted.model, String(status.waiting), String(status.answered), String(status.failed), String(status.expired),
          "\(status.askedToday) / \(wanted.dailyLimit)", pause, Console.clipped(status.lastError ?? "", 100),
        ]
      ])
  }

  private struct Round: Encodable {
    var asked: Int
    var answered: Int
    var failed: Int
    var hindrance: String?
  }

  private struct State: Encodable {
    var on: Bool
    var model: String?
    var waiting: Int64
    var answered: Int64
    var failed: Int64
    var expired: Int64
    var asked_today: Int64
    var daily_limit: Int64?
    var failures_in_a_row: Int64
    var paused_until: String?
    var last_error: String?
    var last_answer_at: String?
  }
}

extension House {
  /// Nil when the settings want none.
  func secondOpinions(_ engine: CurlEngine) -> SecondOpinions? {
    SecondOpinions(database: database, settings: settings, engine: engine, log: log)
  }
}

extension Report {
  /// `second opinion: complaint (by MODEL)`.
  static func words(_ opinion: SecondOpinion, _ language: Language) -> String {
    let label = words(opinion.opinion.label)[language]
    return title(
      chinese: "第二意见：\(label)（来自 \(opinion.model)）", english: "second opinion: \(label) (by \(opinion.model))", language
    )
  }
}

/// As `list --json` and `show --json` tell it.
struct OpinionRow: Encodable {
  var label: String
  var probability: Double?
  var model: String

  init(_ opinion: SecondOpinion) {
    label = opinion.opinion.label.rawValue
    probability = opinion.opinion.probability
    model = opinion.model
  }
}
