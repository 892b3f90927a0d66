import TextClassifier

/// Which lessons a refit learns from.
struct LessonChoice {
  /// A lesson of the log.
  struct Entry: Sendable {
    /// Its row.
    var id: Int64
    var agent: String
    /// False: nobody's way, see ``Agreement``.
    var isSaid = true
    var lesson: Lesson
  }

  /// Beside a colleague who says little, an agent may teach so much all the same: the cap shall keep one person's ways
  /// from becoming the house's, not empty the log.
  static let freeLessons = 100

  let chosen: [Entry]
  let leftOut: Int

  /// Of several agents none says more than all the others together (or ``freeLessons``). Which of his are left
  /// out depends on the lessons alone, not on rows or order: who never said what was erased has the same choice.
  init(_ entries: [Entry], freeLessons: Int = freeLessons) {
    var counts: [String: Int] = [:]
    for entry in entries where entry.isSaid { counts[entry.agent, default: 0] += 1 }
    let most = counts.max { $0.value < $1.value || ($0.value == $1.value && $0.key > $1.key) }
    let said = counts.values.reduce(0, +)
    guard counts.count > 1, let most, most.value > max(said - most.value, freeLessons) else {
      (chosen, leftOut) = (entries, 0)
      return
    }
    let limit = max(said - most.value, freeLessons)
    let ranked = entries.indices.filter { entries[$0].isSaid && entries[$0].agent == most.key }
      .map { (place: $0, key: Self.key(entries[$0].lesson)) }
      .sorted { ($0.key, $0.place) < ($1.key, $1.place) }
    let dropped = Set(ranked.dropFirst(limit).map(\.place))
    chosen = entries.indices.filter { !dropped.contains($0) }.map { entries[$0] }
    leftOut = dropped.count
  }

  /// FNV-1a over what the lesson says.
  private static func key(_ lesson: Lesson) -> UInt64 {
    (lesson.bytes + Array(lesson.label.rawValue.utf8)).reduce(0xCBF2_9CE4_8422_2325) { hash, byte in
      (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }
  }
}
