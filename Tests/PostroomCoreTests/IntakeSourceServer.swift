import Foundation
import Glibc
import IMAPClient
import Synchronization

@testable import PostroomCore

/// A small IMAP server on a thread of this process, with folders that a test fills and faults that it orders.
final class MailServer: @unchecked Sendable {
  struct Folder {
    var mails: [(uid: Int, bytes: [UInt8])] = []
    var uidValidity = 7
    var uidNext = 1

    init(_ letters: [Letter] = []) { for letter in letters { add(letter) } }

    mutating func add(_ letter: Letter) {
      mails.append((uidNext, letter.bytes))
      uidNext += 1
    }
  }

  struct State {
    var folders = ["INBOX": Folder()]
    /// UIDs whose contents are answered by NO.
    var refused: Set<Int> = []
    /// UIDs that are left out where many are asked for.
    var omitted: Set<Int> = []
    /// Commands that begin so end the connection, once each.
    var cuts: [String] = []
    /// Runs before a command is carried out; what it gives back goes before the answer.
    var before: @Sendable (inout State, String) -> String = { _, _ in "" }
    /// Which access tokens it takes.
    var takesToken: @Sendable (String) -> Bool = { _ in true }
    var seen: Set<Int> = []
    var commands: [String] = []
    var connections = 0

    var inbox: Folder {
      get { folders["INBOX"] ?? Folder() }
      set { folders["INBOX"] = newValue }
    }
  }

  let port: Int
  private let listener: CInt
  private let state: Mutex<State>

