import Yams

/// Strict reading of one YAML mapping: each key is asked for by name and type, each fault is noted with file and line,
/// and `finish()` reports the keys nobody asked for. Reading goes on after a fault so that one run shows all.
final class SettingsReader {
  private let log: ProblemLog
  let file: String
  /// `source.imap.` in front of a key's name in messages; empty at the top.
  let path: String
  private var entries: [String: Node] = [:]
  private var keyLines: [String: Int] = [:]
  private var asked: Set<String> = []
  /// False when there is nothing to read because of a fault that was told; what follows from it is not told as well.
  private var isRead: Bool
  let line: Int?

  /// What a file holds. A file that is no mapping is reported and read as empty; so is nil, which was reported already.
  convenience init(text: String?, file: String, log: ProblemLog) {
    var node: Node?
    var isRead = text != nil
    do {
      node = try text.flatMap { try Yams.compose(yaml: $0) }
    } catch let error as YamlError {
      log.add(Problem(Self.sentence(error), file: file, line: Self.line(error)))
      isRead = false
    } catch {
      log.add(Problem("cannot be read as YAML: \(error)", file: file))
      isRead = false
    }
    self.init(node: node, isRead: isRead, file: file, path: "", log: log)
  }

  private init(node: Node?, isRead: Bool = true, file: String, path: String, log: ProblemLog) {
    self.log = log
    self.isRead = isRead
    self.file = file
    self.path = path
    line = node?.mark?.line
    // `replies:` with all its lines commented out says nothing.
    guard let node, node.scalar.map({ $0.string.isEmpty }) != true else { return }
    guard case .mapping(let mapping) = node else {
      log.add(
        Problem(
          path.isEmpty ? "is not a list of `key: value` lines" : "`\(path.dropLast())` must hold `key: value` entries",
          file: file, line: line))
      self.isRead = false
      return
    }
    for (key, value) in mapping {
      guard let name = key.scalar?.string else { continue }
      entries[name] = value
      keyLines[name] = key.mark?.line
    }
  }

  var keys: [String] { entries.keys.sorted() }

  func has(_ key: String) -> Bool { entries[key] != nil }

  /// The keys of the mapping under `key`, faulty ones too; nil when there is no mapping.
  func names(in key: String) -> [String]? {
    entries[key]?.mapping.map { $0.keys.compactMap(\.scalar?.string).sorted() }
  }

  func fault(_ message: String, at key: String? = nil, advice: String? = nil, severity: Problem.Severity = .error) {
    guard isRead else { return }
    let place = key.flatMap { keyLines[$0] } ?? line
    log.add(Problem(message, file: file, line: place, advice: advice, severity: severity))
  }

  /// The text of a scalar; nil when absent. `required` reports the absence.
  func text(_ key: String, required: Bool = false) -> String? {
    guard let node = value(key, required: required) else { return nil }
    guard let scalar = node.scalar?.string else {
      fault("`\(path)\(key)` must be a single value", at: key)
      return nil
    }
    if scalar.isEmpty, required {
      fault("`\(path)\(key)` is empty", at: key)
      return nil
    }
    return scalar
  }

