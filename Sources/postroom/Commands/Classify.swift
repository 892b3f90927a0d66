import ArgumentParser
import Foundation
import TextClassifier

struct Classify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell inquiries, complaints and suggestions apart.",
    discussion: """
      With --jsonl, reads {"id","text"} a line and writes {"id","label","confidence","scores","language","evidence"} a
      line, in the same order; a line that is no such object gives {"id":null,"error"} and the next goes on. Without,
      classifies the whole of standard input and shows why. The first line of a text counts as its subject.
      """)

  @Flag(help: "One JSON object a line, in and out.") var jsonl = false

  func run() async throws {
    let classifier = TextClassifier()
    guard jsonl else {
      let text = String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self)
      let result = classifier.classify(text)
      Console.line(
        "\(result.label.rawValue)  \(Int((result.confidence * 100).rounded())) %  (\(result.language.rawValue))")
      for evidence in result.evidence {
        Console.line("  \(evidence.label.rawValue)  \(evidence.text)  \(evidence.weight)")
      }
      return
    }
    let decoder = JSONDecoder()
    var isWhole = true
    while let line = readLine() {
      if line.allSatisfy(\.isWhitespace) { continue }
      do {
        let question = try decoder.decode(Question.self, from: Data(line.utf8))
        let answer = Answer(id: question.id, classifier.classify(question.text))
        try Console.json(answer)
      } catch {
        isWhole = false
        try Console.json(["id": nil, "error": "this line is no object with \"id\" and \"text\""])
      }
    }
    if !isWhole { throw ExitCode.failure }
  }

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
    var confidence: Double
    var scores: [String: Double]
    var language: String
    var evidence: [Cue]

    init(id: Identifier, _ result: Classification) {
      self.id = id
      label = result.label.rawValue
      confidence = result.confidence
      scores = Dictionary(uniqueKeysWithValues: result.scores.map { ($0.label.rawValue, $0.probability) })
      language = result.language.rawValue
      evidence = result.evidence.map { Cue(text: $0.text, label: $0.label.rawValue, weight: $0.weight) }
    }
  }
}
