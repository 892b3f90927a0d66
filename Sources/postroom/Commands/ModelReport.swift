import ArgumentParser
import PostroomCore
import SQLAccess
import TextClassifier

struct ModelReport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Tell how often a mailbox's labels were right, by what people said of them.",
    discussion: """
      Matrix, F1 and calibration error are of mails that were looked at because all such mails are, or because they were
      drawn; corrections made unasked are counted, but not there.
      """)

  @OptionGroup var home: HomeOption
  @OptionGroup var mailbox: MailboxArgument
  @Flag(help: "One JSON object a mailbox.") var json = false

  func run() async throws {
    let house = try await House.open(home.path)
    for name in mailbox.names(house) {
      let report = try await house.models.report(name)
      if json { try Console.json(Row(name, report)) } else { show(name, report, house.settings.language) }
    }
    await house.database.close()
  }

  private func show(_ name: String, _ report: LearningReport, _ language: Language) {
    let mode = report.threshold.map { threshold in
      Report.title(
        chinese: "自动：置信度不低于 \(Report.score(threshold)) 的不必确认",
        english: "automatic: from \(Report.score(threshold)) on nobody has to confirm", language)
    }
    let labels = report.evaluation.count
    Console.line(
      "\(name)  "
        + (mode
          ?? Report.title(chinese: "建议模式：每封都待确认", english: "suggest mode: every mail is to be confirmed", language)))
    Console.line(
      report.estimate.value.map { value in
        Report.title(
          chinese: "现有标注支持的阈值 \(Report.score(value))，覆盖率 \(Report.score(report.estimate.coverage))",
          english:
            "threshold by the labels of now \(Report.score(value)), covers \(Report.score(report.estimate.coverage))",
          language)
      }
        ?? Report.title(
          chinese: "\(labels) 条标注（至少需 \(ConfidenceThreshold.leastLabels) 条），尚不足以支持阈值",
          english: "\(labels) labels (of at least \(ConfidenceThreshold.leastLabels)) carry no threshold yet", language)
    )
    Console.table(
      Report.header(chinese: "处理方式|邮件|有人看过|正确", english: "routed|mails|looked at|right", language),
      Routing.allCases.map { routing in
        let part = report.parts[routing] ?? LearningReport.Part()
        return [routing.words[language], "\(part.mails)", "\(part.said)", "\(part.right)"]
      }, indent: "  ")
    if labels > 0 { show(report.evaluation, language) }
    if !report.agents.isEmpty {
      Console.table(
        Report.header(chinese: "人员|确认|更正", english: "agent|confirmed|corrected", language),
        report.agents.sorted { $0.key < $1.key }.map { [$0.key, "\($0.value.confirmed)", "\($0.value.corrected)"] },
        indent: "  ")
    }
    if report.leftAlone > 0 {
      Console.line(
        Report.title(
          chinese: "另有 \(report.leftAlone) 封已答复而未改类别，夜间重新学习时一并参考",
          english: "\(report.leftAlone) more were answered and left as they were: lessons for the nightly refit",
          language))
    }
    if let fault = report.fault { Console.line(Report.unreadable(name, fault, language)) }
    if report.forgotten > 0 {
      Console.line(
        Report.title(
          chinese: "\(report.forgotten) 条已删除的学习记录仍在起作用，直到下次重新学习",
          english: "\(report.forgotten) erased lessons still weigh until the next refit", language))
    }
  }

  private func show(_ evaluation: Evaluation, _ language: Language) {
    Console.table(
      [Report.title(chinese: "实为 \\ 判为", english: "is \\ told", language)]
        + TextLabel.allCases.map { Report.words($0)[language] } + ["F1"],
      zip(TextLabel.allCases, evaluation.confusion).map { label, row in
        [Report.words(label)[language]] + row.map(String.init) + [Report.score(evaluation.f1(label))]
      }, indent: "  ")
    Console.line(
      "  "
        + Report.title(
          chinese:
            "正确率 \(Report.score(evaluation.accuracy))，macro-F1 \(Report.score(evaluation.macroF1))，校准误差 \(Report.score(evaluation.reliability.calibrationError))",
          english:
            "accuracy \(Report.score(evaluation.accuracy)), macro-F1 \(Report.score(evaluation.macroF1)), calibration error \(Report.score(evaluation.reliability.calibrationError))",
          language))
  }

  private struct Row: Encodable {
    struct Part: Encodable {
      var mails: Int
      var looked_at: Int
      var right: Int
    }
    struct Agent: Encodable {
      var confirmed: Int
      var corrected: Int
    }
    var mailbox: String
    var mode: String
    var threshold: Double?
    var threshold_now: Double?
    var coverage: Double
    var routed: [String: Part]
    var labels: Int
    var accuracy: Double
    var macro_f1: Double
    var f1: [String: Double]
    var calibration_error: Double
    var confusion: [[Int]]
    var agents: [String: Agent]
    var left_alone: Int
    var forgotten: Int64
    var unreadable: String?

    init(_ mailbox: String, _ report: LearningReport) {
      self.mailbox = mailbox
      mode = report.threshold == nil ? "suggest" : "automatic"
      threshold = report.threshold
      threshold_now = report.estimate.value
      coverage = report.estimate.coverage
      let parts = Routing.allCases.map { ($0.rawValue, report.parts[$0] ?? LearningReport.Part()) }
      routed = Dictionary(
        uniqueKeysWithValues: parts.map { ($0, Part(mails: $1.mails, looked_at: $1.said, right: $1.right)) })
      let evaluation = report.evaluation
      labels = evaluation.count
      accuracy = evaluation.accuracy
      macro_f1 = evaluation.macroF1
      f1 = Dictionary(uniqueKeysWithValues: TextLabel.allCases.map { ($0.rawValue, evaluation.f1($0)) })
      calibration_error = evaluation.reliability.calibrationError
      confusion = evaluation.confusion
      agents = report.agents.mapValues { Agent(confirmed: $0.confirmed, corrected: $0.corrected) }
      left_alone = report.leftAlone
      forgotten = report.forgotten
      unreadable = report.fault?.description
    }
  }
}

