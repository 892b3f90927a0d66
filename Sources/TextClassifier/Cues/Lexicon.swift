/// The cue lists made ready for one pass over a text.
final class Lexicon: Sendable {
  /// What a cue does where it is found; one cue can do several things.
  enum Role: Sendable {
    case vote(group: Int)
    case textOpening(group: Int)
    case opener(pair: Int)
    case closer(pair: Int, group: Int)
  }

  static let shared = Lexicon(groups: Cues.groups, pairs: Cues.pairs)

  let automaton: CueAutomaton
  /// By cue.
  let roles: [[Role]]
  /// By group; pairs are groups after the others. Labels as indices into `TextLabel.allCases`.
  let weights: [Double]
  let labels: [Int]
  let pairCount: Int

  init(groups: [CueGroup], pairs: [CuePair]) {
    var numbers: [String: Int] = [:]
    var cues: [String] = []
    var roles: [[Role]] = []
    var weights: [Double] = []
    var labels: [Int] = []
    func add(_ texts: [String], _ role: Role?) {
      for text in texts {
        let number = numbers[text] ?? cues.count
        if number == cues.count {
          numbers[text] = number
          cues.append(text)
          roles.append([])
        }
        if let role { roles[number].append(role) }
      }
    }
    for group in groups {
      guard let label = group.label else {
        add(group.cues, nil)
        continue
      }
      let number = weights.count
      add(group.cues, group.opensText ? .textOpening(group: number) : .vote(group: number))
      weights.append(group.weight)
      labels.append(label.index)
    }
    for (number, pair) in pairs.enumerated() {
      add(pair.openers, .opener(pair: number))
      add(pair.closers, .closer(pair: number, group: weights.count))
      weights.append(pair.weight)
      labels.append(pair.label.index)
    }
    pairCount = pairs.count
    self.roles = roles
    self.weights = weights
    self.labels = labels
    automaton = CueAutomaton(cues)
  }

  /// Identifies the lists and their weights: a blend was fitted with those of then.
  static let hash: UInt64 = {
    var hash = FeatureHash.start
    func add(_ text: String) { for byte in text.utf8 { hash = FeatureHash.step(hash, UInt32(byte)) } }
    for group in Cues.groups {
      add("\(group.label?.name ?? "")\(group.weight)\(group.opensText)" + group.cues.joined(separator: "|"))
    }
    for pair in Cues.pairs {
      add("\(pair.label.name)\(pair.weight)" + (pair.openers + [""] + pair.closers).joined(separator: "|"))
    }
    return FeatureHash.spread(hash)
  }()

}
