/// The rules of a recipe about answers, with every fault in them.
extension Loader {
  /// One rule or a list of them.
  func rules(_ key: String, of reader: SettingsReader) -> [AnswerRule] { reader.sections(key).map(rule) }

  private func rule(_ reader: SettingsReader) -> AnswerRule {
    defer { reader.finish() }
    var rule = AnswerRule()
    if let statuses = reader.list("status") {
      rule.statuses = Set(statuses.compactMap(Int.init))
      if rule.statuses?.count != statuses.count { reader.fault("`status` must hold HTTP statuses", at: "status") }
    }
    rule.pointer = pointer("json", of: reader)
    rule.header = reader.text("header")
    rule.values = Set(reader.list("in") ?? [])
    rule.prefix = reader.text("begins_with")
    rule.contained = reader.list("contains") ?? []
    if rule.contained.contains("") { reader.fault("`contains` must hold words", at: "contains") }
    if rule.pointer != nil, rule.header != nil { reader.fault("must hold `json` or `header`, not both") }
    if (rule.pointer == nil && rule.header == nil) != rule.values.isEmpty {
      reader.fault("`json` and `in` belong together, and so do `header` and `in`")
    }
    if rule == AnswerRule() {
      reader.fault("says nothing: give status, json or header with in, begins_with, or contains")
    }
    return rule
  }

  func place(_ key: String, of reader: SettingsReader) -> AnswerPlace? {
    guard let section = reader.section(key) else { return nil }
    defer { section.finish() }
    if let pointer = pointer("json", of: section) { return .json(pointer) }
    if let mark = section.text("behind"), !mark.isEmpty { return .behind(mark) }
    if let name = section.text("header"), !name.isEmpty { return .header(name) }
    section.fault("`\(key)` needs json, behind or header")
    return nil
  }

  func pointer(_ key: String, of reader: SettingsReader) -> String? {
    guard let text = reader.text(key) else { return nil }
    if !text.hasPrefix("/") { reader.fault("`\(key)` must be a JSON Pointer such as /data/id", at: key) }
    return text
  }
}
