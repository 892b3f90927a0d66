/// What a vendor wants to hear when its webhook was taken in; it repeats the webhook otherwise.
package struct WebhookAnswer: Sendable, Equatable {
  package var status = 200
  package var contentType: String?
  package var body = ""
  /// For the log when the request was refused: why, without secrets and without words of the request.
  package var reason: String?

  package init(status: Int = 200, contentType: String? = nil, body: String = "", reason: String? = nil) {
    self.status = status
    self.contentType = contentType
    self.body = body
    self.reason = reason
  }
}

/// Takes in what a vendor sends about a gateway, and gives the answer when it is stored.
package typealias WebhookReceiver =
  @Sendable (_ gateway: String, _ section: WebhookRecipe.Section, _ webhook: IncomingWebhook) async -> WebhookAnswer
