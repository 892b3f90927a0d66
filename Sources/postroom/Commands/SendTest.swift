import ArgumentParser
import CurlClient
import Foundation
import MailFormat
import PostroomCore

struct SendTest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Send one message through a gateway, to see that it works.",
    discussion: """
      The message is not stored and not repeated. Exit codes: 0 the gateway took it · 1 it did not, or nobody knows
      """)

  @OptionGroup var home: HomeOption
  @Argument(help: "The gateway: the name of its file in mailboxes/gateways.") var gateway: String
  @Option(help: "A mail address, or a telephone number for SMS.") var to: String
  @Option(help: "What the message says.") var text = "Postroom: 测试消息，收到即可。A test; no answer needed."
  @Option(help: "Sender of a mail. (default: the address of a mailbox that uses the gateway)") var from: String?
  @Option(help: "For SMS: the provider's name of an approved wording, where the provider sends no other.")
  var template: String?
  @Option(help: "For SMS: what fills the wording in, NAME=VALUE; again for each, in the wording's order.")
  var parameter: [String] = []
  @Flag(help: "For SMS: show text, segments and request's size, send nothing.") var dryRun = false

  func run() async throws {
    // Only this gateway's secret is needed, and it says so itself.
    let settings = try House.loadSettings(home.path, withSecrets: false)
    guard let found = settings.gateways[gateway] else {
      let known = settings.gateways.keys.sorted().joined(separator: ", ")
      throw SettingsError("there is no gateway \(gateway); known are \(known)")
    }
    let engine = CurlEngine()
    let outcome: SendOutcome?
    switch found.kind {
    case .http(let recipe, let sms): outcome = try await sendSMS(recipe, sms, engine)
    case .smtp(let smtp): outcome = try await sendMail(through: SMTPGateway(smtp, engine: engine), settings)
    case .mailHTTP(let recipe):
      outcome = try await sendMail(through: HTTPMailGateway(recipe, engine: engine), settings)
    case .file(let folder): outcome = try await sendMail(through: FileGateway(folder: folder), settings)
    }
    await engine.shutdown()
    guard let outcome else { return }
    Console.line(sentence(outcome))
    guard case .accepted = outcome else { throw ExitCode.failure }
  }

  private func sendSMS(_ recipe: HTTPRecipe, _ sms: SMSSettings, _ engine: CurlEngine) async throws -> SendOutcome? {
    let number: PhoneNumber
    do { number = try PhoneNumber(to) } catch { throw SettingsError("--to: \(error.words.english)") }
    let plan = SMSText.plan(text, signature: sms.signature, profile: sms.profile)
    Console.line("\(number.masked)  \(plan.segments.count) × \(plan.encoding.rawValue), \(plan.units) units")
    Console.line(plan.text)
    if plan.isTooLong { throw SettingsError("the text is longer than this provider takes") }
    let draft = SMSDraft(
      to: number, text: plan.submission, encoding: plan.encoding, reference: UUID().uuidString.lowercased(),
      template: template, parameters: try parameter.map(Self.parameter))
    if dryRun {
      let request = try recipe.request(for: draft)
      Console.line(
        "\(request.method) request of \(request.url.utf8.count + request.body.count) octets; nothing was sent")
      return nil
    }
    let judgement = await HTTPGateway(recipe, engine: engine).send(draft)
    if let reference = judgement.gatewayReference { Console.line("the gateway's reference: \(reference)") }
    if judgement.isOptedOut { Console.line("the recipient has refused further messages, at the provider") }
    return judgement.outcome
  }

  private static func parameter(_ text: String) throws -> Parameter {
    guard let mark = text.firstIndex(of: "=") else { throw SettingsError("--parameter must be NAME=VALUE") }
    return Parameter(name: String(text[..<mark]), value: String(text[text.index(after: mark)...]))
  }

  private func sendMail(through gateway: any Gateway, _ settings: Settings) async throws -> SendOutcome {
    let user = settings.mailboxes.values.sorted { $0.name < $1.name }.first { $0.gateway == self.gateway }
    guard let sender = from ?? user?.address else {
      throw SettingsError("no mailbox uses this gateway: name a sender with --from")
    }
    let mail = OutgoingMail(
      from: MailAddress(address: sender), to: MailAddress(address: to), subject: "Postroom 测试 / test", text: text,
      date: .now, messageID: "\(UUID().uuidString.lowercased())@\(MailAddress(address: sender).domain)",
      automatic: .generated)
    let delivery = Delivery(
      id: 0, gateway: self.gateway, sender: sender, recipient: to, content: try mail.composed(), attempt: 1,
      uncertainties: 0, expiresAt: nil)
    return await gateway.send(delivery) { _ in }
  }

  private func sentence(_ outcome: SendOutcome) -> String {
    switch outcome {
    case .accepted(let words, _): "taken: \(words)"
    case .deferred(let words, _): "not now: \(words)"
    case .rejected(let words, _): "refused: \(words)"
    case .uncertain(let words): "nobody knows whether it was taken: \(words)"
    case .unavailable(let words): "the gateway cannot be used: \(words)"
    }
  }
}
