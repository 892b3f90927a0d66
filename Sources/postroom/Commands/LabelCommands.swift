import ArgumentParser
import PostroomCore
import SQLAccess
import TextClassifier

struct Label: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say of what kind a conversation is.",
    discussion: "The classifier learns from it at once. What was promised and sent stays as it is.")

  @OptionGroup var home: HomeOption
  @OptionGroup var actor: ActorOption
  @Argument(help: "The conversation's number.") var number: NumberArgument
  @Argument(help: "inquiry, complaint or suggestion.") var kind: TextLabel

  func run() async throws {
    let house = try await House.open(home.path)
    let answer = try await house.labels.say(number.number, kind, by: try actor.name(), now: .now)
    await house.database.close()
    let language = house.settings.language
    let kinds = [answer.before, answer.now].map { Report.words($0)[language] }
    Console.line("\(number.number) \(answer.before == answer.now ? kinds[1] : kinds.joined(separator: " → "))")
  }
}

struct Confirm: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say that conversations are of the kind that they were given.",
    discussion: "The classifier learns from it. A conversation that is refused does not stop the others.")

  @OptionGroup var home: HomeOption
  @OptionGroup var actor: ActorOption
  @Argument(help: "The conversations' numbers.") var numbers: [NumberArgument]

  func run() async throws {
    let house = try await House.open(home.path)
    let agent = try actor.name()
    var isWhole = true
    for number in numbers {
      do {
        let answer = try await house.labels.say(number.number, nil, by: agent, now: .now)
        Console.line("\(number.number) \(Report.words(answer.now)[house.settings.language])")
      } catch let refusal as DeskRefusal {
        isWhole = false
        Console.error("postroom: \(refusal)")
      }
    }
    await house.database.close()
    if !isWhole { throw ExitCode.failure }
  }
}
