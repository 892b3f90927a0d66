import Foundation
package import TextClassifier

/// How soon each kind of mail is answered at the latest, and how that is said to the customer.
package struct ServiceLevel: Sendable, Equatable {
  package var inquiry: Seconds
  package var complaint: Seconds
  package var suggestion: Seconds

  /// 24 h for inquiries and complaints, 48 h for suggestions.
  package static let standard = ServiceLevel(inquiry: 24 * 3600, complaint: 24 * 3600, suggestion: 48 * 3600)

  package init(inquiry: Seconds, complaint: Seconds, suggestion: Seconds) {
    self.inquiry = inquiry
    self.complaint = complaint
    self.suggestion = suggestion
  }

  package subscript(_ kind: TextLabel) -> Seconds {
    switch kind {
    case .inquiry: inquiry
    case .complaint: complaint
    case .suggestion: suggestion
    }
  }
}

/// A promised time in the customer's words.
package struct PromiseWording: Sendable, Equatable {
  /// `24 小时（工作日）`, `24 hours (working days)`: templates put 内 behind or "within" before it.
  package var within: String
  /// `2026年11月24日（星期二）15:00（北京时间）`, `Tuesday, 24 November 2026, 15:00 (China Standard Time)`.
  package var date: String

  package init(estimate: Seconds, deadline: Instant, calendar: WorkCalendar, language: Language) {
    let hours = max(1, (estimate + 3599) / 3600)
    let local = calendar.localTime(deadline)
    let zone = Self.zoneName(calendar.zone.identifier, offset: calendar.offset(at: deadline), language: language)
    let day = local.date
    switch language {
    case .chinese:
      within = "\(hours) 小时（工作日）"
      let weekday = ["一", "二", "三", "四", "五", "六", "日"][day.weekday - 1]
      date = "\(day.year)年\(day.month)月\(day.day)日（星期\(weekday)）\(local.hourAndMinute)（\(zone)）"
    case .english:
      within = hours == 1 ? "1 hour (working days)" : "\(hours) hours (working days)"
      let weekday = [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
      ][day.weekday - 1]
      let month = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
      ][day.month - 1]
      date = "\(weekday), \(day.day) \(month) \(day.year), \(local.hourAndMinute) (\(zone))"
    }
  }

  /// The name people use for China's zone, else the offset: a bare clock time misleads a customer abroad.
  private static func zoneName(_ identifier: String, offset: Int, language: Language) -> String {
    if ["Asia/Shanghai", "Asia/Chongqing", "Asia/Harbin", "PRC"].contains(identifier) {
      return language == .chinese ? "北京时间" : "China Standard Time"
    }
    let minutes = abs(offset) / 60
    let remainder = minutes % 60
    return "UTC" + (offset < 0 ? "-" : "+") + String(minutes / 60)
      + (remainder == 0 ? "" : ":" + (remainder < 10 ? "0" : "") + String(remainder))
  }
}
