import ArgumentParser
import Foundation
import TextClassifier

struct Classify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell inquiries, complaints and suggestions apart.",
    discussion: """
      With --jsonl, reads {"id","text"} a line and writes {"id","label","second","confidence","sure","scores","language",
      "evidence"} a line, in the same order; a line that is no such object gives {"id":null,"error"} and the next goes on.
      Without, classifies the whole of standard input and shows why. The first line of a text counts as its subject.
      """)

  @Option(help: ArgumentHelp("Model file. (default: the one in the program)", valueName: "file")) var model: String?

  @Flag(help: "One JSON object a line, in and out.") var jsonl = false

  func run() async throws {
    let classifier = try model.map { try TextClassifier(model: LinearModel(file: $0)) } ?? TextClassifier()
    guard jsonl else {
      show(classifier.explain(String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self)))
      return
    }
    let decoder = JSONDecoder()
    var isWhole = true
    while let line = readLine() {
      if line.allSatisfy(\.isWhitespace) { continue }
      do {
        let question = try decoder.decode(Question.self, from: Data(line.utf8))
        let answer = Answer(id: question.id, classifier.explain(question.text))
        try Console.json(answer)
      } catch {
        isWhole = false
        try Console.json(["id": nil, "error": "this line is no object with \"id\" and \"text\""])
      }
    }
    if !isWhole { throw ExitCode.failure }
  }

  private func show(_ result: Classification) {
    let second = result.second.map { ", perhaps \($0.rawValue)" } ?? ""
    Console.line("\(result.label.rawValue)\(second)  \(Self.percent(result.confidence))  (\(result.language.rawValue))")
    Console.line(
      result.isSure ? "sure: such labels are right in 95 of 100 texts" : "not sure: a person should look at it")
    guard !result.evidence.isEmpty else { return Console.line("nothing in the text tells what it is") }
    Console.line()
    Console.table(
      ["weight", "speaks for", "because of"],
      result.evidence.map { evidence in
        let words = evidence.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return [String(format: "%.2f", evidence.weight), evidence.label.rawValue, words]
      })
  }

  private static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

  private struct Question: Decodable {
    var id: Identifier
    var text: String
  }

  private struct Answer: Encodable {
    struct Cue: Encodable {
      var text: String
      var label: String
      var weight: Double
    }
    var id: Identifier
    var label: String
    var second: String?
    var confidence: Double
    var sure: Bool
    var scores: [String: Double]
    var language: String
    var evidence: [Cue]

    init(id: Identifier, _ result: Classification) {
      self.id = id
      label = result.label.rawValue
      second = result.second?.rawValue
      confidence = result.confidence
      sure = result.isSure
      scores = Dictionary(uniqueKeysWithValues: result.scores.map { ($0.label.rawValue, $0.probability) })
      language = result.language.rawValue
      evidence = result.evidence.map { Cue(text: $0.text, label: $0.label.rawValue, weight: $0.weight) }
    }
  }
}
