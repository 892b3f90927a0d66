/// The cue lists made ready for one pass over a text.
struct Lexicon: Sendable {
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
  private(set) var roles: [[Role]] = []
  /// By group; pairs are groups after the others. Labels as indices into `TextLabel.allCases`.
  private(set) var weights: [Double] = []
  private(set) var labels: [Int] = []
  let pairCount: Int

  init(groups: [CueGroup], pairs: [CuePair]) {
    var numbers: [String: Int] = [:]
    var cues: [String] = []
    var roles: [[Role]] = []
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
      labels.append(Self.index(label))
    }
    for (number, pair) in pairs.enumerated() {
      add(pair.openers, .opener(pair: number))
      add(pair.closers, .closer(pair: number, group: weights.count))
      weights.append(pair.weight)
      labels.append(Self.index(pair.label))
    }
    pairCount = pairs.count
    self.roles = roles
    automaton = CueAutomaton(cues)
  }

  private static func index(_ label: TextLabel) -> Int {
    TextLabel.allCases.firstIndex(of: label) ?? 0
  }
}
