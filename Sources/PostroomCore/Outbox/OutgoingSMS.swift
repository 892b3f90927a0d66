internal import Foundation

/// An SMS that is to be written into the outbox: signed, with its opt-out, counted.
struct OutgoingSMS {
  var naturalKey: String
  var purpose: Purpose
  var to: PhoneNumber
  var text: String
  /// Of the opt-out that marketing ends with.
  var language: Language
  var customer: Int64?
  var conversation: Int64?
  var message: Int64?
  var author: Int64?
  var campaign: String?
  var templateHash: String?
  var dueAt: Instant?
  var expiresAt: Instant?

  /// With its parts and what it costs.
  func plan(through gateway: GatewaySettings) -> SMSPlan {
    let sms = gateway.sms ?? SMSSettings(profile: SMSProfile(), signature: nil)
    return SMSText.plan(
      text, signature: sms.signature, optOut: purpose.isMarketing ? language : nil, profile: sms.profile)
  }

  func delivery(through gateway: GatewaySettings) -> DeliveryDraft {
    let plan = plan(through: gateway)
    return DeliveryDraft(
      naturalKey: naturalKey, purpose: purpose, channel: .sms, gateway: gateway.name, customer: customer,
      conversation: conversation, message: message, author: author, campaign: campaign, sender: "",
      recipient: to.e164, subject: "", reference: UUID().uuidString.lowercased(), templateHash: templateHash,
      content: Array(plan.submission.utf8), segments: Int64(plan.segments.count),
      cost: plan.cost(perSegment: gateway.rules.price), dueAt: dueAt, expiresAt: expiresAt)
  }
}
