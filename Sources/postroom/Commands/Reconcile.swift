import ArgumentParser
import CurlClient
import PostroomCore
import SQLAccess

struct Reconcile: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ask gateways what became of uncertain SMS.",
    discussion: """
      An SMS whose answer was lost is never sent again by itself. Gateways whose file has a `lookup:` are asked by our \
      reference: what they have counts as sent, what they never had is queued again. The others are listed: ask the \
      vendor, then `postroom outbox confirm ID` (it was sent) or `postroom outbox retry ID` (it was not).
      """)

  @OptionGroup var home: HomeOption
  @Argument(help: "Only this gateway.") var gateway: String?

  func run() async throws {
    let house = try await House.open(home.path, withSecrets: true)
    if let gateway, house.settings.gateways[gateway]?.sms == nil {
      throw SettingsError("there is no SMS gateway \(gateway)")
    }
    let engine = CurlEngine()
    let language = house.settings.language
    var counts: [DeliveryState: Int] = [:]
    for settings in house.settings.gateways.values.sorted(by: { $0.name < $1.name }) {
      guard case .http(let recipe, let sms) = settings.kind, gateway == nil || gateway == settings.name else {
        continue
      }
      let peer = SMSGateway(recipe, sms, engine: engine)
      var last: Int64 = 0
      while true {
        let after = last
        let entries = try await house.database.read { tx in
          try tx.uncertainSMS(of: settings.name, beyond: after, limit: 100)
        }
        guard let end = entries.last?.id else { break }
        last = end
        for entry in entries {
          let finding = peer.canLookUp ? await peer.lookUp(entry) : .unknown(entry.reason ?? "")
          let state = try await house.outbox.settleDoubt(entry.id, finding, by: settings.name, now: .now)
          counts[state, default: 0] += 1
          if case .unknown(let words) = finding {
            Console.line("\(entry.id)  \(settings.name)  \(masked(entry.recipient))  \(words)")
          }
        }
      }
    }
    await house.database.close()
    let total = counts.values.reduce(0, +)
    guard total > 0 else {
      Console.line(Report.title(chinese: "没有结果不明的短信", english: "no SMS is uncertain", language))
      return
    }
    Console.table(
      Report.header(chinese: "结果|短信", english: "now|SMS", language),
      counts.sorted { $0.key.rawValue < $1.key.rawValue }.map { [Report.words($0.key)[language], String($0.value)] })
  }

  private func masked(_ number: String) -> String { (try? PhoneNumber(number).masked) ?? number }
}