  func integer(_ key: String, in range: ClosedRange<Int>, required: Bool = false) -> Int? {
    guard let text = text(key, required: required) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      fault(
        "`\(path)\(key)` is \(quoted(text)), but must be a whole number from \(range.lowerBound) to \(range.upperBound)",
        at: key)
      return nil
    }
    return number
  }

  /// A part of 1, such as 0.9.
  func share(_ key: String, in range: ClosedRange<Double>) -> Double? {
    guard let text = text(key) else { return nil }
    guard let number = Double(text), range.contains(number) else {
      fault(
        "`\(path)\(key)` is \(quoted(text)), but must be a number from \(range.lowerBound) to \(range.upperBound)",
        at: key)
      return nil
    }
    return number
  }

  func boolean(_ key: String) -> Bool? {
    guard let text = text(key) else { return nil }
    switch text {
    case "true", "yes", "on": return true
    case "false", "no", "off": return false
    default:
      fault("`\(path)\(key)` is \(quoted(text)), but must be true or false", at: key)
      return nil
    }
  }

  /// Whether the key says `off` where it could hold a mapping.
  func isOff(_ key: String) -> Bool {
    guard let word = entries[key]?.scalar?.string, ["off", "no", "false"].contains(word) else { return false }
    asked.insert(key)
    return true
  }

  func duration(_ key: String, atLeast least: Seconds = 0) -> Seconds? {
    guard let text = text(key) else { return nil }
    guard let seconds = TimeSpan.seconds(text), seconds >= least else {
      let bound = least > 0 ? " of at least \(TimeSpan.words(least))" : ""
      fault("`\(path)\(key)` is \(quoted(text)), but must be a time\(bound) such as 30s, 15m, 24h or 3d", at: key)
      return nil
    }
    return seconds
  }

  /// One of a closed set of words.
  func choice<T>(_ key: String, _ words: [(String, T)], required: Bool = false) -> T? {
    guard let text = text(key, required: required) else { return nil }
    if let match = words.first(where: { $0.0 == text }) { return match.1 }
    let names = words.map(\.0)
    fault(
      "`\(path)\(key)` is \(quoted(text)), but must be one of \(names.joined(separator: ", "))", at: key,
      advice: Self.nearest(text, names).map { "did you mean \($0)?" })
    return nil
  }

  func list(_ key: String) -> [String]? { items(key)?.map(\.text) }

  /// A list with the line of each item.
  func items(_ key: String) -> [(text: String, line: Int?)]? {
    guard let node = value(key, required: false) else { return nil }
    if let scalar = node.scalar?.string { return scalar.isEmpty ? [] : [(scalar, node.mark?.line)] }
    guard let sequence = node.sequence else {
      fault("`\(path)\(key)` must be a list", at: key)
      return nil
    }
    return sequence.compactMap { item in
      if let text = item.scalar?.string { return (text, item.mark?.line) }
      log.add(Problem("`\(path)\(key)` must be a list of single values", file: file, line: item.mark?.line))
      return nil
    }
  }

  /// A nested mapping, or nil when absent.
  func section(_ key: String, required: Bool = false) -> SettingsReader? {
    guard let node = value(key, required: required) else { return nil }
    return SettingsReader(node: node, file: file, path: "\(path)\(key).", log: log)
  }

  /// One nested mapping or a list of them; empty when absent.
  func sections(_ key: String) -> [SettingsReader] {
    guard let node = value(key, required: false) else { return [] }
    let nodes = node.sequence.map { Array($0) } ?? [node]
    return nodes.map { SettingsReader(node: $0, file: file, path: "\(path)\(key).", log: log) }
  }

  /// Words in both languages: a mapping with `zh-Hans` and `en`, or one text for both.
  func localized(_ key: String, required: Bool = false) -> Localized? {
    guard let node = value(key, required: required) else { return nil }
    if let text = node.scalar?.string { return Localized(chinese: text, english: text) }
    let reader = SettingsReader(node: node, file: file, path: "\(path)\(key).", log: log)
    let chinese = reader.text("zh-Hans", required: true)
    let english = reader.text("en", required: true)
    reader.finish()
    guard let chinese, let english else { return nil }
    return Localized(chinese: chinese, english: english)
  }

  func language(_ key: String) -> Language? { choice(key, Language.allCases.map { ($0.rawValue, $0) }) }

  /// Reports every key that was not asked for.
  func finish() {
    for key in keys where !asked.contains(key) {
      fault(
        "`\(path)\(key)` is not known here", at: key,
        advice: Self.nearest(key, asked.sorted()).map { "did you mean `\($0)`?" }
          ?? "known are: \(asked.sorted().joined(separator: ", "))")
    }
  }

  private func value(_ key: String, required: Bool) -> Node? {
    asked.insert(key)
    if let node = entries[key] { return node }
    if required { fault("`\(path)\(key)` is missing") }
    return nil
  }

  private func quoted(_ text: String) -> String { "\"\(text.prefix(60))\"" }

  // MARK: YAML's own errors

  private static func sentence(_ error: YamlError) -> String {
    switch error {
    case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _):
      "is not valid YAML: \(problem)"
    case .duplicatedKeysInMapping(let keys, _): "the key \(keys.joined(separator: ", ")) stands there twice"
    default: "is not valid YAML: \(error)"
    }
  }

  private static func line(_ error: YamlError) -> Int? {
    switch error {
    case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
    case .duplicatedKeysInMapping(_, let context): context.mark.line
    default: nil
    }
  }

  /// The word of `candidates` that is at most two edits away.
  static func nearest(_ word: String, _ candidates: [String]) -> String? {
    let scalars = Array(word.unicodeScalars)
    guard scalars.count <= 100 else { return nil }
    let scored = candidates.map { ($0, distance(scalars, Array($0.unicodeScalars))) }
    guard let best = scored.min(by: { $0.1 < $1.1 }), best.1 <= 2, best.1 < scalars.count else { return nil }
    return best.0
  }

  private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (x == y ? 0 : 1))
        diagonal = row[j + 1]
        row[j + 1] = next
      }
    }
    return row[b.count]
  }
}

/// Where readers of one load note what they find.
final class ProblemLog {
  private(set) var list: [Problem] = []
  func add(_ problem: Problem) { list.append(problem) }
}
