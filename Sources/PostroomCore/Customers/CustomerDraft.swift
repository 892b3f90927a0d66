/// What one row of a list says about a customer. What is nil or empty it does not say.
struct CustomerDraft: Sendable, Equatable {
  /// As spreadsheets number it.
  var row: Int
  var reference: String?
  var name: String?
  var contacts: [Contact] = []
  var language: Language?
  var zone: String?
  var tier: Tier?
  var birthday: Birthday?
  var satisfaction: Int64?
  var consents: [ConsentTopic: Bool] = [:]
}

/// Why a row was not taken, and what to do.
package struct CustomerFault: Sendable, Equatable {
  /// The row as spreadsheets number it.
  package var row: Int
  /// The title of the column; nil when the row as a whole is meant.
  package var column: String?
  package var words: Localized

  init(row: Int, column: String? = nil, chinese: String, english: String) {
    self.row = row
    self.column = column
    words = Localized(chinese: chinese, english: english)
  }

  /// `17:手机`, or `17`.
  package var place: String { column.map { "\(row):\($0)" } ?? String(row) }
}
