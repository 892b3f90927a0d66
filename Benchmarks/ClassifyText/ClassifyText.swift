import Glibc
import TextClassifier

/// Measures the classifier on one thread; each line it prints is a name and a number.
///
///     classify-bench MODEL    texts of 200 characters a second of one core, with and without evidence, ms to load the model file,
///                             MB that the classifier takes
@main
enum ClassifyText {
  static func main() throws {
    guard CommandLine.arguments.count == 2 else {
      print("usage: classify-bench MODEL")
      exit(64)
    }
    let texts = Self.texts
    let idle = residentMegabytes()
    // From the file: its checksum has every page of it read, the most that a model takes.
    let classifier = try TextClassifier(model: LinearModel(file: CommandLine.arguments[1]))
    // Once to warm up: the phrase lists are made ready at the first use.
    var told = texts.reduce(0) { $0 + classifier.explain($1).evidence.count }
    print("memory_mb", residentMegabytes() - idle)
    for (name, some) in [("zh", texts.filter { $0.utf8.count > 400 }), ("en", texts.filter { $0.utf8.count < 400 })] {
      let rounds = 20_000 / some.count
      let plain = seconds(on: CLOCK_THREAD_CPUTIME_ID) {
        for _ in 0..<rounds { for text in some { told += classifier.classify(text).isSure ? 1 : 0 } }
      }
      let explained = seconds(on: CLOCK_THREAD_CPUTIME_ID) {
        for _ in 0..<rounds { for text in some { told += classifier.explain(text).evidence.count } }
      }
      print("\(name)_texts", Double(rounds * some.count) / plain)
      print("\(name)_explained", Double(rounds * some.count) / explained)
    }
    let loads = try (0..<9).map { _ in
      try secondsOfLoading(CommandLine.arguments[1])
    }
    print("load_ms", loads.sorted()[4] * 1000)
    // So that nothing is left out as unused.
    print("told", told)
  }

  private static func secondsOfLoading(_ path: String) throws -> Double {
    var model: LinearModel?
    let time = try seconds { model = try LinearModel(file: path) }
    guard model != nil else { return .infinity }
    return time
  }

  /// By the clock, or of this thread's processor, where others on the machine shall not count.
  private static func seconds(
    on clock: clockid_t = CLOCK_MONOTONIC, _ work: () throws -> Void
  ) rethrows -> Double {
    var (begin, end) = (timespec(), timespec())
    clock_gettime(clock, &begin)
    try work()
    clock_gettime(clock, &end)
    return Double(end.tv_sec - begin.tv_sec) + Double(end.tv_nsec - begin.tv_nsec) / 1e9
  }

  /// Memory in RAM now, pages of mapped files and of the program among it. The second number of statm, in pages. (The
  /// peak that the system tells of a child begins with that of its parent.)
  private static func residentMegabytes() -> Double {
    guard let file = fopen("/proc/self/statm", "r") else { return .infinity }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, 256, file) != nil else { return .infinity }
    let numbers = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self).split(separator: " ")
    guard numbers.count > 1, let pages = Double(numbers[1]) else { return .infinity }
    return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
  }

  /// 200 characters each: sentences by turns, so that texts differ.
  private static var texts: [String] {
    (0..<100).map { turn in
      let sentences = turn % 2 == 0 ? Self.chinese : Self.english
      var text = ""
      var place = turn / 2
      while text.count < 200 {
        text += sentences[place % sentences.count] + (turn % 2 == 0 ? "" : " ")
        if text.count < 40 { text += "\n" }
        place += 3
      }
      return String(text.prefix(200))
    }
  }

  private static let chinese = [
    "上周在你们店里买的电饭煲到货了，", "打开以后发现内胆有一道划痕，", "客服说要拍照片发过去，", "照片发了三次都没有人理我，",
    "请问这种情况能不能换一个新的？", "另外发票抬头写错了，", "怎么改成公司的名字？", "希望以后下单的时候可以自己选快递，", "最好能提前打个电话，",
    "我们小区白天没有人在家。", "昨天又收到一条短信说已经签收，", "可是我根本没有拿到东西，", "麻烦查一下到底放在哪里了，", "谢谢你们一直以来的服务。",
  ]
  private static let english = [
    "I ordered a rice cooker from your shop last week.", "It came with a scratch on the inner pot,",
    "and your support asked me for pictures twice.", "Nobody has answered since Monday.",
    "Can I get a new one instead?",
    "The invoice has the wrong name on it, too.", "How do I change it to our company?",
    "It would be nice to choose the carrier at checkout.", "Please call before you deliver, we are out by day.",
    "Yesterday a text message said it was signed for,", "but I have not seen any parcel at all.",
    "Could you find out where it was left?", "Thank you for your help so far.",
  ]
}