  init(_ letters: [Letter]) throws {
    var first = State()
    first.inbox = Folder(letters)
    state = Mutex(first)
    signal(SIGPIPE, SIG_IGN)
    let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    self.listener = listener
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(listener, address, length) == 0 && listen(listener, 5) == 0
          && getsockname(listener, address, &length) == 0
      }
    }
    guard bound else { throw POSIXError(.EADDRINUSE) }
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread.detachNewThread { [self] in
      while case let client = accept(listener, nil, nil), client >= 0 {
        change { $0.connections += 1 }
        Thread.detachNewThread { self.converse(client) }
      }
    }
  }

  func stop() { shutdown(listener, CInt(SHUT_RDWR)) }

  func change<Value>(_ body: (inout State) -> sending Value) -> sending Value { state.withLock(body) }
  var commands: [String] { state.withLock { $0.commands } }

  func source(
    _ after: IMAPSettings.AfterIntake = .keep, maxMailBytes: Int = 50 << 20,
    secret: MailSecret = .stored(.passwordFile(SecretFixture.file("secret"))), tokens: AccessTokens = AccessTokens()
  ) -> IMAPSource {
    return IMAPSource(
      IMAPSettings(
        host: "127.0.0.1", port: port, security: .plain, user: "u",
        secret: secret, folder: "INBOX", caFile: nil, proxy: nil, afterIntake: after, maxMailBytes: maxMailBytes),
      tokens: tokens)
  }

  // MARK: The dialogue

  private func converse(_ client: CInt) {
    defer { close(client) }
    var selected: String?
    var buffer: [UInt8] = []
    var idleTag = ""
    send(client, "* OK ready\r\n")
    while let line = readLine(client, &buffer) {
      let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
      let (tag, command) = line == "DONE" ? (idleTag, line) : (parts[0], parts.count > 1 ? parts[1] : "")
      let answer: String? = state.withLock { state in
        state.commands.append(command)
        let before = state.before
        let first = before(&state, command)
        if let cut = state.cuts.firstIndex(where: command.hasPrefix) {
          state.cuts.remove(at: cut)
          return nil
        }
        if command == "IDLE" {
          idleTag = tag
          return first + "+ idling\r\n"
        }
        return first + Self.answer(command, &state, &selected).replacing("TAG", with: tag)
      }
      guard let answer, send(client, answer), command != "LOGOUT" else { return }
    }
  }

  private static func answer(_ command: String, _ state: inout State, _ selected: inout String?) -> String {
    let words = command.split(separator: " ").map(String.init)
    if command == "CAPABILITY" {
      return "* CAPABILITY IMAP4rev1 IDLE SASL-IR AUTH=PLAIN AUTH=XOAUTH2 MOVE\r\nTAG OK done\r\n"
    }
    if words.starts(with: ["AUTHENTICATE", "XOAUTH2"]) {
      return state.takesToken(bearer(words[2])) ? "TAG OK done\r\n" : "TAG NO [AUTHENTICATIONFAILED] no such token\r\n"
    }
    if words[0] == "SELECT" {
      let name = command.dropFirst(7).filter { $0 != "\"" }
      guard let folder = state.folders[name] else {
        selected = nil
        return "TAG NO no such folder\r\n"
      }
      selected = name
      return "* \(folder.mails.count) EXISTS\r\n* OK [UIDVALIDITY \(folder.uidValidity)] x\r\n"
        + "* OK [UIDNEXT \(folder.uidNext)] x\r\nTAG OK [READ-WRITE] done\r\n"
    }
    guard let name = selected, let folder = state.folders[name] else { return "TAG OK done\r\n" }
    switch words.prefix(2).joined(separator: " ") {
    case "UID STORE":
      for mail in folder.mails where contains(words[2], mail.uid, folder) { state.seen.insert(mail.uid) }
      return "TAG OK done\r\n"
    case "UID MOVE":
      let target = words[3].filter { $0 != "\"" }
      guard state.folders[target] != nil else { return "TAG NO [TRYCREATE] no such folder\r\n" }
      var expunged = ""
      for (index, mail) in folder.mails.enumerated().reversed() where contains(words[2], mail.uid, folder) {
        state.folders[target]?.mails.append(mail)
        state.folders[name]?.mails.remove(at: index)
        expunged += "* \(index + 1) EXPUNGE\r\n"
      }
      return expunged + "TAG OK done\r\n"
    case "NOOP": return "* \(folder.mails.count) EXISTS\r\nTAG OK done\r\n"
    default:
      guard let fetch = words.firstIndex(of: "FETCH") else { return "TAG OK done\r\n" }
      return answer(fetch: command, set: words[fetch + 1], isUID: fetch == 1, folder, state)
    }
  }

  /// The token within an initial response of XOAUTH2.
  private static func bearer(_ response: String) -> String {
    let text = String(decoding: Data(base64Encoded: response) ?? Data(), as: UTF8.self)
    return String(text.split(separator: "Bearer ").last?.prefix { $0 != "\u{1}" } ?? "")
  }

  private static func answer(
    fetch command: String, set: String, isUID: Bool, _ folder: Folder, _ state: State
  ) -> String {
    var text = ""
    let wantsBody = command.contains("BODY")
    for (index, mail) in folder.mails.enumerated() where contains(set, isUID ? mail.uid : index + 1, folder, isUID) {
      guard wantsBody else {
        text += "* \(index + 1) FETCH (UID \(mail.uid) RFC822.SIZE \(mail.bytes.count) "
        text += "INTERNALDATE \"23-Nov-2026 10:00:00 +0800\")\r\n"
        continue
      }
      if state.refused.contains(mail.uid) { return text + "TAG NO [SERVERBUG] internal error\r\n" }
      if state.omitted.contains(mail.uid), set.contains(where: { ":,".contains($0) }) { continue }
      let range = command.split(separator: "<").dropFirst().first?.prefix { $0 != ">" }
      let numbers = range?.split(separator: ".").compactMap { Int($0) } ?? []
      let part = numbers.isEmpty ? mail.bytes[...] : mail.bytes.dropFirst(numbers[0]).prefix(numbers[1])
      text +=
        "* \(index + 1) FETCH (UID \(mail.uid) BODY[]\(numbers.isEmpty ? "" : "<\(numbers[0])>") {\(part.count)}\r\n"
      text += String(decoding: part, as: UTF8.self) + ")\r\n"
    }
    return text + "TAG OK done\r\n"
  }

  private static func contains(_ set: String, _ number: Int, _ folder: Folder, _ isUID: Bool = true) -> Bool {
    let last = isUID ? folder.mails.last?.uid ?? 0 : folder.mails.count
    return set.split(separator: ",").contains { range in
      let ends = range.split(separator: ":").map { $0 == "*" ? last : Int($0) ?? 0 }
      return (min(ends[0], ends[ends.count - 1])...max(ends[0], ends[ends.count - 1])).contains(number)
    }
  }

  // MARK: The socket

  private func readLine(_ client: CInt, _ buffer: inout [UInt8]) -> String? {
    while true {
      if let end = buffer.firstIndex(of: 10) {
        let line = String(decoding: buffer[..<end].filter { $0 != 13 }, as: UTF8.self)
        buffer.removeFirst(end + 1)
        return line
      }
      var piece = [UInt8](repeating: 0, count: 4096)
      let count = recv(client, &piece, piece.count, 0)
      guard count > 0 else { return nil }
      buffer += piece[..<count]
    }
  }

  @discardableResult
  private func send(_ client: CInt, _ text: String) -> Bool {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(client, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
