/// Greetings and promotions of an installation.
package struct OutreachSettings: Sendable, Equatable {
  /// Gateway of SMS; nil for none.
  package var sms: String?
  /// Gateway of mail; that of `mailbox` by default.
  package var mail: String?
  /// Whose address greetings and promotions by mail come from; nil for none.
  package var mailbox: String?
  /// `serve` greets by itself.
  package var greetsBirthdays = false
  package var festivals: [Festival] = []

  package init() {}
}

/// How a mailbox asks complainants whether the solution satisfied them (回访).
package struct CallbackSettings: Sendable, Equatable {
  package var isOn = true
  /// From the solution to the callback; 3 days by default.
  package var after: Seconds = 3 * 86_400
  /// Nil: by SMS when the customer has a number and there is a gateway for it, else by mail.
  package var channel: Channel?
  /// Nil: the mailbox's for mail, that of `outreach` for SMS.
  package var gateway: String?
  /// On the customer's clock; from 10:30 by default.
  package var hours = WorkCalendar.Hours(opens: 10 * 3600 + 1800, closes: 12 * 3600)
  /// A callback that cannot leave for so long is not sent.
  static let validity: Seconds = 7 * 86_400

  package init() {}
}

extension Loader {
  /// `outreach: { sms: GATEWAY, mail: GATEWAY, mailbox: NAME, greetings: { birthday: on, festivals: [mid-autumn] } }`.
  func outreach(_ reader: SettingsReader, mail: [String], sms: [String]) -> OutreachSettings {
    var settings = OutreachSettings()
    guard let section = reader.section("outreach") else { return settings }
    defer { section.finish() }
    settings.sms = section.text("sms")
    reference(settings.sms, "sms", "the SMS gateways of mailboxes/gateways/", sms, section)
    settings.mail = section.text("mail")
    reference(settings.mail, "mail", "the mail gateways of mailboxes/gateways/", mail, section)
    settings.mailbox = section.text("mailbox")
    reference(settings.mailbox, "mailbox", "mailboxes/", definitionNames(in: home + "/mailboxes"), section)
    if settings.mail != nil, settings.mailbox == nil {
      section.fault(
        "`outreach.mail` needs `outreach.mailbox`", at: "mail", advice: "the mailbox whose address the mail comes from")
    }
    guard let greetings = section.section("greetings") else { return settings }
    settings.greetsBirthdays = greetings.boolean("birthday") ?? false
    let names = Festival.allCases.map(\.rawValue)
    for item in greetings.items("festivals") ?? [] {
      if let festival = Festival(rawValue: item.text) {
        settings.festivals.append(festival)
      } else {
        log.add(
          Problem(
            "\"\(item.text)\" is no festival", file: greetings.file, line: item.line,
            advice: SettingsReader.nearest(item.text, names).map { "did you mean \($0)?" }
              ?? "known are: \(names.joined(separator: ", "))"))
      }
    }
    if settings.sms == nil, settings.mailbox == nil, settings.greetsBirthdays || !settings.festivals.isEmpty {
      greetings.fault("greetings need `outreach.sms` or `outreach.mailbox`: there is no way out for them")
    }
    greetings.finish()
    return settings
  }

  /// `callback: { after: 3d, channel: auto, gateway: NAME, hours: "10:30-12:00" }` of a mailbox, or `callback: off`.
  func callback(_ reader: SettingsReader, mail: [String], sms: [String]) -> CallbackSettings {
    var settings = CallbackSettings()
    if reader.isOff("callback") {
      settings.isOn = false
      return settings
    }
    guard let section = reader.section("callback") else { return settings }
    defer { section.finish() }
    if let after = section.duration("after", atLeast: 3600) { settings.after = after }
    settings.channel = section.choice("channel", [("auto", nil), ("sms", Channel.sms), ("mail", Channel.mail)]) ?? nil
    settings.gateway = section.text("gateway")
    if settings.channel == .mail {
      reference(settings.gateway, "gateway", "the mail gateways of mailboxes/gateways/", mail, section)
    } else {
      reference(settings.gateway, "gateway", "the SMS gateways of mailboxes/gateways/", sms, section)
    }
    if let text = section.text("hours") {
      if let hours = openingHours(text) {
        settings.hours = hours
      } else {
        section.fault("`callback.hours` must look like \"10:30-12:00\"", at: "hours")
      }
    }
    return settings
  }
}
