package import CurlClient

/// Mail through an SMTP server.
package struct SMTPGateway: Gateway {
  private let settings: SMTPSettings
  private let engine: CurlEngine
  package var concurrency: Int { settings.connections }

  package init(_ settings: SMTPSettings, engine: CurlEngine) {
    self.settings = settings
    self.engine = engine
  }

  package func send(
    _ delivery: Delivery, progress: @escaping @Sendable (SendProgress) -> Void
  ) async -> SendOutcome {
    let server: SMTPServer
    do { server = try self.server() } catch { return .unavailable("\(error)") }
    let mail = SMTPMail(sender: delivery.sender, recipient: delivery.recipient, content: delivery.content)
    let outcome = await engine.send(mail, via: server) { step in
      switch step {
      case .dataStarted: progress(.committed)
      case .finalReply(let reply) where (200..<300).contains(reply.code): progress(.accepted(reply.text))
      case .finalReply: break
      }
    }
    switch outcome {
    case .accepted(let reply): return .accepted(words(reply))
    case .deferred(let reply, let reason): return .deferred(reply.map(words) ?? reason)
    case .rejected(let reply): return .rejected(words(reply))
    case .uncertain(let reason): return .uncertain(reason)
    case .failed(_, let reason): return .unavailable("\(settings.host):\(settings.port): \(reason)")
    }
  }

  package func check() async -> String? {
    do {
      switch await engine.check(try server()) {
      case .ready: return nil
      case .unavailable(let outcome): return "\(settings.host):\(settings.port): \(sentence(outcome))"
      }
    } catch {
      return "\(error)"
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

  private func server() throws -> SMTPServer {
    var server = SMTPServer(host: settings.host, port: settings.port, security: SMTPServer.Security(settings.security))
    server.user = settings.user
    if let secret = settings.secret {
      if secret.isToken { server.accessToken = try secret.read() } else { server.password = try secret.read() }
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
