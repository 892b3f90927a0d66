import MailFormat
import Testing

/// What stands within wrappings: S/MIME, OpenPGP, Outlook's TNEF, pieces of a mail.
@Suite("Wrapped mail")
struct WrappedMailTests {
  @Test("a signature is no attachment", arguments: ["application/pgp-signature", "application/pkcs7-signature"])
  func hidesSignatures(type: String) {
    let message = mail(
      "From: a@b.test", "Content-Type: multipart/signed; boundary=s", "", "--s", "", "hello", "--s",
      "Content-Type: \(type); name=signature", "", "c2ln", "--s--")
    #expect(message.isSigned)
    #expect(message.attachments.isEmpty)
    #expect(message.text == "hello")
    let detached = mail("From: a@b.test", "Content-Type: \(type); name=signature", "", "c2ln")
    #expect(detached.attachments.count == 1, "alone it is the mail")
  }

  @Test("the text of an opaque signed message is read", arguments: [Secured.streamed, Secured.definite])
  func readsSigned(code: String) {
    let message = MessageParser.parse(
      Array("From: a@b.test\r\nContent-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n".utf8)
        + Array("Content-Transfer-Encoding: base64\r\n\r\n\(code)\r\n".utf8))
    #expect(message.text == "订单什么时候发货？\n")
    #expect(message.isSigned)
    #expect(message.attachments.isEmpty)
    #expect(message.defects.isEmpty)
  }

  @Test("encrypted mail says so and is kept")
  func namesEncryption() {
    let message = mail(
      "From: a@b.test", "Content-Type: application/octet-stream; name=smime.p7m", "Content-Transfer-Encoding: base64",
      "", Secured.encrypted)
    #expect(message.defects == [.encrypted])
    #expect(message.attachments.map(\.name) == ["smime.p7m"])
    let pgp = mail(
      "From: a@b.test", "Content-Type: multipart/encrypted; boundary=e", "", "--e",
      "Content-Type: application/pgp-encrypted", "", "Version: 1", "--e",
      "Content-Type: application/octet-stream; name=encrypted.asc", "", "-----BEGIN PGP MESSAGE-----", "--e--")
    #expect(pgp.defects == [.encrypted])
  }

  @Test("files in a signed message are found again in the source")
  func decodesFilesOfSigned() throws {
    let inner = "Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\nMSwy"
    let source =
      Array(
        "From: a@b.test\r\nContent-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: binary\r\n\r\n".utf8)
      + Secured.signed(Array(inner.utf8))
    let file = try #require(MessageParser.parse(source).attachments.first)
    #expect(file.name == "a.zip")
    #expect(file.decode(from: source) == Array("1,2".utf8))
  }

  @Test("a damaged wrapping stays an attachment")
  func survivesDamage() {
    let whole = Secured.signed(Array("\r\nhello".utf8))
    for length in 0..<whole.count {
      let message = MessageParser.parse(
        Array("From: a@b.test\r\nContent-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\n".utf8)
          + whole[..<length])
      #expect(message.attachments.count == 1 || message.text == "hello")
    }
  }

  @Test("winmail.dat names the files in it")
  func namesFilesOfTNEF() throws {
    func attribute(_ tag: UInt32, _ data: [UInt8]) -> [UInt8] {
      [2] + word(tag) + word(UInt32(data.count)) + data + [0, 0]
    }
    func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) } }
    let name = "发票.pdf\0".utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    let properties = word(1) + word(0x3707_001F) + word(1) + word(UInt32(name.count)) + name
    let stream =
      [0x78, 0x9F, 0x3E, 0x22, 1, 0] + attribute(0x0006_9002, [0]) + attribute(0x0001_8010, Array("a.txt\0".utf8))
      + attribute(0x0006_9002, [0]) + attribute(0x0001_8010, Array("FAPIAO~1.PDF\0".utf8))
      + attribute(0x0006_9005, properties)
    let head = "From: a@b.test\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n\r\n"
    let file = try #require(MessageParser.parse(Array(head.utf8) + stream).attachments.first)
    #expect(file.innerNames == ["a.txt", "发票.pdf"])
    for length in 0..<stream.count {
      #expect(MessageParser.parse(Array(head.utf8) + stream[..<length]).attachments.count == 1)
    }
  }

  @Test("a piece of a mail says which")
  func namesPieces() {
    let message = mail(
      "From: a@b.test", "Content-Type: message/partial; id=x; number=2; total=5", "", "the second piece")
    #expect(message.defects == [.partial(number: "2", total: "5")])
    #expect(message.attachments.count == 1)
  }
}

