/// A whole answer, whatever its status.
package struct HTTPResponse: Sendable, Hashable {
  package var status: Int
  package var fields: HTTPFields
  /// As it came: nothing was asked to be compressed, and nothing is decompressed.
  package var body: [UInt8]

  package init(status: Int, fields: HTTPFields = [:], body: [UInt8] = []) {
    self.status = status
    self.fields = fields
    self.body = body
  }
}

/// What kind of trouble kept a request from being sent.
package enum HTTPFailure: String, Sendable, Hashable {
  /// The request or the client's settings cannot be used; a repetition ends the same way.
  case request
  /// The name leads to an address that is not public, and the request does not allow that.
  case address
  /// Name not found, connection refused, reset or not ready in time.
  case connect
  /// The certificate is not valid for this server.
  case certificate
  /// Any other failure of TLS.
  case tls
  /// The connection was there and broke, or the time ran out, before the request was written to its end.
  case interrupted
  case cancelled
}

/// How a request ended, decided by whether a whole answer came and, if not, by whether the request's last byte had
/// left this program. Of the request no reason holds more than its host and the names of its header
/// fields.
package enum HTTPOutcome: Sendable, Hashable {
  case answered(HTTPResponse)
  /// The server cannot have seen the whole request: it is safe to try again.
  case notSent(HTTPFailure, reason: String)
  /// The request was written and no whole answer came: the server may or may not have acted on it.
  case uncertain(reason: String)
}
