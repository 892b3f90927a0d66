package import TextClassifier

/// What a model said of a mail.
package struct Opinion: Sendable, Equatable {
  package var label: TextLabel
  /// The model's own, 0 to 1, which nobody has calibrated; nil when it gave none.
  package var probability: Double?

  package init(label: TextLabel, probability: Double? = nil) {
    self.label = label
    self.probability = probability
  }
}

/// Reads an answer strictly: what is not exactly what was asked for is no opinion.
enum OpinionAnswer {
  /// Of the body of an answer with status 200. A fault is a sentence without any of the answer's words, which may repeat
  /// the mail.
  static func read(_ body: [UInt8]) -> Result<Opinion, Fault> {
    guard let json = JSONValue(body), case .object? = json.value(at: "") else {
      return .failure(Fault("the answer is not JSON"))
    }
    guard case .list(let choices)? = json.value(at: "/choices"), choices.count == 1,
      let content = json.value(at: "/choices/0/message/content")?.text
    else { return .failure(Fault("the answer is none of a chat: it has not one choice with a text")) }
    if let reason = json.value(at: "/choices/0/finish_reason")?.text, reason != "stop" {
      return .failure(Fault("the answer was cut short"))
    }
    return opinion(content)
  }

  private static func opinion(_ content: String) -> Result<Opinion, Fault> {
    guard case .object(let members)? = JSONValue(Array(content.utf8)) else {
      return .failure(Fault("the model answers something else than the JSON object asked for"))
    }
    guard Set(members.keys).isSubset(of: ["label", "confidence"]) else {
      return .failure(Fault("the model's object has members that were not asked for"))
    }
    guard let label = members["label"]?.text.flatMap(TextLabel.init(rawValue:)) else {
      return .failure(Fault("the model gives none of the three labels"))
    }
    switch members["confidence"] {
    case nil, .null: return .success(Opinion(label: label))
    case .scalar(let text):
      guard let value = Double(text), (0...1).contains(value) else { fallthrough }
      return .success(Opinion(label: label, probability: value))
    default: return .failure(Fault("the model's confidence is no number from 0 to 1"))
    }
  }

  struct Fault: Error, Equatable {
    let sentence: String
    init(_ sentence: String) { self.sentence = sentence }
  }
}
