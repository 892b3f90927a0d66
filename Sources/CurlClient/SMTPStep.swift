/// The commands of a transaction in the order in which they are sent and answered.
enum SMTPStep: Int {
  case reset, mail, recipient, data, message

  var next: SMTPStep { SMTPStep(rawValue: rawValue + 1) ?? .message }

  /// Writes the command for `mail` to a server that said `greeting`.
  func append(to output: inout [UInt8], _ mail: SMTPMail, isEightBit: Bool, _ greeting: SMTPGreeting) {
    switch self {
    case .reset: output += "RSET".utf8
    case .mail:
      output += "MAIL FROM:<".utf8
      output += mail.sender.utf8
      output.append(UInt8(ascii: ">"))
      if greeting.offersSize {
        output += " SIZE=".utf8
        output += String(mail.content.count).utf8
      }
      if greeting.offersEightBit, isEightBit { output += " BODY=8BITMIME".utf8 }
      if mail.isInternational { output += " SMTPUTF8".utf8 }
    case .recipient:
      output += "RCPT TO:<".utf8
      output += mail.recipient.utf8
      output.append(UInt8(ascii: ">"))
    case .data, .message: output += "DATA".utf8
    }
    output += [0x0D, 0x0A]
  }
}
