/// What became of one mail of a mailbox. Every mail that the server shows ends in exactly one of these, written to the
/// ledger in the transaction that stores its effects.
package enum Outcome: String, Sendable, CaseIterable, Codable {
  /// It opened a conversation.
  case conversation
  /// It joined a conversation that existed.
  case reply
  /// The same mail was taken in before; nothing was done again.
  case duplicate
  /// Written by a machine: out-of-office note, read receipt, newsletter, our own mail coming back. Stored, not answered.
  case automatic
  /// A delivery report or complaint about a mail of ours.
  case bounce
  case spam
  /// It could not be taken in; its bytes are kept with the cause, and it can be tried again.
  case quarantine
}
