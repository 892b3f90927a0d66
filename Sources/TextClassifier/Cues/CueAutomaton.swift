/// All cues in one Aho–Corasick automaton over folded UTF-8 bytes (Aho & Corasick, CACM 18(6), 1975): one table
/// look-up per byte, whatever the number of cues.
struct CueAutomaton: Sendable {
  /// A cue found in a folded text: `start..<end` are offsets in its bytes.
  struct Hit {
    let cue: Int
    let start: Int
    let end: Int
  }

  /// Byte → column of `transitions`; 0 is every byte that no cue holds.
  private var column = [UInt8](repeating: 0, count: 256)
  private let columns: Int
  /// `transitions[state * columns + column]`.
  private var transitions: [UInt16]
  /// The longest cue that ends in a state, or −1.
  private var output: [Int32]
  /// The next shorter suffix state with an output; 0 ends the chain.
  private var shorter: [UInt16]
  private let lengths: [Int]
  /// A cue that begins or ends with an ASCII letter or digit must begin or end a word there.
  private let bounds: [(start: Bool, end: Bool)]

  /// - Parameter cues: in folded form; a final `*` lets the word go on. Not empty, all different, and fewer than
  ///   65,536 bytes in all.
  init(_ cues: [String]) {
    let patterns = cues.map { Array(($0.hasSuffix("*") ? $0.dropLast() : $0[...]).utf8) }
    lengths = patterns.map(\.count)
    bounds = zip(cues, patterns).map { cue, pattern in
      (Self.isWord(pattern.first ?? 0), Self.isWord(pattern.last ?? 0) && !cue.hasSuffix("*"))
    }
    var used = 0
    for byte in patterns.joined() where column[Int(byte)] == 0 {
      used += 1
      column[Int(byte)] = UInt8(used)
    }
    columns = used + 1
    transitions = [UInt16](repeating: 0, count: columns)
    output = [-1]
    shorter = []
    for (cue, pattern) in patterns.enumerated() { insert(pattern, cue: cue) }
    link()
  }

  private mutating func insert(_ pattern: [UInt8], cue: Int) {
    var state = 0
    for byte in pattern {
      let slot = state * columns + Int(column[Int(byte)])
      if transitions[slot] == 0 {
        transitions[slot] = UInt16(output.count)
        transitions.append(contentsOf: repeatElement(0, count: columns))
        output.append(-1)
      }
      state = Int(transitions[slot])
    }
    output[state] = Int32(cue)
  }

  /// Breadth first: every missing transition becomes that of the longest proper suffix.
  private mutating func link() {
    shorter = [UInt16](repeating: 0, count: output.count)
    var suffix = [Int](repeating: 0, count: output.count)
    var queue = transitions[0..<columns].filter { $0 != 0 }.map(Int.init)
    var next = 0
    while next < queue.count {
      let state = queue[next]
      next += 1
      shorter[state] = output[suffix[state]] >= 0 ? UInt16(suffix[state]) : shorter[suffix[state]]
      for symbol in 0..<columns {
        let slot = state * columns + symbol
        let fallback = transitions[suffix[state] * columns + symbol]
        if transitions[slot] == 0 {
          transitions[slot] = fallback
        } else {
          let child = Int(transitions[slot])
          suffix[child] = Int(fallback)
          queue.append(child)
        }
      }
    }
  }

  /// The hits in order of their ends. Of cues that lie within each other only the outermost counts: "没有问题" is
  /// not "有问题", "no complaint" is no complaint.
  func hits(in bytes: [UInt8]) -> [Hit] {
    var hits: [Hit] = []
    column.withUnsafeBufferPointer { column in
      transitions.withUnsafeBufferPointer { transitions in
        output.withUnsafeBufferPointer { output in
          walk(bytes, column, transitions, output, &hits)
        }
      }
    }
    return hits
  }

  private func walk(
    _ bytes: [UInt8], _ column: UnsafeBufferPointer<UInt8>, _ transitions: UnsafeBufferPointer<UInt16>,
    _ output: UnsafeBufferPointer<Int32>, _ hits: inout [Hit]
  ) {
    var state = 0
    for index in bytes.indices {
      state = Int(transitions[state * columns + Int(column[Int(bytes[index])])])
      var ending = output[state] >= 0 ? state : Int(shorter[state])
      while ending != 0 {
        let cue = Int(output[ending])
        let hit = Hit(cue: cue, start: index + 1 - lengths[cue], end: index + 1)
        if standsFree(hit, in: bytes) {
          while let last = hits.last, last.start >= hit.start { hits.removeLast() }
          hits.append(hit)
          break
        }
        ending = Int(shorter[ending])
      }
    }
  }

  private func standsFree(_ hit: Hit, in bytes: [UInt8]) -> Bool {
    if bounds[hit.cue].start && hit.start > 0 && Self.isWord(bytes[hit.start - 1]) { return false }
    if bounds[hit.cue].end && hit.end < bytes.count && Self.isWord(bytes[hit.end]) { return false }
    return true
  }

  static func isWord(_ byte: UInt8) -> Bool {
    (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x30 && byte <= 0x39)
  }
}
