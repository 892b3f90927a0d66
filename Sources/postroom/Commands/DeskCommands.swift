import ArgumentParser
import Foundation
import PostroomCore
import SQLAccess

/// Who does it: --by, else POSTROOM_AGENT.
struct ActorOption: ParsableArguments {
  @Option(
    name: .customLong("by"), help: ArgumentHelp("The agent who does it; also from POSTROOM_AGENT.", valueName: "agent"))
  var agent: String?

  func name() throws -> String {
    guard let name = agent ?? ProcessInfo.processInfo.environment["POSTROOM_AGENT"] else {
      throw ValidationError("Say who does it: --by AGENT, or set POSTROOM_AGENT.")
    }
    return name
  }
}

struct Assign: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Give a conversation to another agent.")

  @OptionGroup var home: HomeOption
  @OptionGroup var actor: ActorOption
  @Argument(help: "The conversation's number.") var number: NumberArgument
  @Argument(help: "The agent who gets it.") var agent: String

  func run() async throws {
    let house = try await House.open(home.path)
    try await house.desk.assign(number.number, to: agent, by: try actor.name(), now: .now)
    await house.database.close()
    Console.line("\(number.number) → \(agent)")
  }
}

struct Reply: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answer the customer.",
    discussion:
      "The text comes from --text, --file, or standard input. It is queued; `serve` or `send --once` sends it.")

  @OptionGroup var home: HomeOption
  @OptionGroup var actor: ActorOption
  @Argument(help: "The conversation's number.") var number: NumberArgument
  @Option(help: "What to say.") var text: String?
  @Option(help: "A file that holds what to say, in UTF-8.") var file: String?
  @Flag(help: "The matter is done with this reply.") var resolve = false
  @Option(help: "Refuse when the conversation holds another number of messages than this: somebody wrote meanwhile.")
  var seen: Int64?

  func run() async throws {
    let house = try await House.open(home.path)
    try await house.desk.reply(
      number.number, text: try body(), by: try actor.name(), resolving: resolve, lastSeen: seen, now: .now)
    await house.database.close()
    Console.line("\(number.number): reply queued")
  }

  private func body() throws -> String {
    if let text { return text }
    if let file {
      guard let bytes = FileManager.default.contents(atPath: file) else {
        throw ValidationError("The file \(file) cannot be read.")
      }
      return String(decoding: bytes, as: UTF8.self)
    }
    if isatty(STDIN_FILENO) == 1 { Console.error("Write the reply and end it with Ctrl-D:") }
    return String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self)
  }
}

struct Resolve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "End a conversation.")

  @OptionGroup var home: HomeOption
  @OptionGroup var actor: ActorOption
  @Argument(help: "The conversation's number.") var number: NumberArgument
  @Flag(help: "Although no answer was sent: it was given otherwise.") var force = false

  func run() async throws {
    let house = try await House.open(home.path)
    try await house.desk.resolve(number.number, by: try actor.name(), force: force, now: .now)
    await house.database.close()
    Console.line("\(number.number) resolved")
  }
}
