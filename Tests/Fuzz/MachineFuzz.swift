// Feeds any bytes to the parser and to everything that looks for machines in a mail. Not part of the package; built with
//   swiftc -O -parse-as-library -sanitize=fuzzer,address -package-name postroom \
//     Sources/MailFormat/*.swift Sources/MailFormat/Machine/*.swift Tests/Fuzz/MachineFuzz.swift -o machine-fuzz

/// One input of libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMachineMail(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  withinASecond { read(UnsafeBufferPointer(start: start, count: count)) }
}

private func read(_ bytes: UnsafeBufferPointer<UInt8>) {
  let message = MessageParser.parse(Array(bytes))
  let finding = MailKind.find(
    in: message, ownLoopHeader: ("X-Postroom-Loop", "token"), ownAddresses: ["desk@own.test"])
  precondition(!finding.evidence.isEmpty)
  let report = BounceReport(message)
  if let report {
    precondition(!report.entries.isEmpty && report.entries.count <= 1_000)
    precondition(report.statuses.allSatisfy { $0.utf8.count <= 9 })
    precondition(report.entries.allSatisfy { ($0.diagnostic ?? "").utf8.count <= 1_010 })
  }
  precondition(finding.kind != .bounce || report?.isFailure == true)
  _ = MailKind.suppressesAutoReply(message)
}