/// Made with openssl cms from a text part in Chinese and a key made for it.
enum Secured {
  /// Lengths left open, as programs write that do not know the end yet.
  static let streamed = """
    MIAGCSqGSIb3DQEHAqCAMIACAQExDTALBglghkgBZQMEAgEwgAYJKoZIhvcNAQcBoIAkgARpQ29u
    dGVudC1UeXBlOiB0ZXh0L3BsYWluOyBjaGFyc2V0PXV0Zi04DQpDb250ZW50LVRyYW5zZmVyLUVu
    Y29kaW5nOiA4Yml0DQoNCuiuouWNleS7gOS5iOaXtuWAmeWPkei0p++8nw0KAAAAAAAAMYIB1jCC
    AdICAQEwRzAvMQ8wDQYDVQQDDAZMaSBIdWExHDAaBgkqhkiG9w0BCQEWDWxpQGV4YW1wbGUuY24C
    FH4DwzJULPy7euOA3r8WbvEzV4HSMAsGCWCGSAFlAwQCAaCB5DAYBgkqhkiG9w0BCQMxCwYJKoZI
    hvcNAQcBMBwGCSqGSIb3DQEJBTEPFw0yNjExMjYyMjQzMTJaMC8GCSqGSIb3DQEJBDEiBCDFVqWh
    AsDlZuw5aiBFrjfhSwJ95ZgaPrGowbSVCFV8sjB5BgkqhkiG9w0BCQ8xbDBqMAsGCWCGSAFlAwQB
    KjALBglghkgBZQMEARYwCwYJYIZIAWUDBAECMAoGCCqGSIb3DQMHMA4GCCqGSIb3DQMCAgIAgDAN
    BggqhkiG9w0DAgIBQDAHBgUrDgMCBzANBggqhkiG9w0DAgIBKDANBgkqhkiG9w0BAQEFAASBgBsc
    UkbgdtYHw2YxqthRHyjTGpD9Nb/7NQLAmkZn5Wy6dT3OlIYaOy7Dcd+ffVcnXF3EOQ77gNUH1XqG
    6CWCNkyCFWL3XRfWAcyZx1KAePOyXmfzQLOa5OIY7gDzjZDljikF6XjcRvLsBq0yWsvYyPD2Ss1x
    k2k8NlEN0G+nxbK+AAAAAAAA
    """

  static let definite = """
    MIICeQYJKoZIhvcNAQcCoIICajCCAmYCAQExDTALBglghkgBZQMEAgEweAYJKoZIhvcNAQcBoGsE
    aUNvbnRlbnQtVHlwZTogdGV4dC9wbGFpbjsgY2hhcnNldD11dGYtOA0KQ29udGVudC1UcmFuc2Zl
    ci1FbmNvZGluZzogOGJpdA0KDQrorqLljZXku4DkuYjml7blgJnlj5HotKfvvJ8NCjGCAdYwggHS
    AgEBMEcwLzEPMA0GA1UEAwwGTGkgSHVhMRwwGgYJKoZIhvcNAQkBFg1saUBleGFtcGxlLmNuAhR+
    A8MyVCz8u3rjgN6/Fm7xM1eB0jALBglghkgBZQMEAgGggeQwGAYJKoZIhvcNAQkDMQsGCSqGSIb3
    DQEHATAcBgkqhkiG9w0BCQUxDxcNMjYxMTI2MjI0MzEyWjAvBgkqhkiG9w0BCQQxIgQgxValoQLA
    5WbsOWogRa434UsCfeWYGj6xqMG0lQhVfLIweQYJKoZIhvcNAQkPMWwwajALBglghkgBZQMEASow
    CwYJYIZIAWUDBAEWMAsGCWCGSAFlAwQBAjAKBggqhkiG9w0DBzAOBggqhkiG9w0DAgICAIAwDQYI
    KoZIhvcNAwICAUAwBwYFKw4DAgcwDQYIKoZIhvcNAwICASgwDQYJKoZIhvcNAQEBBQAEgYAbHFJG
    4HbWB8NmMarYUR8o0xqQ/TW/+zUCwJpGZ+VsunU9zpSGGjsuw3Hfn31XJ1xdxDkO+4DVB9V6hugl
    gjZMghVi910X1gHMmcdSgHjzsl5n80CzmuTiGO4A842Q5Y4pBel43Eby7AatMlrL2Mjw9krNcZNp
    PDZRDdBvp8Wyvg==
    """

  static let encrypted = """
    MIIBmQYJKoZIhvcNAQcDoIIBijCCAYYCAQAxgeEwgd4CAQAwRzAvMQ8wDQYDVQQDDAZMaSBIdWEx
    HDAaBgkqhkiG9w0BCQEWDWxpQGV4YW1wbGUuY24CFH4DwzJULPy7euOA3r8WbvEzV4HSMA0GCSqG
    SIb3DQEBAQUABIGAJvaVqM/rac213hGBdEg2D9eBQa+natKCYxQf4FOOtbz++bTOsZGyd79Q+EbD
    ZbmKW3D1II86qEinWRbuVnHdxgxh55OtzX0AiREZwhSfQI/Y4fcHj++c/aqyzz/wM+Dke7qlx0cV
    lk8CPyocU1STEVfez+SmGFlygeGOLT0fpL0wgZwGCSqGSIb3DQEHATAdBglghkgBZQMEAQIEEGJ/
    yl9M/tGxKmxrFCNvdPiAcFsSg8UkzMnt7WEz6bJEMdRUN4A0vBVQ3zksi2fICCklvzGk8xIEU3c9
    iBKFXD2vf2R1iTpptLMNE0x/huXy4BAtcFS4g81fDXV/BkhY8JblIQ/V78ySZG5gvMQDXspvDYXo
    14NBJNZqyjtL+sfeoTw=
    """

  /// The outer layers around `content`, without a signer.
  static func signed(_ content: [UInt8]) -> [UInt8] {
    func value(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
      [tag, 0x82, UInt8(content.count >> 8), UInt8(content.count & 0xFF)] + content
    }
    let family: [UInt8] = [0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07]
    let encapsulated = value(0x30, family + [1] + value(0xA0, value(0x04, content)))
    let signedData = value(0x30, [0x02, 1, 1] + value(0x31, []) + encapsulated)
    return value(0x30, family + [2] + value(0xA0, signedData))
  }
}
