import CurlClient
import Logging
import SQLAccess
import Testing

@testable import PostroomCore

@Suite("What vendors send of their own accord")
struct GatewayNewsTests {
  @Test(
    "an SMS that cannot be stored is not acknowledged, and is taken when it comes again", arguments: Engine.available)
  func unstored(engine: Engine) async throws {
    try await withOffice(engine) { office in
      var settings = office.settings
      settings.gateways["kannel"] = try GatewayFiles.load("kannel")
      settings.gateways["kannel"]?.mailbox = "support"
      func come(_ intakes: [String: Intake]) async -> Int {
        let news = GatewayNews(
          database: office.database, settings: settings, intakes: intakes, engine: CurlEngine(),
          log: Logger(label: "test"))
        let target = "/hooks/kannel/inbound/secret?from=%2B8613800000001&to=10690000&text=hello&time=1&id=7"
        let webhook = IncomingWebhook(method: "GET", url: "https://post.example" + target, fields: [], body: [])
        return await news.answer(webhook, gateway: "kannel", section: .inbound, now: monday).status
      }
      #expect(await come([:]) == 503)
      #expect(try await office.count("message") == 0)
      let intakes = ["support": try office.intake("support")]
      #expect(await come(intakes) == 200)
      #expect(await come(intakes) == 200)
      #expect(try await office.count("message") == 1)
    }
  }
}
