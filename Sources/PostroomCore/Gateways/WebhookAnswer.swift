/// What is answered to a vendor.
package struct WebhookAnswer: Sendable, Equatable {
  package var status: Int
  package var contentType: String
  package var body: [UInt8]
  /// For the log when the request was refused: why, without secrets and without words of the request.
  package var reason: String?

  package init(
    status: Int, contentType: String = "text/plain; charset=utf-8", body: [UInt8] = [], reason: String? = nil
  ) {
    self.status = status
    self.contentType = contentType
    self.body = body
    self.reason = reason
  }
}

/// Takes what came to `/hooks/<gateway>` in. The name is the request's, of letters, digits, `-`, `_` and `.` only.
package typealias WebhookReceiver = @Sendable (_ gateway: String, IncomingWebhook) async -> WebhookAnswer
