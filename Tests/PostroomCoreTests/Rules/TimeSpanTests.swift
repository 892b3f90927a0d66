import PostroomCore
import Testing

@Suite("Lengths of time in settings")
struct TimeSpanTests {
  @Test(
    "are numbers with a unit, or a sum of them",
    arguments: [
      ("30s", 30), ("15m", 900), ("24h", 86_400), ("3d", 259_200), ("1h30m", 5400), ("1d12h30m15s", 131_415),
      ("0s", 0), ("007m", 420), ("36525d", 3_155_760_000),
    ] as [(String, Seconds)])
  func read(text: String, seconds: Seconds) {
    #expect(TimeSpan.seconds(text) == seconds)
  }

  @Test(
    "are nothing else",
    arguments: [
      "", " ", "h", "30", "30 s", " 30s", "1h30", "-1h", "+1h", "1.5h", "1H", "1w", "2小时", "３０m", "36526d",
      "1000000000s", "99999999999999999999s", "1e3s", "24h ", "\u{0}", String(repeating: "999999999d", count: 120_000),
    ])
  func refused(text: String) {
    #expect(TimeSpan.seconds(text) == nil)
  }

  @Test(
    "are written as people write them",
    arguments: [
      (0, "0s"), (1, "1s"), (59, "59s"), (60, "1m"), (90, "1m30s"), (3600, "1h"), (5400, "1h30m"), (86_400, "24h"),
      (172_800, "48h"), (259_200, "72h"), (345_600, "4d"), (90_061, "1d1h1m1s"), (-5, "0s"),
    ] as [(Seconds, String)])
  func written(seconds: Seconds, text: String) {
    #expect(TimeSpan.words(seconds) == text)
  }

  @Test("what is written is read back as the same")
  func roundTrip() {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<2000 {
      let seconds = Seconds.random(in: 0...(random.next() % 2 == 0 ? 400_000 : 3_155_760_000), using: &random)
      #expect(TimeSpan.seconds(TimeSpan.words(seconds)) == seconds)
    }
  }
}
