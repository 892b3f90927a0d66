import ArgumentParser
import CurlClient
import Foundation
import PostroomCore
import SQLAccess

struct Poll: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take in all mail there is now, without sending anything, and end.")

  @OptionGroup var home: HomeOption
  @Flag(help: "Look once and end. This is the default and changes nothing; `serve` keeps looking.") var once = false
  @Option(help: "Only this mailbox.") var mailbox: String?
  @Flag(help: "One JSON object with the figures.") var json = false

  func run() async throws {
    let (house, lock) = try await House.openForWork(home.path)
    let started = ContinuousClock.now
    var tally = IntakeTally()
    for intake in try await house.intakes(mailbox.map { [$0] }) {
      let name = intake.mailbox.settings.name
      tally.add(
        try await house.poller(intake, lock: lock).pollOnce { tally in
          Console.progress("\(name): \(tally.mails) mails taken in")
        })
    }
    Console.progress("")
    await house.database.close()
    let seconds = (ContinuousClock.now - started) / .seconds(1)
    if json {
      try Console.json(
        Figures(
          mails: tally.mails, seconds: seconds, replies_queued: tally.repliesQueued,
          outcomes: Dictionary(
            uniqueKeysWithValues: Outcome.allCases.map { ($0.rawValue, tally.outcomes[$0] ?? 0) })))
    } else {
      Report.outcomes(tally, house.settings.language)
    }
    withExtendedLifetime(lock) {}
  }

  private struct Figures: Encodable {
    var mails: Int
    var seconds: Double
    var replies_queued: Int
    var outcomes: [String: Int]
  }
}

struct Send: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Send everything that is due now, and end.")

  @OptionGroup var home: HomeOption
  @Flag(help: "Send once and end. This is the default and changes nothing; `serve` keeps sending.") var once = false
  @Flag(help: "One JSON object with the figures.") var json = false

  func run() async throws {
    let (house, lock) = try await House.openForWork(home.path)
    let engine = CurlEngine()
    let started = ContinuousClock.now
    let tally = try await house.dispatcher(engine, lock: lock).sendDue()
    await engine.shutdown()
    await house.database.close()
    let seconds = (ContinuousClock.now - started) / .seconds(1)
    if json {
      try Console.json(
        Figures(
          sent: tally.sent, accepted: tally.accepted, deferred: tally.deferred, rejected: tally.rejected,
          uncertain: tally.uncertain, expired: tally.expired, seconds: seconds))
    } else {
      Console.line(
        "\(tally.accepted) accepted, \(tally.deferred) deferred, \(tally.rejected) rejected, \(tally.uncertain) uncertain, "
          + "\(tally.expired) expired")
    }
    withExtendedLifetime(lock) {}
  }

  private struct Figures: Encodable {
    var sent: Int
    var accepted: Int
    var deferred: Int
    var rejected: Int
    var uncertain: Int
    var expired: Int
    var seconds: Double
  }
}
