package import CurlClient

/// Mail through an SMTP server.
package struct SMTPGateway: Gateway {
  private let settings: SMTPSettings
  private let engine: CurlEngine
  private let login: MailLogin?
  package var concurrency: Int { settings.connections }

  /// `tokens` is where the access tokens of the house come from.
  package init(_ settings: SMTPSettings, engine: CurlEngine, tokens: AccessTokens = AccessTokens()) {
    self.settings = settings
    self.engine = engine
    login = settings.secret.map { MailLogin($0, tokens: tokens) }
  }

  package func send(
    _ delivery: Delivery, progress: @escaping @Sendable (SendProgress) -> Void
  ) async -> SendOutcome {
    let mail = SMTPMail(sender: delivery.sender, recipient: delivery.recipient, content: delivery.content)
    let outcome: SMTPOutcome
    do {
      outcome = try await loggedIn { server in
        await engine.send(mail, via: server) { step in
          switch step {
          case .dataStarted: progress(.committed)
          case .finalReply(let reply) where (200..<300).contains(reply.code): progress(.accepted(reply.text))
          case .finalReply: break
          }
        }
      } outcome: {
        $0
      }
    } catch {
      return .unavailable("\(address): \(error)")
    }
    switch outcome {
    case .accepted(let reply): return .accepted(words(reply))
    case .deferred(let reply, let reason): return .deferred(reply.map(words) ?? reason)
    case .rejected(let reply): return .rejected(words(reply))
    case .uncertain(let reason): return .uncertain(reason)
    case .failed(_, let reason): return .unavailable("\(address): \(reason)")
    }
  }

  package func check() async -> String? {
    do {
      let check = try await loggedIn { server in
        await engine.check(server)
      } outcome: { check in
        if case .unavailable(let outcome) = check { outcome } else { nil }
      }
      guard case .unavailable(let outcome) = check else { return nil }
      return "\(address): \(sentence(outcome))"
    } catch {
      return "\(address): \(error)"
    }
  }

  /// Does `work` with the server; once more with a fresh token when the login was refused with an older one, which no
  /// mail has come to. `outcome` tells of a result how the mail fared, nil when the login was all there was to do.
  private func loggedIn<Result: Sendable>(
    _ work: (SMTPServer) async -> Result, outcome: (Result) -> SMTPOutcome?
  ) async throws -> Result {
    guard let login else { return await work(server(nil)) }
    var credential = try await login.credential(now: .now)
    while true {
      let result = await work(server(credential))
      switch outcome(result) {
      case .failed(.authentication, let reason):
        guard let other = try await login.replacement(of: credential, refusedWith: reason, now: .now) else {
          return result
        }
        credential = other
      case nil, .accepted, .uncertain:
        await login.succeeded(with: credential)
        return result
      // Any of these may have come without a login.
      case .rejected, .deferred, .failed: return result
      }
    }
  }

  private func sentence(_ outcome: SMTPOutcome) -> String {
    switch outcome {
    case .accepted(let reply), .rejected(let reply): words(reply)
    case .deferred(let reply, let reason): reply.map(words) ?? reason
    case .uncertain(let reason), .failed(_, let reason): reason
    }
  }

  private func words(_ reply: SMTPReply) -> String { "\(reply.code) \(reply.text)" }

  private var address: String { "\(settings.host):\(settings.port)" }

  private func server(_ credential: MailLogin.Credential?) -> SMTPServer {
    var server = SMTPServer(host: settings.host, port: settings.port, security: SMTPServer.Security(settings.security))
    server.user = settings.user
    switch credential {
    case .password(let password): server.password = password
    case .token(let token): server.accessToken = token.value.text
    case .foreignToken(let token): server.accessToken = token
    case nil: break
    }
    server.caFile = settings.caFile
    server.heloName = settings.heloName
    server.maxConnections = settings.connections
    server.responseTimeout = Int(settings.responseTimeout) * 1000
    return server
  }
}

extension SMTPServer.Security {
  fileprivate init(_ security: SMTPSettings.Security) {
    switch security {
    case .tls: self = .tls
    case .starttls: self = .startTLS
    case .plain: self = .plain
    }
  }
}
