internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
package import Logging
internal import NIOCore
package import PostroomCore

/// Speaks HTTP/1.1 with whoever connects and hands each request to a function. Everything is bounded: bytes, time, and
/// how many are there at once. HTTPS is the business of the proxy in front of it.
package struct WebListener: Sendable {
  package struct Limits: Sendable {
    package var bodyBytes = 262_144
    /// Of all that is being read or answered. Nobody has proved who he is before his body was read.
    package var allBodiesBytes = 64 << 20
    package var headerBytes = 32_768
    package var headerFields = 100
    /// Further connections wait until one is closed. When three in four are taken, each is closed after an answer
    /// (RFC 9112 §9.6). Kannel opens 512 to tell of receipts. The rest of the program needs files as well.
    package var connections = min(768, OpenFiles.limit / 2)
    /// From the end of the header to the end of the body.
    package var bodySeconds: Int64 = 20
    /// Without a whole header: between requests, or while one trickles in.
    package var idleSeconds: Int64 = 15

    package init() {}
  }

  package typealias Handler = @Sendable (WebRequest) async -> WebAnswer

  private let endpoint: HTTPSettings.Endpoint
  private let limits: Limits
  private let log: Logger
  private let handle: Handler
  private let refuse: @Sendable (WebRequest, _ status: Int) -> WebAnswer

  /// - Parameters:
  ///   - handle: answers a request.
  ///   - refuse: words the answer to one whose body was not read: 413 for one that is too long, 503 when there is no
  ///     room for it now.
  package init(
    _ endpoint: HTTPSettings.Endpoint, limits: Limits = Limits(), log: Logger, handle: @escaping Handler,
    refuse: @escaping @Sendable (WebRequest, _ status: Int) -> WebAnswer
  ) {
    self.endpoint = endpoint
    self.limits = limits
    self.log = log
    self.handle = handle
    self.refuse = refuse
  }

  /// Listens until the task is cancelled or its service group shuts down; requests that are being answered are finished.
  /// `onListening` gets the port, for those who asked for any (0).
  package func run(onListening: @escaping @Sendable (Int) -> Void = { _ in }) async throws {
    var quiet = log
    quiet.logLevel = max(log.logLevel, .warning)
    let channel = HTTP1Channel.Configuration(
      idleTimeout: .seconds(limits.idleSeconds),
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes,
        maxHeaderFieldCount: limits.headerFields))
    let connections = OpenConnections(limit: limits.connections)
    let application = Application(
      responder: Responder(
        limits: limits, connections: connections, bodies: OpenBodies(limit: limits.allBodiesBytes), handle: handle,
        refuse: refuse),
      server: .http1(configuration: channel),
      configuration: ApplicationConfiguration(
        address: .hostname(endpoint.host, port: endpoint.port),
        availableConnectionsDelegate: connections),
      onServerRunning: { [endpoint, log] channel in
        let port = channel.localAddress?.port ?? endpoint.port
        log.info("listening on \(HTTPSettings.Endpoint(host: endpoint.host, port: port))")
        onListening(port)
      },
      logger: quiet)
    do {
      try await application.run()
    } catch let error as IOError {
      throw SettingsError("nothing can listen on \(endpoint): \(error)")
    }
  }
}

/// The one place where the framework's types and ours meet.
private struct Responder: HTTPResponder {
  struct Context: InitializableFromSource {
    let channel: any NIOCore.Channel
    init(source: ApplicationRequestContextSource) { channel = source.channel }
  }

  let limits: WebListener.Limits
  let connections: OpenConnections
  let bodies: OpenBodies
  let handle: WebListener.Handler
  let refuse: @Sendable (WebRequest, _ status: Int) -> WebAnswer

  func respond(to request: Request, context: Context) async throws -> Response {
    // A body that comes byte by byte keeps the connection from being idle; this ends it all the same.
    let deadline = context.channel.eventLoop.scheduleTask(in: .seconds(limits.bodySeconds)) {
      context.channel.close(promise: nil)
    }
    var ours = Self.request(request, peer: context.channel.remoteAddress?.ipAddress ?? "")
    let room = bodies.room()
    defer { room.giveBack() }
    switch try await body(of: request, room) {
    case .success(let body): ours.body = body
    case .failure(let refusal):
      // What still comes is read and dropped until the deadline: closing at once could cost the client our answer.
      var answer = refuse(ours, refusal.status)
      answer.fields.append(PostroomCore.HTTPField("Connection", "close"))
      return Self.response(answer, to: request)
    }
    deadline.cancel()
    var answer = await handle(ours)
    if connections.areMany {
      answer.fields.append(PostroomCore.HTTPField("Connection", "close"))
      // The framework looks for that in requests only. Without further requests it closes after this answer.
      context.channel.close(mode: .input, promise: nil)
    }
    return Self.response(answer, to: request)
  }

  private struct Refusal: Error {
    let status: Int
    static let tooLong = Refusal(status: 413)
    static let noRoom = Refusal(status: 503)
  }

  private func body(of request: Request, _ room: OpenBodies.Room) async throws -> Result<[UInt8], Refusal> {
    let announced = request.headers[.contentLength].flatMap { Int($0) } ?? 0
    guard announced <= limits.bodyBytes else { return .failure(.tooLong) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(max(announced, 0))
    for try await buffer in request.body {
      guard bytes.count + buffer.readableBytes <= limits.bodyBytes else { return .failure(.tooLong) }
      guard room.take(buffer.readableBytes) else { return .failure(.noRoom) }
      bytes += buffer.readableBytesView
    }
    return .success(bytes)
  }

  private static func request(_ request: Request, peer: String) -> WebRequest {
    let target = (request.head.path ?? "").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    return WebRequest(
      method: request.method.rawValue, path: String(target.first ?? ""),
      query: target.count > 1 ? String(target[1]) : nil,
      fields: request.headers.map { PostroomCore.HTTPField($0.name.rawName, $0.value) }, peer: peer)
  }

  private static func response(_ answer: WebAnswer, to request: Request) -> Response {
    var fields = HTTPFields()
    for field in answer.fields {
      if let name = HTTPTypes.HTTPField.Name(field.name) {
        fields.append(HTTPTypes.HTTPField(name: name, value: field.value))
      }
    }
    let response = Response(
      status: .init(code: answer.status), headers: fields,
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    return request.method == .head ? response.createHeadResponse() : response
  }
}
