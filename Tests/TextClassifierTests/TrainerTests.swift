import Testing

@testable import TextClassifier

@Suite("Training")
struct TrainerTests {
  @Test("what was trained is told apart, in both languages")
  func learns() throws {
    let classifier = try SmallCorpus.classifier()
    for text in SmallCorpus.rightTexts {
      #expect(classifier.classify(text.text).label.name == text.label, "\(text.text)")
    }
  }

  @Test("logistic regression reaches the minimum that can be computed by hand")
  func minimum() {
    // Two classes, a text of one feature for each: the slope is 0 where w = strength · share · (1 − p).
    let matrix = TextMatrix([[7], [8]])
    let regression = SoftmaxRegression(classes: 2, strength: 2, hasBias: false)
    let weights = regression.fit(
      matrix, [.init(row: 0, label: 0, weight: 1), .init(row: 1, label: 1, weight: 1)])
    let w = weights[0][0]
    let share = FeatureSet.share(of: 1)
    #expect(abs(w - 2 * share * (1 - 1 / (1 + exponential(-2 * share * w)))) < 1e-3)
    #expect(abs(weights[0][0] + weights[0][1]) < 1e-9 && abs(weights[1][1] - w) < 1e-9)
  }

  @Test("weak labels count half, a large source no more than its root")
  func weights() {
    let text = { (source: String, isWeak: Bool) in
      TrainingText(text: "alfa", label: "INQUIRY", language: "en", source: source, isWeak: isWeak)
    }
    let set = TrainingSet(
      (0..<9).map { _ in text("large", false) } + [text("small", false), text("weak", true)], language: "en",
      classes: ["INQUIRY"])
    let weights = set.weights(TrainingPlan())
    #expect(abs(weights[9] / weights[0] - 3) < 1e-12 && abs(weights[9] / weights[10] - 2) < 1e-12)
    var plan = TrainingPlan()
    plan.emphasis = [("sm*", 5)]
    #expect(abs(set.weights(plan)[9] / set.weights(plan)[0] - 15) < 1e-12)
  }

  @Test("texts of other labels and languages are left out; a language without texts knows nothing")
  func leftOut() throws {
    let texts =
      SmallCorpus.texts.filter { $0.language == "en" } + [
        TrainingText(text: "alfa", label: "SPAM", language: "en", source: "one")
      ]
    let classifier = try TextClassifier(model: LinearModel(bytes: Trainer(TrainingPlan(), texts: texts).model()))
    #expect(classifier.classify("alfa bravo").label == .inquiry)
    let unknown = classifier.classify("己庚辛")
    #expect(unknown.confidence < 0.5 && !unknown.isSure)
  }

  @Test("the blend trusts what is right and ignores what misleads")
  func blend() {
    let right = (0..<60).map { turn in
      BlendFit.Example(
        linear: Logits.zero.replacing(with: 1, at: turn % 3), cues: Logits.zero.replacing(with: 1, at: turn / 3 % 3),
        label: turn % 3)
    }
    let blend = BlendFit(classes: 3).fit(right, language: "en")
    #expect(blend.linear > 3 && blend.cues < blend.linear / 5)
    #expect(blend.threshold <= 1)
    let blind = BlendFit(classes: 3).fit([], language: "en")
    #expect(blind.linear == 1 && blind.threshold > 1)
  }

  @Test("calibration error, coverage and threshold of cases counted by hand")
  func reliability() {
    let cases =
      (0..<40).map { Reliability.Case(confidence: 0.9 + Double($0) / 1000, isRight: $0 != 30) }
      + (0..<10).map { _ in Reliability.Case(confidence: 0.5, isRight: false) }
    let reliability = Reliability(cases)
    // 39 of 40 are right above 0.9; with the ten below it would be 39 of 50.
    #expect(reliability.coverage == 0.8 && reliability.threshold == 0.9)
    #expect(reliability.calibrationError > 0.1)
    #expect(Reliability([]).coverage == 0 && Reliability([]).threshold > 1)
    let even = (0..<100).map { Reliability.Case(confidence: 0.75, isRight: $0 % 4 != 0) }
    #expect(Reliability(even).calibrationError < 1e-12 && Reliability(even).coverage == 0)
  }

  @Test("macro-F1 counts each label that occurs the same")
  func measures() throws {
    let classifier = try SmallCorpus.classifier()
    var evaluation = Evaluation()
    for _ in 0..<3 { evaluation.add(classifier.classify("alfa bravo charlie"), truth: .inquiry) }
    evaluation.add(classifier.classify("alfa bravo"), truth: .complaint)
    #expect(evaluation.confusion == [[3, 0, 0], [1, 0, 0], [0, 0, 0]])
    #expect(evaluation.accuracy == 0.75 && evaluation.precision(.inquiry) == 0.75 && evaluation.recall(.complaint) == 0)
    #expect(abs(evaluation.macroF1 - (2 * 0.75 / 1.75) / 2) < 1e-12)
  }

  @Test("a learning curve rises when the base is wrong, the same in every run")
  func curve() throws {
    let model = try LinearModel(bytes: SmallCorpus.modelBytes)
    let wrong = SmallCorpus.rightTexts.filter { $0.label != "SUGGESTION" }.map { text in
      (text: text.text, label: text.label == "INQUIRY" ? TextLabel.complaint : .inquiry)
    }
    let curve = try LearningCurve(wrong, model: model, steps: [0, 8, 300])
    // There are fewer mistakes to correct than 300.
    #expect(curve.points.map(\.corrections) == [0, 8])
    let last = try #require(curve.points.last)
    #expect(last.macroF1 > last.before + 0.3 && last.refitted > last.macroF1 && last.texts >= 8)
    let again = try LearningCurve(wrong, model: model, steps: [8])
    #expect(again.points.first?.macroF1 == last.macroF1 && again.points.first?.refitted == last.refitted)
  }
}

extension Logits {
  fileprivate func replacing(with value: Double, at place: Int) -> Logits {
    var copy = self
    copy[place] = value
    return copy
  }
}
