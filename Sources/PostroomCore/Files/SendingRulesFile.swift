internal import Foundation

/// What gateways' files and `postroom.yaml` say of when and how much is sent.
extension Loader {
  /// `pace`, `routes`, `quiet`, `limits`, `price`, `daily_cost` of a gateway's file.
  func rules(_ reader: SettingsReader, isSMS: Bool) -> SendingRules {
    var rules = isSMS ? SendingRules.sms : SendingRules.mail
    rules.pace = pace("pace", reader)
    if let routes = reader.section("routes") {
      for route in routes.keys { rules.routes[route.lowercased()] = pace(route, routes) }
      routes.finish()
    }
    if let hours = reader.section("send_hours") {
      if let marketing = openingHours("marketing", hours) { rules.marketingHours = marketing.span }
      if let service = openingHours("callbacks", hours) { rules.serviceHours = service.span }
      if let countries = hours.section("countries") {
        for country in countries.keys {
          let code = country.drop { $0 == "+" }
          if CallingCodes.countries[String(code)] == nil {
            countries.fault("`\(country)` is no calling code of a country", at: country, advice: "for example 86")
          }
          if let span = openingHours(country, countries)?.span { rules.countryHours[String(code)] = span }
        }
        countries.finish()
      }
      hours.finish()
    }
    for item in reader.items("limits") ?? [] {
      guard let cap = cap(item.text) else {
        reader.fault("`limits` holds \"\(item.text)\"", at: "limits", advice: "write for example 5 in 1h")
        continue
      }
      rules.recipientLimits.append(SendingRules.RecipientLimit(count: cap.count, window: cap.window))
    }
    if let price = money("price", reader) { rules.price = price }
    rules.dailyCost = money("daily_cost", reader)
    return rules
  }

  /// `contact: { sms: 1 in 7d, mail: 2 in 7d, all: 2 in 7d, least_satisfaction: 60 }` of `postroom.yaml`.
  func pressure(_ reader: SettingsReader) -> ContactPressure {
    var pressure = ContactPressure()
    guard let section = reader.section("contact") else { return pressure }
    defer { section.finish() }
    for (key, path) in [("sms", \ContactPressure.sms), ("mail", \.mail), ("all", \.all)] {
      guard let text = section.text(key) else { continue }
      if let cap = cap(text) {
        pressure[keyPath: path] = cap
      } else {
        section.fault("`contact.\(key)` is \"\(text)\"", at: key, advice: "write for example 1 in 7d")
      }
    }
    if let least = section.integer("least_satisfaction", in: 0...100) { pressure.leastSatisfaction = least }
    return pressure
  }

  private func pace(_ key: String, _ reader: SettingsReader) -> SendingPace? {
    guard let text = reader.text(key) else { return nil }
    if let pace = SendingPace(text) { return pace }
    reader.fault("`\(key)` is \"\(text)\"", at: key, advice: "write for example 20/s, 600/m, 1000/h or 5000/d")
    return nil
  }

  /// `5 in 1h`.
  private func cap(_ text: String) -> ContactPressure.Cap? {
    let words = text.split(separator: " ")
    guard words.count == 3, words[1] == "in", let count = Int(words[0]), (1...1000).contains(count),
      let window = TimeSpan.seconds(String(words[2])), window > 0
    else { return nil }
    return ContactPressure.Cap(count: count, window: window)
  }

  /// `always` gives no span; nil when the key is absent or faulty.
  private func openingHours(_ key: String, _ reader: SettingsReader) -> (span: WorkCalendar.Hours?, Void)? {
    guard let text = reader.text(key) else { return nil }
    if text == "always" { return (nil, ()) }
    if let hours = openingHours(text) { return (hours, ()) }
    reader.fault("`\(key)` must look like \"09:00-20:00\", or be always", at: key)
    return nil
  }

  /// `0.045` as millionths.
  private func money(_ key: String, _ reader: SettingsReader) -> Int64? {
    guard let text = reader.text(key) else { return nil }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let fraction = parts.count == 2 ? String(parts[1]) : ""
    guard parts.count <= 2, fraction.count <= 6, let whole = Int64(parts[0]), (0...1_000_000_000).contains(whole),
      fraction.allSatisfy(\.isWholeNumber), let rest = Int64((fraction + "000000").prefix(6))
    else {
      reader.fault("`\(key)` is \"\(text)\", which is no amount", at: key, advice: "write for example 0.045")
      return nil
    }
    return whole * 1_000_000 + rest
  }
}
