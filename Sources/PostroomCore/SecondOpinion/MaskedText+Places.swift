/// House numbers: a street alone names nobody. Each function is one for ``Swift/Array/replacing(_:)``.
extension MaskedText {
  static func house(_ text: [Unicode.Scalar], _ place: Int) -> Finding? {
    guard text[place].isDigit, place == 0 || !text[place - 1].isWordASCII else { return nil }
    return chineseHouse(text, place) ?? englishHouse(text, place)
  }

  private static let units = ["号楼", "单元", "号", "弄", "栋", "幢", "座", "室", "户", "楼", "层"]
  /// What a street's name ends with; 知道 and 商城 stand before days of a month, too.
  private static let streets = Set("路街道巷弄村苑园厦寓庄坊".unicodeScalars)

  /// 文三路 123 号 5 幢 301 室: behind the name of a street, or two parts of a house.
  private static func chineseHouse(_ text: [Unicode.Scalar], _ place: Int) -> Finding? {
    let before = place > 0 && text[place - 1] == " " ? place - 1 : place
    let isSmallArea = before > 1 && text[before - 1] == "区" && text[before - 2] == "小"
    let isStreet = before > 0 && streets.contains(text[before - 1]) && !(before > 1 && text[before - 2] == "知")
    var (end, count, isHouse, start) = (place, 0, false, place)
    while start < text.count, text[start].isWordASCII {
      var next = start
      while next < text.count, next < start + 6, text[next].isWordASCII || text[next] == "-" { next += 1 }
      let unitStart = blank(text, next)
      guard let unit = units.first(where: { matches(text, unitStart, $0) }) else {
        // 5栋301
        if isHouse { end = next }
        break
      }
      count += 1
      isHouse = isHouse || unit != "楼" && unit != "层"
      end = unitStart + unit.unicodeScalars.count
      start = end < text.count && " -,".unicodeScalars.contains(text[end]) ? end + 1 : end
    }
    return isHouse && (isStreet || isSmallArea || count > 1) ? (end, word("ADDRESS")) : nil
  }

  private static let ways: Set<String> = [
    "street", "st", "road", "rd", "avenue", "ave", "lane", "ln", "drive", "dr", "boulevard", "blvd", "court", "ct",
    "square", "sq", "terrace", "crescent", "close",
  ]

  /// 221B Baker Street: one to three words with capitals before the last.
  private static func englishHouse(_ text: [Unicode.Scalar], _ place: Int) -> Finding? {
    var end = place
    while end < text.count, end < place + 6, text[end].isWordASCII { end += 1 }
    for count in 0..<4 {
      guard end + 1 < text.count, text[end] == " ", ("A"..."Z").contains(text[end + 1]) else { return nil }
      let start = end + 1
      end = text[start...].firstIndex { !$0.isLetterASCII && $0 != "'" } ?? text.count
      let name = String(String.UnicodeScalarView(text[start..<end])).lowercased()
      if count > 0, ways.contains(name) { return (end, word("ADDRESS")) }
    }
    return nil
  }
}
