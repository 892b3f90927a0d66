package import MailFormat

/// How the recipient of a marketing mail ends them: fields for his mail program (RFC 2369, RFC 8058) and the link that he
/// reads in the body.
package struct UnsubscribeLinks: Sendable {
  /// Nil when no public address is configured.
  package let page: String?
  /// A mail to this address does the same without a browser.
  package let mailto: String

  /// - Parameters:
  ///   - publicURL: of the settings, without a slash at its end.
  ///   - address: of the mailbox that sends.
  ///   - plusAddressing: its mail server delivers `support+anything@` there.
  package init(
    _ token: UnsubscribeToken, signer: UnsubscribeSigner, publicURL: String?, address: String, plusAddressing: Bool
  ) {
    let text = signer.text(of: token)
    page = publicURL.map { "\($0)/u/\(text)" }
    let mailbox = MailAddress(address: address)
    let local = "\(mailbox.localPart)\(Self.plus)\(text)"
    // RFC 6068 §2: what has a meaning in a URI is written as %XX, the plus and the at sign stay.
    let domain = CanonicalText.percentEncoded(mailbox.domain)
    if plusAddressing, local.utf8.count <= 64 {
      mailto = "mailto:\(Self.encoded(local))@\(domain)?subject=\(Self.command)"
    } else {
      mailto = "mailto:\(Self.encoded(mailbox.localPart))@\(domain)?subject=\(Self.command)%20\(text)"
    }
  }

  /// What he reads: the page, else the mail that does the same.
  package var inBody: String { page ?? mailto }

  /// For the head of the mail. One-click is offered only beside an HTTPS address (RFC 8058 §3.1); the mail server's DKIM
  /// signature must cover both fields.
  package var fields: [(String, String)] {
    guard let page else { return [("List-Unsubscribe", "<\(mailto)>")] }
    let fields = [("List-Unsubscribe", "<\(page)>, <\(mailto)>")]
    return page.hasPrefix("https://") ? fields + [("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")] : fields
  }

  private static func encoded(_ local: String) -> String {
    local.split(separator: "+", omittingEmptySubsequences: false).map { CanonicalText.percentEncoded(String($0)) }
      .joined(separator: "+")
  }

  static let plus = "+unsub-"
  static let command = "unsubscribe"
}

extension UnsubscribeSigner {
  /// The token that a mail carries which a ``UnsubscribeLinks/mailto`` link wrote: in an address it went to, or behind the
  /// word `unsubscribe` in its subject.
  package func find(in recipients: [MailAddress], subject: String) -> UnsubscribeToken? {
    for recipient in recipients {
      let local = recipient.localPart.lowercased()
      if let plus = local.lastIndex(of: "+"), local[plus...].hasPrefix(UnsubscribeLinks.plus),
        let token = token(local[plus...].dropFirst(UnsubscribeLinks.plus.count))
      {
        return token
      }
    }
    // Programs and gateways put words of their own in front of a subject, not many.
    let words = subject.utf8.split(separator: 0x20, maxSplits: 32).map { String(decoding: $0, as: UTF8.self) }
    for (word, next) in zip(words, words.dropFirst()) where word.lowercased() == UnsubscribeLinks.command {
      if let token = token(next) { return token }
    }
    return nil
  }
}
