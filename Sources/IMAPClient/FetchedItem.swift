import CEtpan

/// What one FETCH answer said of one message (RFC 9051 §7.5.2).
struct FetchedItem {
  let number: UInt32
  var uid: UInt32?
  var size: Int?
  var internalDate: Int64?
  /// BODY[], possibly a part of it.
  var body: [UInt8]?
  /// Where `body` begins in the message.
  var offset = 0

  init(_ attributes: mailimap_msg_att) {
    number = attributes.att_number
    for item in elements(of: attributes.att_list, as: mailimap_msg_att_item.self)
    where Int(item.pointee.att_type) == MAILIMAP_MSG_ATT_ITEM_STATIC {
      if let attribute = item.pointee.att_data.att_static { take(attribute.pointee) }
    }
  }

  private mutating func take(_ attribute: mailimap_msg_att_static) {
    switch Int(attribute.att_type) {
    case MAILIMAP_MSG_ATT_UID: uid = attribute.att_data.att_uid
    case MAILIMAP_MSG_ATT_RFC822_SIZE: size = Int(attribute.att_data.att_rfc822_size)
    case MAILIMAP_MSG_ATT_INTERNALDATE:
      internalDate = attribute.att_data.att_internal_date.flatMap { unixMilliseconds($0.pointee) }
    case MAILIMAP_MSG_ATT_BODY_SECTION:
      guard let section = attribute.att_data.att_body_section?.pointee else { return }
      let bytes = UnsafeRawBufferPointer(start: section.sec_body_part, count: section.sec_length)
      body = section.sec_body_part == nil ? [] : Array(bytes)
      offset = Int(section.sec_origin_octet)
    default: break
    }
  }
}

/// Milliseconds since 1970 UTC; nil for a date that the calendar does not have.
private func unixMilliseconds(_ date: mailimap_date_time) -> Int64? {
  let (year, month, day) = (Int64(date.dt_year), Int64(date.dt_month), Int64(date.dt_day))
  guard (1900...9999).contains(year), (1...12).contains(month), (1...31).contains(day),
    (0...23).contains(date.dt_hour), (0...59).contains(date.dt_min), (0...60).contains(date.dt_sec)
  else { return nil }
  // Days by the proleptic Gregorian calendar with years that begin in March.
  let shifted = month > 2 ? year : year - 1
  let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  let days = 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
  // libetpan leaves the zone as it was written: +0530 is 530.
  let zone = Int64(date.dt_zone) / 100 * 60 + Int64(date.dt_zone) % 100
  let minutes = days * 1440 + Int64(date.dt_hour) * 60 + Int64(date.dt_min) - zone
  return (minutes * 60 + Int64(date.dt_sec)) * 1000
}
