import ArgumentParser
import Foundation
import PostroomCore
import SQLAccess

struct Greet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Greet customers who agreed to it, on birthdays and festivals.",
    discussion: """
      `plan` tells who would be greeted, who not and why, and what it costs; `send` enqueues exactly that. Nobody is
      greeted twice on an occasion. `postroom serve` does it by itself when postroom.yaml has `outreach.greetings`.
      """,
    subcommands: [GreetPlan.self, GreetSend.self])
}

struct GreetOptions: ParsableArguments {
  @OptionGroup var home: HomeOption
  @Argument(
    help: ArgumentHelp(
      "birthday, or a festival: new-year, spring-festival, lantern, dragon-boat, mid-autumn, national-day, christmas."))
  var occasion: String
  @Option(help: "The day, as 2027-02-06. (default: today for birthdays, the festival's next day)") var date: String?
  @Flag(help: "One JSON object.") var json = false

  func run(sends: Bool) async throws {
    let occasion = try Occasion(occasion)
    let house = try await House.open(home.path)
    let now = Instant.now
    let today = WorkCalendar.standard(zone: house.settings.zone).localTime(now).date
    let greeting = Mailshot.greeting(occasion, on: try day(occasion, today))
    let plan =
      sends ? try await house.outreach().send(greeting, now: now) : try await house.outreach().plan(greeting, now: now)
    await house.database.close()
    try PlanReport(plan, house.settings, isDone: sends).print(json: json)
  }

  private func day(_ occasion: Occasion, _ today: CivilDate) throws -> CivilDate {
    var chosen: CivilDate?
    if let date {
      guard let day = CivilDate(date) else { throw ValidationError("\"\(date)\" is no day: write 2027-02-06.") }
      chosen = day
    }
    guard case .festival(let festival) = occasion else { return chosen ?? today }
    guard let day = festival.next(from: chosen ?? today) else {
      throw ValidationError("The day of \(festival.rawValue) is not known.")
    }
    if let chosen, day != chosen {
      throw ValidationError("\(festival.name.english) is not on \(chosen), but next on \(day).")
    }
    return day
  }
}

struct GreetPlan: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "plan", abstract: "Tell what would be sent.")
  @OptionGroup var options: GreetOptions
  func run() async throws { try await options.run(sends: false) }
}

struct GreetSend: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "send", abstract: "Enqueue the greetings.")
  @OptionGroup var options: GreetOptions
  func run() async throws { try await options.run(sends: true) }
}