struct ModelReplay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Tell stored mails apart with another model or version, and change nothing.",
    discussion: """
      Another model keeps what the mailbox learned, as it would when it goes live. Accuracy is told on the mails whose kind
      a person said; what is in use has learned from them, so it looks better there than it is.
      """)

  @OptionGroup var home: HomeOption
  @Argument(help: "The mailbox.") var mailbox: String
  @Option(help: ArgumentHelp("Model file. (default: the mailbox's)", valueName: "file")) var model: String?
  @Option(help: "Version of what the mailbox learned; 0 is nothing. (default: the one in use)") var version: Int64?
  @Option(help: "Mails taken in within so many days.") var days: Int64 = 30

  func validate() throws {
    guard model != nil || version != nil else {
      throw ValidationError("Say what to compare with: --model FILE, or --version NUMBER.")
    }
    guard (1...36_500).contains(days) else { throw ValidationError("--days must be from 1 to 36500.") }
  }

  func run() async throws {
    let model = try model.map { try LinearModel(file: $0) }
    let house = try await House.open(home.path)
    let replay = try await house.models.replay(mailbox, model: model, version: version, days: days, now: .now)
    await house.database.close()
    show(replay, house.settings.language)
  }

  private func show(_ replay: Replay, _ language: Language) {
    Console.line(
      Report.title(
        chinese: "\(replay.mails) 封邮件，\(replay.changeCount) 封的类别会改变",
        english: "\(replay.mails) mails, \(replay.changeCount) would be called otherwise", language))
    if !replay.changes.isEmpty {
      Console.table(
        Report.header(chinese: "会话|现在|以后|人工|主题", english: "number|now|then|person|subject", language),
        replay.changes.map { change in
          [
            change.conversation.description, Report.words(change.before)[language],
            Report.words(change.after)[language], change.said.map { Report.words($0)[language] } ?? "",
            Console.clipped(change.subject, 50),
          ]
        })
    }
    guard replay.inUse.count > 0 else { return }
    Console.line(
      Report.title(
        chinese:
          "有人工标注的 \(replay.inUse.count) 封：正确率 现在 \(Report.score(replay.inUse.accuracy))，以后 \(Report.score(replay.other.accuracy))",
        english:
          "on \(replay.inUse.count) with a person's label: accuracy now \(Report.score(replay.inUse.accuracy)), then \(Report.score(replay.other.accuracy))",
        language))
  }
}
