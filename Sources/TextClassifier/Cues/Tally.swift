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

  /// Finds the cues of the text and counts them.
  init(counting text: FoldedText) {
    self.text = text
    counts = [Double](repeating: 0, count: lexicon.weights.count)
    count()
  }

  private mutating func count() {
    let hits = lexicon.automaton.hits(in: text.bytes)
    if hits.isEmpty { return }
    votes.reserveCapacity(hits.count + 4)
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

  /// What the cues say for each label.
  var scores: Logits {
    var scores = Logits(repeating: 0)
    for (group, count) in counts.enumerated() where count > 0 {
      scores[lexicon.labels[group]] += lexicon.weights[group] * Self.damped(count)
    }
    return scores
  }

  /// n^0.7 for n up to 4: the second hit says less than the first, the fifth nothing.
  private static func damped(_ count: Double) -> Double {
    switch count {
    case 1: 1
    case 2: 1.62
    case 3: 2.16
    default: 2.64
    }
  }

  /// What one phrase adds to the score of its label: its part of what the group gives.
  func share(of vote: Vote) -> (label: Int, weight: Double) {
    let count = counts[vote.group]
    return (lexicon.labels[vote.group], lexicon.weights[vote.group] * Self.damped(count) * vote.count / count)
  }
}
