import Foundation
import PostroomCore
import Testing
import TextClassifier

@Suite("Service level and its wording")
struct ServiceLevelTests {
  private func wording(
    _ local: String, hours: Int64 = 24, zone: String = "Asia/Shanghai", _ language: Language
  ) -> PromiseWording {
    let clock = WallClock(zone)
    return PromiseWording(
      estimate: hours * 3600, deadline: clock.instant(local), calendar: .standard(zone: clock.zone), language: language)
  }

  @Test("a day for inquiries and complaints, two for suggestions")
  func standard() {
    #expect(ServiceLevel.standard[.inquiry] == 86_400)
    #expect(ServiceLevel.standard[.complaint] == 86_400)
    #expect(ServiceLevel.standard[.suggestion] == 172_800)
    let own = ServiceLevel(inquiry: 1, complaint: 2, suggestion: 3)
    #expect(TextLabel.allCases.map { own[$0] }.sorted() == [1, 2, 3])
  }

  @Test("a Chinese customer reads the date, the weekday and Beijing time")
  func chinese() {
    let wording = wording("2026-11-24 15:00", .chinese)
    #expect(wording.within == "24 小时（工作日）")
    #expect(wording.date == "2026年11月24日（星期二）15:00（北京时间）")
  }

  @Test("an English customer reads the same in his own manner")
  func english() {
    let wording = wording("2026-11-24 15:00", hours: 48, .english)
    #expect(wording.within == "48 hours (working days)")
    #expect(wording.date == "Tuesday, 24 November 2026, 15:00 (China Standard Time)")
  }

  @Test(
    "hours are rounded up, one is singular in English",
    arguments: [(1, 1), (60, 1), (3600, 1), (3601, 2), (5400, 2), (86_400, 24), (90_000, 25), (0, 1)]
      as [(Seconds, Int)])
  func hours(estimate: Seconds, hours: Int) {
    let calendar = WorkCalendar.standard(zone: WallClock().zone)
    let chinese = PromiseWording(estimate: estimate, deadline: 0, calendar: calendar, language: .chinese)
    #expect(chinese.within == "\(hours) 小时（工作日）")
    let english = PromiseWording(estimate: estimate, deadline: 0, calendar: calendar, language: .english)
    #expect(english.within == (hours == 1 ? "1 hour (working days)" : "\(hours) hours (working days)"))
  }

  @Test("all weekdays have their names", arguments: 0..<7)
  func weekdays(offset: Int) {
    let chinese = ["一", "二", "三", "四", "五", "六", "日"]
    let english = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    let local = "2026-11-\(23 + offset) 09:30"
    #expect(wording(local, .chinese).date == "2026年11月\(23 + offset)日（星期\(chinese[offset])）09:30（北京时间）")
    #expect(
      wording(local, .english).date
        == "\(english[offset]), \(23 + offset) November 2026, 09:30 (China Standard Time)")
  }

  @Test("all months have their names", arguments: 1...12)
  func months(month: Int) {
    let names = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
      "December",
    ]
    #expect(wording("2027-\(month)-5 12:00", .english).date.contains(", 5 \(names[month - 1]) 2027, 12:00 "))
    #expect(wording("2027-\(month)-5 12:00", .chinese).date.hasPrefix("2027年\(month)月5日（"))
  }

  @Test(
    "outside of China the offset from UTC stands for the zone's name, as it is on that day",
    arguments: [
      ("UTC", "2026-11-24 15:00", "(UTC+0)"),
      ("Europe/Berlin", "2026-11-24 15:00", "(UTC+1)"),
      ("Europe/Berlin", "2026-07-24 15:00", "(UTC+2)"),
      ("America/New_York", "2026-11-24 15:00", "(UTC-5)"),
      ("America/St_Johns", "2026-11-24 15:00", "(UTC-3:30)"),
      ("Asia/Kathmandu", "2026-11-24 15:00", "(UTC+5:45)"),
      ("Asia/Urumqi", "2026-11-24 15:00", "(UTC+6)"),
      ("PRC", "2026-11-24 15:00", "(China Standard Time)"),
    ])
  func zones(zone: String, local: String, name: String) {
    #expect(wording(local, zone: zone, .english).date.hasSuffix("15:00 \(name)"))
    let chinese = name == "(China Standard Time)" ? "（北京时间）" : "（\(name.dropFirst().dropLast())）"
    #expect(wording(local, zone: zone, .chinese).date.hasSuffix("15:00" + chinese))
  }
}
