import ArgumentParser
import CurlClient
import Foundation
import PostroomCore
import SQLAccess
import TextClassifier

struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find every fault of settings, mailboxes, gateways and templates at once.",
    discussion: "Exit codes: 0 all well, or warnings only · 78 wrong settings · 69 with --live, a server cannot be used"
  )

  @OptionGroup var home: HomeOption
  @Flag(help: "Also renew every OAuth token, log in to every mail server, ask for one second opinion.")
  var live = false
  @Flag(help: "One JSON object with all problems.") var json = false

  func run() async throws {
    var problems: [Problem] = []
    var settings: Settings?
    do {
      let loaded = try Settings.load(home: home.path)
      settings = loaded.settings
      problems += loaded.warnings
    } catch {
      problems += error.list
    }
    if let settings {
      do {
        problems += try Templates(folder: settings.templates).gaps(for: settings)
      } catch {
        problems += error.list
      }
      problems += await databaseProblems(settings)
      problems += [settings.optOutGap].compactMap { $0 }
      if !live { problems += settings.consentProblems(now: .now) }
    }
    var serverProblems: [Problem] = []
    let isSound = !Problems(problems).hasErrors
    if let settings, live, isSound { serverProblems = await liveProblems(settings) }
    try report(problems + serverProblems)
    if !isSound { throw ExitCode(78) }
    if Problems(serverProblems).hasErrors { throw ExitCode(69) }
  }

  private func report(_ problems: [Problem]) throws {
    if json {
      let rows = problems.map { problem in
        Row(
          severity: problem.severity.rawValue, file: problem.file, line: problem.line, message: problem.message,
          advice: problem.advice)
      }
      try Console.json(["problems": rows])
      return
    }
    for problem in problems { Console.line(problem.description) }
    let errors = problems.filter { $0.severity == .error }.count
    Console.line(
      problems.isEmpty ? "all is well" : "\(errors) errors, \(problems.count - errors) warnings")
  }

  private struct Row: Encodable {
    var severity: String
    var file: String
    var line: Int?
    var message: String
    var advice: String?
  }

  private func databaseProblems(_ settings: Settings) async -> [Problem] {
    let name = settings.database.hasPrefix("sqlite:") ? String(settings.database.dropFirst(7)) : "database"
    if settings.database.hasPrefix("sqlite:"), !FileManager.default.fileExists(atPath: name) {
      let folder = URL(fileURLWithPath: name).deletingLastPathComponent().path
      let parent = FileManager.default.fileExists(atPath: folder) ? folder : settings.home
      guard access(parent, W_OK) == 0 else { return [Problem("\(parent) may not be written to", file: name)] }
      return []
    }
    do {
      let database = try await Database.open(settings.database)
      let applied = try await database.schemaVersion()
      let open = Schema.migrations.count - applied.count
      guard open > 0 else {
        let (readers, ids) = try await database.read { tx in (try tx.consents(to: .mail), try tx.mailboxIDs()) }
        let learning = try await learningProblems(settings, ids, database)
        await database.close()
        return unsubscribeProblems(settings, readers: readers) + learning
      }
      await database.close()
      return [
        Problem(
          "\(open) schema changes are not applied yet", file: name,
          advice: "`serve` applies them, or `postroom migrate`",
          severity: .warning)
      ]
    } catch {
      return [Problem("cannot be used: \(error)", file: name)]
    }
  }

  /// Mailboxes that go without what they learned.
  private func learningProblems(
    _ settings: Settings, _ ids: [String: Int64], _ database: Database
  ) async throws -> [Problem] {
    var problems: [Problem] = []
    for name in settings.mailboxes.keys.sorted() {
      guard let id = ids[name], let fault = try await database.read({ tx in try tx.activeDelta(id)?.fault }) else {
        continue
      }
      problems.append(
        Problem(
          "what the mailbox learned cannot be read and does not count: \(fault)", file: "mailboxes/\(name).yaml",
          advice: "`serve` learns it anew tonight, or now `postroom model refit \(name)`", severity: .warning))
    }
    return problems
  }

  /// Mailbox providers want one-click unsubscription in marketing mail (RFC 8058), and people a link that works.
  private func unsubscribeProblems(_ settings: Settings, readers: Int64) -> [Problem] {
    guard readers > 0, settings.http?.publicURL == nil else { return [] }
    return [
      Problem(
        "\(readers) customers agreed to marketing mail, but without `http.public_url` it has no link to unsubscribe",
        file: "postroom.yaml", advice: "http: { listen: 127.0.0.1:8080, public_url: https://mail.example.cn }",
        severity: .warning)
    ]
  }

  /// Logs in everywhere, one after the other, and says what went well.
  private func liveProblems(_ settings: Settings) async -> [Problem] {
    let tokens = AccessTokens()
    var problems = await tokenProblems(settings, tokens)
    let hopeless = Set(problems.filter { $0.severity == .error }.map(\.file))
    for mailbox in settings.mailboxes.values.sorted(by: { $0.name < $1.name }) {
      let file = "mailboxes/\(mailbox.name).yaml"
      guard case .imap(let imap) = mailbox.source, !hopeless.contains(file) else { continue }
      let source = IMAPSource(imap, tokens: tokens)
      do {
        let words = try await source.check()
        if !json { Console.line("mailbox \(mailbox.name): logged in to \(imap.host): \(words)") }
      } catch {
        problems.append(problem(error, file: file))
      }
      await source.close()
    }
    let engine = CurlEngine()
    for gateway in settings.gateways.values.sorted(by: { $0.name < $1.name }) {
      let fault: String?
      let file = "mailboxes/gateways/\(gateway.name).yaml"
      switch gateway.kind {
      case .smtp where hopeless.contains(file): continue
      case .smtp(let smtp): fault = await SMTPGateway(smtp, engine: engine, tokens: tokens).check()
      case .mailHTTP(let recipe): fault = await HTTPMailGateway(recipe, engine: engine).check()
      case .file(let folder): fault = await FileGateway(folder: folder).check()
      case .http:
        // Every request to a provider of SMS costs something or sends something.
        if !json {
          Console.line("gateway \(gateway.name): not asked; `postroom send-test \(gateway.name)` sends an SMS")
        }
        continue
      }
      if let fault {
        problems.append(Problem(fault, file: file))
      } else if !json {
        Console.line("gateway \(gateway.name): ready")
      }
    }
    problems += await opinionProblems(settings, engine)
    await engine.shutdown()
    return problems
  }

  /// Asks the model for second opinions about an invented mail.
  private func opinionProblems(_ settings: Settings, _ engine: CurlEngine) async -> [Problem] {
    guard let wanted = settings.secondOpinion else { return [] }
    switch await OpinionEndpoint(wanted, engine: engine).check() {
    case .success(let opinion):
      if !json { Console.line("second opinion: \(wanted.model) calls an invented mail \(opinion.label.rawValue)") }
      return []
    case .failure(let fault): return [Problem("second_opinion: \(fault)", file: "postroom.yaml")]
    }
  }

  /// Uses every refresh token once, and tells which are refused or end soon.
  private func tokenProblems(_ settings: Settings, _ tokens: AccessTokens) async -> [Problem] {
    var problems: [Problem] = []
    for (file, oauth) in settings.logins {
      do {
        let token = try await tokens.source(oauth).token(now: .now)
        if !json { Console.line("\(file): the provider gives a token, valid until \(token.expiresAt.iso8601)") }
      } catch {
        problems.append(problem(error, file: file))
      }
    }
    return problems + settings.consentProblems(now: .now)
  }

  private func problem(_ error: any Error, file: String) -> Problem {
    guard let fault = error as? OAuthFault else { return Problem("\(error)", file: file) }
    return Problem(fault.sentence, file: file, advice: fault.advice)
  }
}

extension Settings {
  /// Consents that end within 7 days.
  fileprivate func consentProblems(now: Instant) -> [Problem] {
    logins.compactMap { file, oauth in
      guard let words = oauth.consent?.warning(of: oauth, now: now) else { return nil }
      return Problem(words, file: file, advice: oauth.loginAdvice, severity: .warning)
    }
  }
}

struct Migrate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Bring the database's schema up to date.")

  @OptionGroup var home: HomeOption

  func run() async throws {
    let settings = try House.loadSettings(home.path, withSecrets: false)
    try House.makeFolders(settings)
    let database = try await Database.open(settings.database)
    let applied = try await database.migrate(Schema.migrations)
    await database.close()
    Console.line(applied == 0 ? "the schema is up to date" : "\(applied) schema changes applied")
  }
}
