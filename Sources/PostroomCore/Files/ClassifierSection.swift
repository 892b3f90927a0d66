import TextClassifier

/// `classifier: { model: FILE, precision: 0.90, audit: 0.03 }` of a mailbox.
extension Loader {
  func classifier(_ reader: SettingsReader, file: String) -> ClassifierSettings {
    var settings = ClassifierSettings()
    guard let section = reader.section("classifier") else { return settings }
    if let model = section.text("model") {
      let place = path(model, of: file)
      do {
        settings.base = try TextClassifier(model: LinearModel(file: place))
      } catch {
        section.fault("`classifier.model`: " + "\(error)".replacing(place, with: shown(place)), at: "model")
      }
    }
    if let precision = section.share("precision", in: 0.5...0.999) { settings.precision = precision }
    if let share = section.share("audit", in: 0...1) { settings.auditShare = share }
    section.finish()
    return settings
  }
}
