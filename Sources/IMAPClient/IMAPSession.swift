/// One connection to an IMAP4rev1 server (RFC 3501), on an OS thread of its own.
///
/// libetpan is the protocol engine, libcurl the transport. Calls are made in this order: `connect`, `logIn`,
/// `select`, then the others. All throw `IMAPError`; after an error that is not `refused`, `noFolder` or
/// `unsupported` the session is dead: every further call throws and only a new session helps.
package actor IMAPSession {
  /// Where the session connects to.
  package nonisolated let endpoint: IMAPEndpoint
  /// What the server says it can (RFC 9051 §7.2.2), in upper case, such as "IDLE" or "AUTH=PLAIN".
  package private(set) var capabilities: Set<String> = []

  private nonisolated let executor = ThreadExecutor()
  private nonisolated let signals = IMAPSignals()
  private let limits: IMAPLimits
  private var current: IMAPConnection?
  /// The sequence number of the last listed message: where the next page probably begins.
  var listed: (uid: UInt32, number: UInt32)?

  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// A session that is not connected yet.
  package init(_ endpoint: IMAPEndpoint, limits: IMAPLimits = IMAPLimits()) {
    self.endpoint = endpoint
    self.limits = limits
  }

  deinit { executor.stop() }

  // MARK: Any thread

  /// Ends a running `idle`, or the next one at once if none is running.
  package nonisolated func wake() { signals.woken.raise() }

  /// Ends whatever the session does, and the session, with the error `cancelled`. A task that is cancelled does not do
  /// this by itself: call it from `withTaskCancellationHandler`.
  package nonisolated func cancel() { signals.cancelled.raise() }

  // MARK: Connecting

  /// Connects, with TLS and a verified certificate as the endpoint asks, before any IMAP command is sent.
  package func connect() throws {
    guard current == nil else { return }
    let curl = try CurlConnection(to: endpoint, signals: signals)
    let stream = IMAPStream(curl, endpoint: endpoint, limits: limits, signals: signals)
    let connection = try IMAPConnection(stream, name: endpoint.name)
    try connection.run("CAPABILITY")
    capabilities = connection.capabilities
    current = connection
  }

  /// Proves who we are and tells the server who the client is (RFC 2971), as 163.com wants before SELECT.
  /// Throws `refusedLogin` with the server's own words, `unsupported` when it has no method we can use.
  package func logIn(_ credential: IMAPCredential) throws {
    let connection = try connection()
    do {
      switch credential {
      case .password(let user, let password):
        try logIn(connection, user: user, password: password)
      case .xoauth2(let user, let token):
        guard capabilities.contains("AUTH=XOAUTH2") else {
          throw connection.error(.unsupported, "the server does not offer XOAUTH2; use a password")
        }
        connection.secrets = [token]
        try authenticate(connection, "XOAUTH2", "user=\(user)\u{1}auth=Bearer \(token)\u{1}\u{1}")
      }
    } catch let error as IMAPError where error.kind == .refused {
      // RFC 5530: these codes say that the credential was not even looked at.
      let isTemporary = ["UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"].contains(connection.responseCode)
      throw isTemporary
        ? connection.error(.refused, "no login at present: \(connection.answer)")
        : connection.error(.refusedLogin, "login refused; check user and password: \(connection.answer)")
    }
    try connection.run("CAPABILITY")
    capabilities = connection.capabilities
    try sendID(connection)
  }

  private func logIn(_ connection: IMAPConnection, user: String, password: String) throws {
    connection.secrets = [password]
    guard !(user + password).unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else {
      throw connection.error(.refusedLogin, "user and password must not contain control characters")
    }
    if capabilities.contains("AUTH=PLAIN") {
      try authenticate(connection, "PLAIN", "\0\(user)\0\(password)")
    } else if !capabilities.contains("LOGINDISABLED") {
      try connection.logIn(user: user, password: password)
    } else {
      throw connection.error(.unsupported, "the server offers no login by password; does it want TLS or OAuth?")
    }
  }

  private func authenticate(_ connection: IMAPConnection, _ mechanism: String, _ response: String) throws {
    let response = base64(Array(response.utf8))
    connection.secrets.append(response)
    let isInitial = capabilities.contains("SASL-IR")
    let command = "AUTHENTICATE \(mechanism)" + (isInitial ? " \(response)" : "")
    guard try connection.begin(command) else { return }
    // After an initial response, only a failing XOAUTH2 server asks on; it wants an empty line.
    try connection.send(isInitial ? "" : response)
    guard try connection.readLine().hasPrefix("+") else { return try connection.finish() }
    try connection.send("")
    _ = try connection.readLine()
    try connection.finish()
  }

  private func sendID(_ connection: IMAPConnection) throws {
    let host = endpoint.host.lowercased()
    let wantsID = ["163.com", "126.com", "yeah.net"].contains { host == $0 || host.hasSuffix("." + $0) }
    guard wantsID || capabilities.contains("ID") else { return }
    let name = endpoint.clientName.filter { $0.isASCII && !$0.isNewline }
    do {
      try connection.run("ID (\"name\" \(quoted(name)) \"version\" \"1\")")
    } catch let error as IMAPError where error.kind == .refused {
      // The server may do without.
    }
  }

  /// Whether the server tells of new mail by itself (RFC 2177).
  package var hasIdle: Bool { capabilities.contains("IDLE") }

  /// Says goodbye if the connection still lives, and ends it. May be called at any time and again.
  package func logOut() {
    current?.logOut()
  }

  // MARK: For the other files of the session

  /// The living connection.
  func connection() throws -> IMAPConnection {
    guard let current else {
      throw IMAPError(kind: .closed, message: "\(endpoint.name): the session is not connected.")
    }
    if current.stream.fault != nil { throw current.faultError() }
    return current
  }
}
