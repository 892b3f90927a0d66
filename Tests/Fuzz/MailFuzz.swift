/// libFuzzer's entry for the reader of mails: whatever the bytes are, there is an answer that holds together.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMail(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  withinASecond { read(UnsafeBufferPointer(start: start, count: count)) }
}

private func read(_ bytes: UnsafeBufferPointer<UInt8>) {
  let source = Array(bytes)
  let message = MessageParser.parse(source)
  precondition(message.headerEnd <= bytes.count)
  for field in message.header { _ = field.text }
  for file in message.attachments {
    let content = file.decode(from: source)
    // No transfer encoding makes more of what it decodes.
    precondition(content.count <= bytes.count)
  }
  // A character of one byte takes three in UTF-8 at most; parts of one mail do not overlap.
  let size = (message.text?.utf8.count ?? 0) + (message.html?.utf8.count ?? 0)
  precondition(size <= 3 * bytes.count + message.header.count)
  _ = message.bodyText
  _ = SubjectLine.strippingReplyPrefixes(message.subject)
  _ = SubjectLine.numberTags(in: message.subject)
}
