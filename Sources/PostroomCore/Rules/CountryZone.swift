/// The time zone of countries, for recipients of whom only the number is known. Of several zones it is one in which nobody
/// of the many is written to at night when it is day there: being wrong by some hours is better than by half the globe,
/// where the house may be.
enum CountryZone {
  /// IANA name by ISO 3166 code.
  private static let names: [String: String] = [
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
    "CO": "America/Bogota", "EC": "America/Guayaquil", "VE": "America/Caracas",
    "AR": "America/Argentina/Buenos_Aires", "ES": "Europe/Madrid", "PT": "Europe/Lisbon", "AU": "Australia/Sydney",
    "ID": "Asia/Jakarta", "BR": "America/Sao_Paulo", "MX": "America/Mexico_City", "CL": "America/Santiago",
  ]

  /// By the code of several countries: North America, Russia with Kazakhstan.
  private static let shared = ["1": "America/Chicago", "7": "Asia/Yekaterinburg"]

  /// Of a number in E.164; nil when its country's is not known.
  static func name(ofNumber number: String) -> String? {
    guard number.hasPrefix("+"), let code = CallingCodes.code(of: String(number.dropFirst())) else { return nil }
    return shared[code] ?? CallingCodes.countries[code].flatMap { names[$0] }
  }
}
