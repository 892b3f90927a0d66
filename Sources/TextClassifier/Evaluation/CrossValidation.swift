extension Evaluation {
  /// How well a way to learn tells labels that it has not seen: each part of the lessons is told by what was learned of
  /// the others. The n-th belongs to part n mod `folds`.
  /// - Parameters:
  ///   - items: with their lessons; the same items in the same order give the same figures.
  ///   - learn: gets the items of all parts but one.
  package init<Item>(
    crossValidating items: [Item], folds: Int = 5, lesson: (Item) -> Lesson, learn: ([Item]) -> ModelDelta
  ) {
    self.init()
    for fold in 0..<folds {
      let delta = learn(items.enumerated().filter { $0.offset % folds != fold }.map(\.element))
      for place in stride(from: fold, to: items.count, by: folds) {
        let lesson = lesson(items[place])
        let (label, confidence) = delta.answer(to: lesson)
        add(label, confidence: confidence, truth: lesson.label)
      }
    }
  }
}
