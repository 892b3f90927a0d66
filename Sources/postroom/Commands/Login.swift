import ArgumentParser
import CurlClient
import Foundation
import PostroomCore

struct Login: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Let a person consent that Postroom reads and sends mail (OAuth 2), and keep the consent.",
    discussion: """
      For a mailbox or gateway with `oauth:` in its file. Microsoft: a code to type into a page. Google: an address to \
      open in a browser. Run it as the user whom `serve` runs as, or as root; a running `serve` takes the new consent up \
      by itself.
      """)

  @OptionGroup var home: HomeOption
  @Argument(help: "The mailbox or mail gateway: the name of its file.") var name: String
  @Flag(help: "The gateway of this name, when a mailbox has it, too.") var gateway = false
  @Flag(help: "By an address to open in a browser, even when the provider has codes.") var browser = false
  @Option(help: "Port of this machine that the browser comes back to. (default: any free one)") var port: UInt16?

  func run() async throws {
    let oauth = try settings()
    let engine = CurlEngine()
    let grant: TokenGrant
    if !browser, let login = DeviceLogin(oauth, engine: engine) {
      grant = try await login.run { invitation in
        Console.line("Open \(invitation.address)")
        Console.line("and enter the code \(invitation.code). Log in as \(oauth.account).")
        Console.line("Waiting for \(invitation.lifetime / 60) minutes …")
      }
    } else if let login = LoopbackLogin(oauth, engine: engine) {
      let terminal = isatty(STDIN_FILENO) == 1 ? STDIN_FILENO : nil
      grant = try await login.run(port: port ?? 0, input: terminal) { address, port in
        Console.line("Open this address in a browser and log in as \(oauth.account):")
        Console.line()
        Console.line(address)
        Console.line()
        Console.line("If the browser runs on another machine, it will end at an address that it cannot open,")
        Console.line("with :\(port)/ in it. Copy that whole address and paste it here. Waiting …")
      }
    } else {
      throw SettingsError(
        "there is no device_url or authorization_url to log in at: put its refresh token into \(oauth.tokenFile)")
    }
    let consent = try await oauth.keep(grant, now: .now)
    await engine.shutdown()
    Console.line("The consent is kept in \(oauth.tokenFile). Try it: postroom check --live")
    if let end = consent.end(of: oauth) {
      let condition = consent.endsAt == nil ? ", unless it is used before" : ""
      Console.line("It ends on \(end.iso8601.prefix(10))\(condition).")
    }
  }

  private func settings() throws -> OAuthSettings {
    let logins = try House.loadSettings(home.path, withSecrets: false).logins.filter { $0.oauth.name == name }
    let found = logins.first { !gateway || $0.file.hasPrefix("mailboxes/gateways/") }
    guard let found else {
      throw SettingsError("no \(gateway ? "gateway" : "mailbox or gateway") \(name) has `oauth:` in its file")
    }
    let others = logins.filter { $0.oauth.tokenFile != found.oauth.tokenFile }
    if !gateway, !others.isEmpty {
      Console.error("The mailbox \(name) is meant; for the gateway of this name: postroom login --gateway \(name)")
    }
    return found.oauth
  }
}
