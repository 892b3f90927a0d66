/// The time zone of countries that have one; for recipients of whom only the number is known.
enum CountryZone {
  /// IANA name by ISO 3166 code.
  static let names: [String: String] = [
    "CN": "Asia/Shanghai", "HK": "Asia/Hong_Kong", "MO": "Asia/Macau", "TW": "Asia/Taipei", "SG": "Asia/Singapore",
    "JP": "Asia/Tokyo", "KR": "Asia/Seoul", "TH": "Asia/Bangkok", "VN": "Asia/Ho_Chi_Minh", "PH": "Asia/Manila",
    "MY": "Asia/Kuala_Lumpur", "IN": "Asia/Kolkata", "PK": "Asia/Karachi", "BD": "Asia/Dhaka", "LK": "Asia/Colombo",
    "MM": "Asia/Yangon", "KH": "Asia/Phnom_Penh", "LA": "Asia/Vientiane", "NP": "Asia/Kathmandu", "AE": "Asia/Dubai",
    "SA": "Asia/Riyadh", "IL": "Asia/Jerusalem", "TR": "Europe/Istanbul", "GB": "Europe/London",
    "IE": "Europe/Dublin", "DE": "Europe/Berlin", "FR": "Europe/Paris", "IT": "Europe/Rome", "NL": "Europe/Amsterdam",
    "BE": "Europe/Brussels", "CH": "Europe/Zurich", "AT": "Europe/Vienna", "PL": "Europe/Warsaw",
    "CZ": "Europe/Prague", "HU": "Europe/Budapest", "GR": "Europe/Athens", "RO": "Europe/Bucharest",
    "SE": "Europe/Stockholm", "NO": "Europe/Oslo", "DK": "Europe/Copenhagen", "FI": "Europe/Helsinki",
    "UA": "Europe/Kyiv", "ZA": "Africa/Johannesburg", "EG": "Africa/Cairo", "NG": "Africa/Lagos",
    "KE": "Africa/Nairobi", "MA": "Africa/Casablanca", "NZ": "Pacific/Auckland", "PE": "America/Lima",
    "CO": "America/Bogota",
  ]

  /// Of a number in E.164; nil when its country is not known or has several zones.
  static func name(ofNumber number: String) -> String? {
    guard number.hasPrefix("+"), let code = CallingCodes.code(of: String(number.dropFirst())) else { return nil }
    return CallingCodes.countries[code].flatMap { names[$0] }
  }
}
