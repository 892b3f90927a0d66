import Foundation
import TextClassifier

/// Reads labelled texts: one JSON object a line, `{"id","text","label","lang","source"?,"weak"?}`. Faulty lines are told
/// with their place and left out.
struct TrainingFile {
  private(set) var texts: [TrainingText] = []
  /// Lines left out because nothing can be learned of them here, by label.
  private(set) var skipped: [String: Int] = [:]
  private(set) var faultCount = 0

  private let classes: [String]
  private var isForSpam: Bool { classes == SpamModel.classes }

  private struct Row: Decodable {
    var text: String
    var label: String
    var lang: String
    var source: String?
    var weak: Bool?
  }

  /// - Parameter classes: rows with another label are left out; of ``SpamModel``, customers' mails are `HAM`.
  init(_ paths: [String], classes: [String] = TextLabel.allCases.map(\.name)) throws {
    self.classes = classes
    for path in paths { try read(path) }
  }

  private mutating func read(_ path: String) throws {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw TrainingFileError(description: "\(path) cannot be read; give the path of a file with a JSON object a line")
    }
    let decoder = JSONDecoder()
    let source = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    for (number, line) in data.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      if line.allSatisfy({ $0 <= 0x20 }) { continue }
      let place = "\(path):\(number + 1)"
      guard let row = try? decoder.decode(Row.self, from: line) else {
        fault("\(place): no JSON object with \"text\", \"label\" and \"lang\"; the line is skipped")
        continue
      }
      take(row, source: source, place: place)
    }
  }

  private mutating func take(_ row: Row, source: String, place: String) {
    let label = isForSpam && TextLabel(name: row.label) != nil ? "HAM" : row.label
    guard classes.contains(label) else {
      if Self.isOther(row.label) {
        skipped[row.label, default: 0] += 1
      } else {
        fault("\(place): unknown label \(row.label); known are \(classes.joined(separator: ", ")); the line is skipped")
      }
      return
    }
    let language = row.lang.hasPrefix("zh") ? "zh" : row.lang
    guard language == "zh" || language == "en" else {
      fault("\(place): unknown language \(row.lang); known are zh, zh-Hans, zh-Hant, en; the line is skipped")
      return
    }
    texts.append(
      TrainingText(
        text: row.text, label: label, language: language, source: row.source ?? source,
        isWeak: row.weak ?? false))
  }

  /// Labels of other tasks, which may stand in the same file.
  private static func isOther(_ label: String) -> Bool {
    label.hasPrefix("NOT_") || ["SPAM", "HAM"].contains(label) || TextLabel(name: label) != nil
  }

  /// The first twenty are told one by one.
  private mutating func fault(_ message: String) {
    faultCount += 1
    if faultCount <= 20 { Console.error(message) }
    if faultCount == 21 { Console.error("… and more such lines") }
  }

  /// Tells how many rows were left out, if any.
  func reportSkipped() {
    for (label, count) in skipped.sorted(by: { $0.key < $1.key }) {
      Console.error("\(count) rows with the label \(label) are left out")
    }
  }
}

struct TrainingFileError: Error, CustomStringConvertible {
  let description: String
}
