extension Settings {
  /// A warning when marketing by SMS asks for an answer that cannot arrive; nil when all is well.
  package var optOutGap: Problem? {
    guard let name = outreach.sms, let gateway = gateways[name] else { return nil }
    let missing = [
      gateway.webhooks?.inbound == nil ? "`inbound` in this file" : nil, http == nil ? "`http` in postroom.yaml" : nil,
    ].compactMap { $0 }
    guard !missing.isEmpty else { return nil }
    return Problem(
      "marketing by SMS says how to refuse it, but no answer arrives here without \(missing.joined(separator: " and "))",
      file: "mailboxes/gateways/\(name).yaml",
      advice: "else the provider must keep the list of those who refused", severity: .warning)
  }
}

extension Templates {
  /// Wordings that the settings will ask for but that are not there; each is a warning, since all else works.
  package func gaps(for settings: Settings) -> [Problem] {
    var kinds: [TemplateKind] = []
    if settings.mailboxes.values.contains(where: \.callback.isOn) { kinds.append(.callback) }
    if settings.outreach.greetsBirthdays { kinds.append(.birthday) }
    if !settings.outreach.festivals.isEmpty { kinds.append(.festival) }
    let gaps = kinds.flatMap { kind in
      Language.allCases.flatMap { language in
        Channel.allCases.filter { channel in
          let isUsed =
            channel == .sms ? settings.outreach.sms != nil : kind == .callback || settings.outreach.mailbox != nil
          return isUsed && !has(kind, in: language, channel)
        }.map { "\(language.rawValue)/\(kind.rawValue).\($0.rawValue).mustache" }
      }
    }
    return gaps.map { name in
      Problem(
        "there is no such template: what needs it will not be sent", file: settings.templates + "/" + name,
        advice: "templates/ of the distribution has one", severity: .warning)
    }
  }
}
