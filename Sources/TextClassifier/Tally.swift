/// Adds up what the cues found in one text say.
struct Tally {
  /// What one phrase gave to one group.
  struct Vote {
    let group: Int
    let start: Int
    let end: Int
    let count: Double
  }

  private let text: FoldedText
  private let lexicon = Lexicon.shared
  private(set) var votes: [Vote] = []
  /// Hits per group; a hit in the subject counts twice.
  private var counts: [Double]

  init(_ text: FoldedText) {
    self.text = text
    counts = [Double](repeating: 0, count: lexicon.weights.count)
  }

  mutating func count(_ hits: [CueAutomaton.Hit]) {
    var openers = [Int](repeating: -1, count: lexicon.pairCount)
    for hit in hits {
      for role in lexicon.roles[hit.cue] {
        switch role {
        case .vote(let group): vote(group, hit.start, hit.end)
        case .textOpening(let group):
          if opensText(hit.start) { vote(group, hit.start, hit.end) }
        case .opener(let pair): openers[pair] = hit.start
        case .closer(let pair, let group):
          let opener = openers[pair]
          if opener >= 0 && opener < hit.start && hit.start - opener <= Self.pairReach {
            vote(group, opener, hit.end)
            openers[pair] = -1
          }
        }
      }
    }
  }

  /// Some sixteen Han characters, or eight English words.
  private static let pairReach = 54
  /// Room for a short greeting before the opening phrase.
  private static let openingReach = 24

  /// An English phrase must also begin a sentence: "Is it…" asks, "this is…" does not.
  private func opensText(_ start: Int) -> Bool {
    let line = start < text.bodyStart ? 0 : text.bodyStart
    guard start - line <= Self.openingReach else { return false }
    guard start > line, text.bytes[start] < 0x80 else { return true }
    let before = text.bytes[line..<start].last { $0 != 0x20 }
    return before.map { !CueAutomaton.isWord($0) } ?? true
  }

  private mutating func vote(_ group: Int, _ start: Int, _ end: Int) {
    let count: Double = start < text.bodyStart ? 2 : 1
    votes.append(Vote(group: group, start: start, end: end, count: count))
    counts[group] += count
  }

  /// In the order of `TextLabel.allCases`.
  func scores() -> [Double] {
    var scores = [Double](repeating: 0, count: TextLabel.allCases.count)
    for (group, count) in counts.enumerated() where count > 0 {
      scores[lexicon.labels[group]] += lexicon.weights[group] * Self.damped(count)
    }
    return scores
  }

  /// n^0.7 for n up to 4: the second hit says less than the first, the fifth nothing.
  private static func damped(_ count: Double) -> Double {
    [0, 1, 1.62, 2.16, 2.64][min(4, Int(count))]
  }

  private struct Phrase: Hashable {
    let text: String
    let label: Int
  }

  /// Each group's contribution shared out among its hits; the same phrase is named once per label.
  func evidence(in original: String) -> [Evidence] {
    let utf8 = original.utf8
    var places: [Phrase: Int] = [:]
    var found: [(text: String, label: Int, weight: Double)] = []
    for vote in votes {
      let from = utf8.index(utf8.startIndex, offsetBy: Int(text.origins[vote.start]))
      let to = utf8.index(utf8.startIndex, offsetBy: Int(text.origins[vote.end]))
      let phrase = String(original[from..<to])
      let label = lexicon.labels[vote.group]
      let weight = lexicon.weights[vote.group] * Self.damped(counts[vote.group]) * vote.count / counts[vote.group]
      let key = Phrase(text: phrase, label: label)
      if let place = places[key] {
        found[place].weight += weight
      } else {
        places[key] = found.count
        found.append((phrase, label, weight))
      }
    }
    // Stable: equal weights stay in the order of the text.
    return found.enumerated()
      .sorted { ($0.element.weight, $1.offset) > ($1.element.weight, $0.offset) }
      .map { Evidence(text: $0.element.text, label: TextLabel.allCases[$0.element.label], weight: $0.element.weight) }
  }
}
