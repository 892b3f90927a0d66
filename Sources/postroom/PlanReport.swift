import PostroomCore

/// Who gets a greeting or promotion, as people read it.
struct PlanReport {
  private let plan: OutreachPlan
  private let settings: Settings
  private let isDone: Bool
  private var language: Language { settings.language }

  /// `isDone`: it was enqueued.
  init(_ plan: OutreachPlan, _ settings: Settings, isDone: Bool) {
    self.plan = plan
    self.settings = settings
    self.isDone = isDone
  }

  func print(json: Bool) throws {
    if json { return try Console.json(Row(plan, isDone: isDone)) }
    Console.line(summary)
    if let leaves = plan.leaves {
      let (first, last) = (when(leaves.lowerBound), when(leaves.upperBound))
      Console.line(
        title(chinese: "发送时间：\(first)", english: "leaves: \(first)") + (first == last ? "" : " – \(last)"))
    }
    printShares()
    printLoads()
    for example in plan.examples.sorted(by: { $0.order < $1.order }) { print(example) }
  }

  private var summary: String {
    let (count, audience, before) = (plan.messages, plan.audience, plan.enqueuedBefore)
    let chinese = isDone ? "已排队 \(count) 人" : "将发送给 \(count) 人"
    let english = isDone ? "\(count) enqueued" : "\(count) would get it"
    return title(
      chinese: "\(chinese)（对象共 \(audience) 人，其中 \(before) 人此前已安排）",
      english: "\(english), of \(audience) in all; \(before) had it before")
  }

  private func printShares() {
    let waiting = plan.waiting.sorted { $0.value.count > $1.value.count }
      .map { row(title(chinese: "暂缓", english: "waits"), $0.key.words, $0.value) }
    let obstacles = plan.obstacles.sorted { $0.value.count > $1.value.count }
      .map { row(title(chinese: "不发", english: "not sent"), $0.key.words, $0.value) }
    guard !waiting.isEmpty || !obstacles.isEmpty else { return }
    Console.line()
    Console.table(
      Report.header(chinese: "去向|人数|原因|例如", english: "what|people|why|such as", language), waiting + obstacles)
  }

  private func row(_ what: String, _ words: Localized, _ share: OutreachPlan.Share) -> [String] {
    [what, String(share.count), words[language], Console.clipped(share.names.joined(separator: ", "), 60)]
  }

  private func printLoads() {
    guard !plan.loads.isEmpty else { return }
    Console.line()
    Console.table(
      Report.header(
        chinese: "网关|渠道|消息|条数|费用|按限速需时", english: "gateway|channel|messages|segments|cost|at its pace", language),
      plan.loads.sorted { $0.key < $1.key }.map { name, load in
        [
          name, Report.words(load.channel)[language], String(load.messages),
          load.channel == .sms ? String(load.segments) : "", Report.money(load.cost),
          lasts(load, settings.gateways[name]?.rules.pace),
        ]
      })
    for (name, load) in plan.loads.sorted(by: { $0.key < $1.key }) {
      guard let limit = settings.gateways[name]?.rules.dailyCost, load.cost > limit else { continue }
      Console.line(
        title(
          chinese: "\(name)：超出每日费用上限 \(Report.money(limit))，其余将顺延",
          english: "\(name): more than a day may cost (\(Report.money(limit))); the rest waits for the next"))
    }
  }

  /// How long the gateway takes for all of it.
  private func lasts(_ load: OutreachPlan.Load, _ pace: SendingPace?) -> String {
    guard let pace else { return "" }
    return TimeSpan.words(max(1, Int64(load.messages) * pace.seconds / pace.count))
  }

  private func print(_ example: OutreachPlan.Example) {
    let size =
      example.channel == .sms ? title(chinese: "，\(example.segments) 条", english: ", \(example.segments) segments") : ""
    Console.line()
    Console.line(
      "── \(Report.words(example.channel)[language]) · \(example.language.rawValue) · \(example.tier.words[language])\(size)"
    )
    if !example.subject.isEmpty { Console.line(example.subject + "\n") }
    Console.line(example.text)
  }

  private func title(chinese: String, english: String) -> String {
    Report.title(chinese: chinese, english: english, language)
  }

  private func when(_ instant: Instant) -> String { Report.when(instant, in: nil, settings) }

  private struct Row: Encodable {
    struct Share: Encodable {
      var reason: String
      var words: String
      var people: Int
      var names: [String]
    }

    struct Load: Encodable {
      var gateway: String
      var channel: String
      var messages: Int
      var segments: Int64
      var cost: String
    }

    struct Example: Encodable {
      var channel: String
      var language: String
      var tier: String
      var subject: String
      var text: String
      var segments: Int64
    }

    var enqueued: Bool
    var audience: Int
    var messages: Int
    var enqueued_before: Int
    var first_at: String?
    var last_at: String?
    var waiting: [Share]
    var not_sent: [Share]
    var gateways: [Load]
    var examples: [Example]

    init(_ plan: OutreachPlan, isDone: Bool) {
      enqueued = isDone
      audience = plan.audience
      messages = plan.messages
      enqueued_before = plan.enqueuedBefore
      first_at = plan.leaves?.lowerBound.iso8601
      last_at = plan.leaves?.upperBound.iso8601
      waiting = plan.waiting.sorted { $0.key.rawValue < $1.key.rawValue }.map { reason, share in
        Share(reason: reason.rawValue, words: reason.words.english, people: share.count, names: share.names)
      }
      not_sent = plan.obstacles.sorted { $0.key.words.english < $1.key.words.english }.map { obstacle, share in
        Share(reason: obstacle.code, words: obstacle.words.english, people: share.count, names: share.names)
      }
      gateways = plan.loads.sorted { $0.key < $1.key }.map { name, load in
        Load(
          gateway: name, channel: load.channel.rawValue, messages: load.messages, segments: load.segments,
          cost: Report.money(load.cost))
      }
      examples = plan.examples.map { example in
        Example(
          channel: example.channel.rawValue, language: example.language.rawValue, tier: example.tier.rawValue,
          subject: example.subject, text: example.text, segments: example.segments)
      }
    }
  }
}

extension OutreachPlan.Example {
  /// By channel, language and tier.
  fileprivate var order: (String, String, Int) {
    (channel.rawValue, language.rawValue, Tier.allCases.firstIndex(of: tier) ?? 0)
  }
}
